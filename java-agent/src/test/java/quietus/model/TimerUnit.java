// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import quietus.systemd.SystemdException;

/**
 * A timer (systemd.timer(5); src/core/timer.c). Calendar events are modelled as a period; there is
 * no random delay.
 */
final class TimerUnit extends ModelUnit {
  private static final List<String> MONOTONIC =
      List.of("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec");

  private final Set<String> spent = new HashSet<>();
  private Timeline.Due due;
  private long lastTrigger;

  TimerUnit(Machine machine, String id) {
    super(machine, id);
  }

  boolean isPersistent() {
    return text().isTrue("Timer", "Persistent", false)
        && !text().lines("Timer", "OnCalendar").isEmpty();
  }

  /** True when it counts from an event of its own. */
  boolean isMonotonic() {
    return MONOTONIC.stream().anyMatch(k -> !text().lines("Timer", k).isEmpty());
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
    spent.clear();
    lastTrigger = isPersistent() ? stamp() : 0;
    await(true);
    return Outcome.GOING;
  }

  @Override
  Outcome stopNow() {
    end();
    dead("success");
    return Outcome.GOING;
  }

  private void dead(String why) {
    Timeline.cancel(due);
    if (result.equals("success")) {
      result = why;
    }
    boolean isFailed = !result.equals("success");
    set(isFailed ? Active.FAILED : Active.INACTIVE, isFailed ? "failed" : "dead");
  }

  private Path stampFile() {
    return machine.root.resolve("var/lib/systemd/timers/stamp-" + id());
  }

  /** When a persistent timer elapsed last, in virtual time. */
  private long stamp() {
    try {
      if (Files.exists(stampFile())) {
        return Long.parseLong(Files.readString(stampFile()));
      }
      writeStamp();
      return machine.timeline.now();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeStamp() {
    try {
      Files.createDirectories(stampFile().getParent());
      Files.writeString(stampFile(), Long.toString(machine.timeline.now()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the next moment, or is elapsed when there is none. */
  private void await(boolean isStart) {
    Timeline.cancel(due);
    ModelUnit target = target();
    if (target == null) {
      dead("resources");
      return;
    }
    long now = machine.timeline.now();
    long nearest = Long.MAX_VALUE;
    for (String value : text().lines("Timer", "OnCalendar")) {
      nearest =
          Math.min(
              nearest,
              calendar(value, lastTrigger > 0 ? lastTrigger : isStart ? now : inactiveExit));
    }
    for (String key : MONOTONIC) {
      for (String value : text().lines("Timer", key)) {
        nearest = Math.min(nearest, monotonic(key, value, target, isStart));
      }
    }
    if (nearest == Long.MAX_VALUE) {
      set(Active.ACTIVE, "elapsed");
      return;
    }
    due =
        machine.timeline.in(
            Math.max(0, nearest - now),
            () -> {
              if (sub().equals("waiting")) {
                fire();
              }
            });
    set(Active.ACTIVE, "waiting");
  }

  private long monotonic(String key, String value, ModelUnit target, boolean isStart) {
    if (spent.contains(key)) {
      return Long.MAX_VALUE;
    }
    boolean once = !key.startsWith("OnUnit");
    long base =
        switch (key) {
          case "OnActiveSec" -> isStart ? machine.timeline.now() : inactiveExit;
          case "OnBootSec", "OnStartupSec" -> machine.bootedAt;
          case "OnUnitActiveSec" -> Math.max(target.inactiveExit, lastTrigger);
          default -> Math.max(target.inactiveEnter, lastTrigger);
        };
    if (base <= 0) {
      return Long.MAX_VALUE;
    }
    long at = base + UnitText.span(value);
    if (once && lastTrigger > 0 && at < machine.timeline.now()) {
      spent.add(key);
      return Long.MAX_VALUE;
    }
    return at;
  }

  private static long calendar(String value, long after) {
    long period =
        switch (value) {
          case "minutely" -> 60_000_000L;
          case "hourly" -> 3_600_000_000L;
          case "weekly" -> 7 * 86_400_000_000L;
          default ->
              value.endsWith("*:*:*")
                  ? 1_000_000L
                  : value.matches(".*\\*:\\*:0/[0-9]+")
                      ? Long.parseLong(value.substring(value.lastIndexOf('/') + 1)) * 1_000_000L
                      : 86_400_000_000L;
        };
    return (after / period + 1) * period;
  }

  /** Starts what it is for. @return false when it does not */
  boolean fire() {
    if (!active().isUp() || isStopPending()) {
      return false;
    }
    try {
      ModelUnit target = target();
      if (target == null) {
        dead("resources");
        return false;
      }
      machine.jobs.add(JobType.START, target, JobMode.REPLACE);
    } catch (SystemdException e) {
      dead("resources");
      return false;
    }
    Timeline.cancel(due);
    lastTrigger = machine.timeline.now();
    if (isPersistent()) {
      writeStamp();
    }
    set(Active.ACTIVE, "running");
    return true;
  }

  @Override
  void triggered(ModelUnit other) {
    if (sub().equals("waiting")
        || sub().equals("elapsed")
        || sub().equals("running") && other.active().isDown()) {
      spent.removeIf(k -> k.startsWith("OnUnit"));
      await(false);
    }
  }

  @Override
  void coldplug() {
    if (sub().equals("waiting")) {
      await(false);
    }
  }

  @Override
  void powerOff() {
    Timeline.cancel(due);
  }
}
