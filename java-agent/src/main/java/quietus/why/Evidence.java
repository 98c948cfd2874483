// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Everything that was read to tell why one unit was started.
 *
 * @param unit the unit
 * @param others units that could have started it, and those whose jobs the journal shows around it
 * @param entries the journal around the start, the oldest first
 * @param complete whether the journal was readable and nothing of that time was left out
 * @param boot the boot
 * @param connects of a listening socket with a path in the file system: when the kernel last
 *     recorded a connection, 0 when there has been none; a socket that is absent tells nothing
 */
public record Evidence(
    Facts unit,
    Map<String, Facts> others,
    List<Entry> entries,
    boolean complete,
    Boot boot,
    Map<String, Long> connects) {
  public Evidence {
    Objects.requireNonNull(unit);
    others = Map.copyOf(others);
    entries = List.copyOf(entries);
    Objects.requireNonNull(boot);
    connects = Map.copyOf(connects);
  }

  /**
   * The boot of the machine.
   *
   * @param version systemd's major version
   * @param finished when it was done, 0 while it is not
   * @param target the unit that default.target stands for
   */
  public record Boot(int version, long finished, String target) {}

  /** True when the unit has a bus name on a bus whose daemon writes no line for an activation. */
  boolean brokerFor(String busName) {
    Facts daemon = others.get("dbus.service");
    return !busName.isEmpty() && daemon != null && daemon.id().startsWith("dbus-broker");
  }

  /** What is known of another unit. */
  Facts other(String name) {
    return others.get(name);
  }

  /** The entries about a unit, by any of its names. */
  List<Entry> about(Facts facts) {
    List<Entry> about = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.isManager() && facts.names().contains(entry.unit())) {
        about.add(entry);
      }
    }
    return about;
  }

  /** The job that started the unit, 0 when the journal does not show it. */
  long job() {
    for (Entry entry : about(unit)) {
      if (entry.isStart() && entry.at() >= unit.begin() && !entry.jobType().equals("restart")) {
        return entry.job();
      }
    }
    return 0;
  }

  /** True when the journal shows the job that started the unit. */
  public boolean hasJob() {
    return job() > 0;
  }

  /** True when the job that started the unit had stopped it before: a restart. */
  boolean isRestartJob() {
    long job = job();
    for (Entry entry : about(unit)) {
      if (job > 0 && entry.job() == job && entry.at() < unit.begin()) {
        return entry.jobType().equals("stop") || entry.jobType().equals("restart");
      }
    }
    return false;
  }

  /** True for a moment after the unit had gone down and before its start began. */
  boolean isBetween(long at) {
    return at > unit.wentDown() && at <= unit.begin();
  }
}
