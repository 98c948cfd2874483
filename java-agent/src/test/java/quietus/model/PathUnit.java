// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import quietus.systemd.SystemdException;

/**
 * A path watcher (systemd.path(5); src/core/path.c). It sees what {@link Outside#touch} changes,
 * and what is there when it looks.
 */
final class PathUnit extends ModelUnit {
  private static final List<String> STATES =
      List.of("PathExists", "PathExistsGlob", "DirectoryNotEmpty");
  private static final List<String> CHANGES = List.of("PathChanged", "PathModified");

  private RateLimit triggerLimit = new RateLimit(0, 0);
  private Timeline.Due look;

  PathUnit(Machine machine, String id) {
    super(machine, id);
  }

  @Override
  void configured() {
    super.configured();
    // before 250 there was no such limit
    triggerLimit =
        machine.version < 250
            ? new RateLimit(0, 0)
            : new RateLimit(
                text().span("Path", "TriggerLimitIntervalSec", 2_000_000),
                Integer.parseInt(text().last("Path", "TriggerLimitBurst", "200")));
  }

  private ModelUnit target() {
    return deps(Dep.TRIGGERS).stream().findFirst().orElse(null);
  }

  @Override
  Outcome startNow() {
    ModelUnit target = target();
    if (target == null || !target.isLoaded()) {
      machine.history.add(id(), History.Kind.REFUSED, "unit to trigger not loaded");
      return Outcome.FAILED;
    }
    if (!isBelowStartLimit()) {
      dead("start-limit-hit");
      return Outcome.FAILED;
    }
    begin("");
    result = "success";
    makeDirectories();
    await();
    return Outcome.GOING;
  }

  private void makeDirectories() {
    if (text().isTrue("Path", "MakeDirectory", false)) {
      try {
        for (String dir : text().lines("Path", "DirectoryNotEmpty")) {
          Files.createDirectories(Path.of(dir));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  Outcome stopNow() {
    end();
    dead("success");
    return Outcome.GOING;
  }

  private void dead(String why) {
    Timeline.cancel(look);
    if (result.equals("success")) {
      result = why;
    }
    boolean isFailed = !result.equals("success");
    set(isFailed ? Active.FAILED : Active.INACTIVE, isFailed ? "failed" : "dead");
  }

  private void await() {
    ModelUnit target = target();
    if (target != null && !target.active().isDown()) {
      set(Active.ACTIVE, "running");
    } else if (isGood()) {
      fire();
    } else {
      set(Active.ACTIVE, "waiting");
    }
  }

  private boolean isGood() {
    for (String key : STATES) {
      for (String value : text().lines("Path", key)) {
        if (switch (key) {
          case "PathExists" -> Files.exists(Path.of(value));
          case "PathExistsGlob" -> matches(Path.of(value));
          default -> Checks.isNotEmpty(Path.of(value));
        }) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean matches(Path glob) {
    if (!Files.isDirectory(glob.getParent())) {
      return false;
    }
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(glob.getParent(), glob.getFileName().toString())) {
      return found.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fire() {
    if (isStopPending()) {
      return;
    }
    if (!triggerLimit.below(machine.timeline.now())) {
      dead("trigger-limit-hit");
      return;
    }
    try {
      ModelUnit target = target();
      if (target == null) {
        dead("resources");
        return;
      }
      machine.jobs.add(JobType.START, target, JobMode.REPLACE);
    } catch (SystemdException e) {
      dead("resources");
      return;
    }
    set(Active.ACTIVE, "running");
  }

  /** A file was made or changed. */
  void touched(Path path) {
    if (!sub().equals("waiting")) {
      return;
    }
    for (String key : CHANGES) {
      for (String value : text().lines("Path", key)) {
        if (path.equals(Path.of(value)) || path.getParent().equals(Path.of(value))) {
          fire();
          return;
        }
      }
    }
    await();
  }

  @Override
  void triggered(ModelUnit other) {
    if (!sub().equals("waiting") && !sub().equals("running")) {
      return;
    }
    if (other.startLimitHit) {
      dead("unit-start-limit-hit");
      return;
    }
    if (other.job == null && sub().equals("running") == other.active().isDown()) {
      Timeline.cancel(look);
      look =
          machine.timeline.in(
              0,
              () -> {
                if (sub().equals("waiting") || sub().equals("running")) {
                  await();
                }
              });
    }
  }

  @Override
  void coldplug() {
    if (sub().equals("waiting") || sub().equals("running")) {
      // when it comes before its service in systemd's table, it takes that for down and requests it
      // once more, with all that the service requires
      boolean isOverlooked = machine.happens(2);
      machine.timeline.in(
          0,
          () -> {
            if (isOverlooked && isGood()) {
              fire();
            } else if (sub().equals("waiting") || sub().equals("running")) {
              await();
            }
          });
    }
  }

  @Override
  void powerOff() {
    Timeline.cancel(look);
  }
}
