// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import quietus.unit.State;

/** A root directory with unit files and a booted model on it: what most tests begin with. */
final class Scene {
  static final String SIMPLE = "[Service]\nExecStart=/bin/sleep infinity\n";

  final Path root;
  private final Outside files;
  ModelSystemd systemd;

  Scene() {
    try {
      this.root = Files.createTempDirectory("quietus-model");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.files = new Outside(new Machine(root, 252));
  }

  /** Writes a unit file in /etc, or elsewhere when the name has a slash. */
  Scene unit(String name, String text) {
    files.write(name.contains("/") ? name : "etc/systemd/system/" + name, text);
    return this;
  }

  /** Enables a unit for a target by a link in /etc. */
  Scene wanted(String unit, String target) {
    files.link("etc/systemd/system/" + target + ".wants/" + unit, "../" + unit);
    return this;
  }

  Scene link(String path, String target) {
    files.link(path, target);
    return this;
  }

  Scene boot(int version) {
    systemd = ModelSystemd.boot(root, version);
    return this;
  }

  /** The path of a gate's hold file. */
  Path hold() {
    return root.resolve("etc/quietus/holds/test");
  }

  /** Writes the gate of a unit (or a template), without reloading. */
  Scene gate(String unit) {
    files.write(
        "etc/systemd/system.control/" + unit + ".d/zz-quietus-test.conf",
        "[Unit]\nAssertPathExists=!" + hold() + "\n");
    return this;
  }

  /** Creates the hold file: the gates close. */
  Scene shut() {
    files.write("etc/quietus/holds/test", "{}");
    return this;
  }

  Scene mask(String unit) {
    return link("etc/systemd/system.control/" + unit, "/dev/null");
  }

  Scene delete(String path) {
    Processes.delete(root.resolve(path));
    return this;
  }

  /** Stops units and waits. @return the jobs' results in their order */
  List<String> stop(String... units) {
    return results(systemd.stop(List.of(units)).values());
  }

  /**
   * Starts a unit as systemctl does and waits. @return the job's result, {@code refused} when there
   * was no job
   */
  String start(String unit) {
    try {
      List<String> results = results(systemd.start(List.of(unit)).values());
      return results.isEmpty() ? "waiting" : results.get(0);
    } catch (quietus.systemd.SystemdException e) {
      return "refused";
    }
  }

  List<String> results(java.util.Collection<Long> jobs) {
    return List.copyOf(systemd.await(jobs, Duration.ofSeconds(100)).values());
  }

  void pass(double seconds) {
    systemd.pass(Duration.ofNanos((long) (seconds * 1e9)));
  }

  State state(String unit) {
    return systemd.peek(unit);
  }

  /** ActiveState/SubState. */
  String is(String unit) {
    return state(unit).active() + "/" + state(unit).sub();
  }

  int starts(String unit) {
    return systemd.history().starts(unit);
  }

  /** Deletes everything. */
  void clean() {
    Processes.delete(root);
  }
}
