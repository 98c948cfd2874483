// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;
import quietus.hold.Until;

/**
 * The directories of the files that Quietus reads and writes.
 *
 * @param root nothing above this is checked or touched; {@code /} except in tests
 * @param persistent the control directory that outlives a boot, such as /etc/systemd/system.control
 * @param runtime the control directory that a boot empties, such as /run/systemd/system.control
 * @param home our own directory that outlives a boot, such as /etc/quietus
 * @param run our own directory that a boot empties, such as /run/quietus
 * @param persistentUnits where an administrator keeps units, such as /etc/systemd/system
 * @param runtimeUnits the same for units that a boot takes away, such as /run/systemd/system
 * @param data our own directory for what is large, such as /var/lib/quietus
 */
public record Layout(
    Path root,
    Path persistent,
    Path runtime,
    Path home,
    Path run,
    Path persistentUnits,
    Path runtimeUnits,
    Path data) {
  /** PID 1's. */
  public static Layout system(Path root) {
    return new Layout(
        root,
        root.resolve("etc/systemd/system.control"),
        root.resolve("run/systemd/system.control"),
        root.resolve("etc/quietus"),
        root.resolve("run/quietus"),
        root.resolve("etc/systemd/system"),
        root.resolve("run/systemd/system"),
        root.resolve("var/lib/quietus"));
  }

  /** The calling user's manager's (systemd.unit(5), table 2). */
  public static Layout user() {
    Path root = Path.of("/");
    Path config = directory("XDG_CONFIG_HOME", Path.of(System.getProperty("user.home"), ".config"));
    Path runtime =
        directory(
            "XDG_RUNTIME_DIR", Path.of("/run/user").resolve(Integer.toString(PathTrust.ownUid())));
    return new Layout(
        root,
        config.resolve("systemd/user.control"),
        runtime.resolve("systemd/user.control"),
        config.resolve("quietus"),
        runtime.resolve("quietus"),
        config.resolve("systemd/user"),
        runtime.resolve("systemd/user"),
        directory("XDG_STATE_HOME", Path.of(System.getProperty("user.home"), ".local/state"))
            .resolve("quietus"));
  }

  private static Path directory(String variable, Path otherwise) {
    String value = System.getenv(variable);
    return value == null || !value.startsWith("/") ? otherwise : Path.of(value);
  }

  /** The directory, high in systemd's order, that takes gates and masks. */
  Path control(Until until) {
    return until == Until.RELEASED ? persistent : runtime;
  }

  private Path own(Until until) {
    return until == Until.RELEASED ? home : run;
  }

  /** The file whose existence closes the gates of a family. */
  public Path held(Until until, String subject) {
    return own(until).resolve("holds").resolve(subject);
  }

  /** The name that the same file has while the family is released. */
  public Path releasing(Until until, String subject) {
    return own(until).resolve("releasing").resolve(subject);
  }

  Path units(Until until) {
    return until == Until.RELEASED ? persistentUnits : runtimeUnits;
  }

  Path state(Until until) {
    return until == Until.RELEASED ? data : run.resolve("lease");
  }

  Path lock() {
    return run.resolve("lock");
  }
}
