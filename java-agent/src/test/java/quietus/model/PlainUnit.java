// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import quietus.systemd.SystemdException;

/**
 * The types of units that have no processes of their own here: targets, slices, mounts, automounts,
 * swaps, devices, scopes.
 */
final class PlainUnit extends ModelUnit {
  PlainUnit(Machine machine, String id) {
    super(machine, id);
  }

  @Override
  Outcome startNow() {
    switch (type()) {
      case DEVICE -> {
        return Outcome.GOING; // it is up when the kernel says so
      }
      case SCOPE -> {
        if (inactiveEnter > 0) {
          return Outcome.ONCE;
        }
      }
      default -> {}
    }
    if (type() == quietus.unit.UnitType.AUTOMOUNT) {
      ModelUnit mount = deps(Dep.TRIGGERS).stream().findFirst().orElse(null);
      if (mount == null || !mount.isLoaded()) {
        machine.history.add(id(), History.Kind.REFUSED, "unit to trigger not loaded");
        return Outcome.FAILED;
      }
    }
    if (type().activates() && !isBelowStartLimit()) {
      result = "start-limit-hit";
      set(Active.FAILED, "failed");
      return Outcome.FAILED;
    }
    begin("");
    result = "success";
    set(Active.ACTIVE, up());
    return Outcome.GOING;
  }

  private String up() {
    return switch (type()) {
      case MOUNT -> "mounted";
      case AUTOMOUNT ->
          deps(Dep.TRIGGERS).stream().anyMatch(m -> m.active().isUp()) ? "running" : "waiting";
      case SCOPE -> "running";
      case DEVICE -> "plugged";
      default -> "active";
    };
  }

  @Override
  Outcome stopNow() {
    if (type() == quietus.unit.UnitType.DEVICE) {
      return Outcome.SKIPPED;
    }
    end();
    set(Active.INACTIVE, "dead");
    return Outcome.GOING;
  }

  /**
   * A process accesses an automount's directory. @return false when there is no automount to start
   * anything
   */
  boolean access() {
    if (!sub().equals("waiting") || isStopPending()) {
      return false;
    }
    ModelUnit mount = deps(Dep.TRIGGERS).iterator().next();
    try {
      machine.jobs.add(JobType.START, mount, JobMode.REPLACE);
      set(Active.ACTIVE, "running");
      return true;
    } catch (SystemdException e) {
      return false;
    }
  }

  @Override
  void triggered(ModelUnit other) {
    if (type() == quietus.unit.UnitType.AUTOMOUNT && active().isUp() && other.job == null) {
      set(Active.ACTIVE, other.active().isDown() ? "waiting" : "running");
    }
  }

  /** The kernel found or lost a device. */
  void plug(boolean isThere) {
    if (isThere) {
      begin("kernel");
      set(Active.ACTIVE, "plugged");
    } else {
      set(Active.INACTIVE, "dead");
    }
  }
}
