// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a unit's change of state does to its job and to other units (src/core/unit.c, unit_notify
 * and the queues that it fills).
 */
final class Propagation {
  private final Machine machine;
  private final Set<ModelUnit> upheld = new LinkedHashSet<>();
  private final Set<ModelUnit> bound = new LinkedHashSet<>();
  private final Set<ModelUnit> unneeded = new LinkedHashSet<>();
  private boolean silent;

  Propagation(Machine machine) {
    this.machine = machine;
  }

  /** While systemd reloads, states are set again and nothing follows from it. */
  void silent(boolean isSilent) {
    silent = isSilent;
  }

  void notify(ModelUnit unit, Active old, Active now, boolean willRestart) {
    if (silent) {
      return;
    }
    boolean unexpected = unit.job == null || machine.jobs.process(unit.job, now);
    if (unexpected) {
      if (old.isDown() && now.isUpOrRising()) {
        startAlong(unit);
      } else if (old.isUpOrRising() && now.isDownOrFalling()) {
        for (ModelUnit other : unit.deps(Dep.RETROACTIVE_STOP_ON_STOP)) {
          if (!other.active().isDownOrFalling()) {
            machine.jobs.tryAdd(JobType.STOP, other, JobMode.REPLACE);
          }
        }
      }
    }
    if (now != old && now == Active.FAILED && !willRestart) {
      trigger(unit, Dep.ON_FAILURE);
    } else if (now == Active.INACTIVE && !old.isDown() && !willRestart) {
      trigger(unit, Dep.ON_SUCCESS);
    }
    tellTriggers(unit);
    if (now.isDown()) {
      unneeded.addAll(unit.deps(Dep.NEEDS));
      bound.addAll(unit.deps(Set.of(Dep.BOUND_BY)));
    } else if (now.isUp()) {
      upheld.addAll(unit.deps(Dep.UPHOLDS));
    }
    look(unit);
  }

  /**
   * Its state changed or a job of it ended: see again whether it is upheld, bound to something, or
   * needed by nobody.
   */
  void look(ModelUnit unit) {
    upheld.add(unit);
    bound.add(unit);
    unneeded.add(unit);
  }

  void tellTriggers(ModelUnit unit) {
    for (ModelUnit trigger : unit.deps(Set.of(Dep.TRIGGERED_BY))) {
      trigger.triggered(unit);
    }
  }

  private void startAlong(ModelUnit unit) {
    for (ModelUnit other : unit.deps(Dep.RETROACTIVE_START_REPLACE)) {
      if (!unit.has(Dep.AFTER, other) && !other.active().isUpOrRising()) {
        machine.jobs.tryAdd(JobType.START, other, JobMode.REPLACE);
      }
    }
    for (ModelUnit other : unit.deps(Dep.RETROACTIVE_START_FAIL)) {
      if (!unit.has(Dep.AFTER, other) && !other.active().isUpOrRising()) {
        machine.jobs.tryAdd(JobType.START, other, JobMode.FAIL);
      }
    }
    for (ModelUnit other : unit.deps(Dep.RETROACTIVE_STOP_ON_START)) {
      if (!other.active().isDownOrFalling()) {
        machine.jobs.tryAdd(JobType.STOP, other, JobMode.REPLACE);
      }
    }
  }

  /** Starts what OnFailure= or OnSuccess= names. */
  void trigger(ModelUnit unit, Dep dep) {
    for (ModelUnit other : unit.deps(Set.of(dep))) {
      machine.jobs.tryAdd(
          JobType.START, other, dep == Dep.ON_FAILURE ? JobMode.REPLACE : JobMode.FAIL);
    }
  }

  /**
   * Processes the queues, as systemd does before each iteration of its event loop. @return true
   * when there was something
   */
  boolean dispatch() {
    boolean worked = !upheld.isEmpty() || !bound.isEmpty() || !unneeded.isEmpty();
    while (!upheld.isEmpty()) {
      uphold(take(upheld));
    }
    while (!bound.isEmpty()) {
      stopIfBound(take(bound));
    }
    while (!unneeded.isEmpty()) {
      stopIfUnneeded(take(unneeded));
    }
    return worked;
  }

  private static ModelUnit take(Set<ModelUnit> queue) {
    ModelUnit first = queue.iterator().next();
    queue.remove(first);
    return first;
  }

  private void uphold(ModelUnit unit) {
    if (!unit.active().isDown()
        || unit.job != null
        || machine.units.get(unit.id()) != unit
        || unit.deps(Dep.UPHELD_BY).stream().noneMatch(o -> o.job == null && o.active().isUp())) {
      return;
    }
    if (!unit.autoLimit.below(machine.timeline.now())) {
      if (machine.version >= 251) {
        machine.timeline.in(
            unit.autoLimit.end() - machine.timeline.now() + 1, () -> upheld.add(unit));
      }
      return;
    }
    machine.jobs.tryAdd(JobType.START, unit, JobMode.FAIL);
  }

  private void stopIfBound(ModelUnit unit) {
    if (unit.job != null || unit.active() != Active.ACTIVE) {
      return;
    }
    for (ModelUnit other : unit.deps(Dep.BINDS_TO)) {
      if (other.job == null
          && other.active().isDown()
          && unit.autoLimit.below(machine.timeline.now())) {
        machine.jobs.tryAdd(JobType.STOP, unit, JobMode.FAIL);
        return;
      }
    }
  }

  private void stopIfUnneeded(ModelUnit unit) {
    if (unit.config == null
        || !unit.text().isTrue("Unit", "StopWhenUnneeded", false)
        || !unit.active().isUp()
        || unit.job != null) {
      return;
    }
    for (ModelUnit other : unit.deps(Dep.PINS_STOP_WHEN_UNNEEDED)) {
      if (other.job != null || !other.active().isDown()) {
        return;
      }
    }
    if (unit.autoLimit.below(machine.timeline.now())) {
      machine.jobs.tryAdd(JobType.STOP, unit, JobMode.FAIL);
    }
  }

  void clear() {
    upheld.clear();
    bound.clear();
    unneeded.clear();
  }
}
