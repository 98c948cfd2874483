// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.UnitType;

/**
 * A unit in systemd's memory: its configuration, its state, its job. The subclasses are the types
 * of units.
 */
abstract class ModelUnit {
  final Machine machine;
  private final String id;
  UnitConfig config;
  Job job;
  boolean isTransient;
  boolean startLimitHit;
  long inactiveEnter;
  long inactiveExit;
  long activeEnter;

  /** How often systemd started it again by itself. */
  long restarts;

  /** Why it failed; {@code success} when it did not. */
  String result = "success";

  private Active active = Active.INACTIVE;
  private String sub = "dead";
  private RateLimit startLimit = new RateLimit(0, 0);

  /** Guards against being started by upholders or stopped for BindsTo= in a loop. */
  final RateLimit autoLimit = new RateLimit(10_000_000, 16);

  private final Map<Dep, Set<ModelUnit>> deps = new EnumMap<>(Dep.class);

  ModelUnit(Machine machine, String id) {
    this.machine = machine;
    this.id = id;
  }

  static ModelUnit create(Machine machine, String id) {
    return switch (UnitType.of(id).orElseThrow()) {
      case SERVICE -> new ServiceUnit(machine, id);
      case SOCKET -> new SocketUnit(machine, id);
      case TIMER -> new TimerUnit(machine, id);
      case PATH -> new PathUnit(machine, id);
      default -> new PlainUnit(machine, id);
    };
  }

  final String id() {
    return id;
  }

  final UnitType type() {
    return UnitType.of(id).orElseThrow();
  }

  final Active active() {
    return active;
  }

  final String sub() {
    return sub;
  }

  final boolean isLoaded() {
    return config.load().equals("loaded");
  }

  final boolean isPerpetual() {
    return UnitConfig.isPerpetual(id);
  }

  final UnitText text() {
    return config.text();
  }

  /** Called when its configuration was read, the first time and at each reload. */
  void configured() {
    startLimit =
        new RateLimit(
            text().span("Unit", "StartLimitIntervalSec", 10_000_000),
            Integer.parseInt(text().last("Unit", "StartLimitBurst", "5")));
  }

  final Set<ModelUnit> deps(Dep dep) {
    return deps.computeIfAbsent(dep, d -> new LinkedHashSet<>());
  }

  /** The units in any of some dependencies, as they are now: the caller may change them. */
  final Collection<ModelUnit> deps(Set<Dep> kinds) {
    Set<ModelUnit> all = new LinkedHashSet<>();
    for (Dep kind : kinds) {
      all.addAll(deps.getOrDefault(kind, Set.of()));
    }
    return machine.shuffled(all);
  }

  final boolean has(Dep dep, ModelUnit other) {
    return deps.getOrDefault(dep, Set.of()).contains(other);
  }

  final void forgetDeps() {
    deps.forEach(
        (dep, others) ->
            others.forEach(
                o -> o.deps.getOrDefault(dep.inverse(), new LinkedHashSet<>()).remove(this)));
    deps.clear();
  }

  final boolean isStopPending() {
    return job != null && job.type == JobType.STOP;
  }

  final boolean isUpOrPending() {
    return active.isUpOrRising()
        || job != null && (job.type == JobType.START || job.type == JobType.RESTART);
  }

  /** Changes the state and notifies the other units. */
  final void set(Active newActive, String newSub) {
    set(newActive, newSub, false);
  }

  final void set(Active newActive, String newSub, boolean willRestart) {
    Active old = active;
    boolean wasSame = old == newActive && sub.equals(newSub);
    active = newActive;
    sub = newSub;
    long now = machine.timeline.now();
    if (old.isDown() && !newActive.isDown()) {
      inactiveExit = now;
    } else if (!old.isDown() && newActive.isDown()) {
      inactiveEnter = now;
    }
    if (!old.isUp() && newActive.isUp()) {
      activeEnter = now;
    }
    if (old != newActive) {
      if (newActive.isUp() && !old.isUp()) {
        machine.history.add(id, History.Kind.UP, newSub);
      } else if (newActive.isDown() && (!old.isDown() || newActive == Active.FAILED)) {
        machine.history.add(
            id,
            newActive == Active.FAILED ? History.Kind.FAILED : History.Kind.DOWN,
            newActive == Active.FAILED ? result : newSub);
      }
    }
    if (!wasSame) {
      machine.changed(this);
    }
    machine.propagation.notify(this, old, newActive, willRestart);
  }

  /** Sets a state without notifying anybody, as when the machine boots. */
  final void reset(Active newActive, String newSub) {
    active = newActive;
    sub = newSub;
  }

  /** Asks it to start (src/core/unit.c, unit_start). */
  final Outcome start() {
    if (active.isUp()) {
      return Outcome.ALREADY;
    }
    if (!isLoaded()) {
      return refused(Outcome.FAILED, "load state " + config.load());
    }
    if (active != Active.ACTIVATING) {
      if (!Checks.hold("Condition", text())) {
        return refused(Outcome.CONDITION, "condition");
      }
      if (!Checks.hold("Assert", text())) {
        return refused(Outcome.ASSERT, "assertion");
      }
    }
    for (ModelUnit other : deps(Dep.BINDS_TO)) {
      if (has(Dep.AFTER, other) && !other.active.isUp()) {
        return refused(Outcome.DEPENDENCY, "bound to " + other.id + ", which is not active");
      }
    }
    return startNow();
  }

  private Outcome refused(Outcome outcome, String why) {
    machine.history.add(id, History.Kind.REFUSED, why);
    return outcome;
  }

  /** Asks it to stop. */
  final Outcome stop() {
    if (active.isDown()) {
      return Outcome.ALREADY;
    }
    return stopNow();
  }

  /** Counts a start; false when there were too many. */
  final boolean isBelowStartLimit() {
    if (startLimit.below(machine.timeline.now())) {
      startLimitHit = false;
      return true;
    }
    startLimitHit = true;
    machine.history.add(id, History.Kind.REFUSED, "start limit");
    return false;
  }

  /** Records that it begins to start. */
  final void begin(String why) {
    machine.history.add(id, History.Kind.START, why);
  }

  /** Records that it begins to stop. */
  final void end() {
    machine.history.add(
        id, isLoaded() ? History.Kind.STOPPING : History.Kind.STOPPING_UNGRACEFULLY, config.load());
  }

  abstract Outcome startNow();

  abstract Outcome stopNow();

  /** A unit that this one triggers changed its state or lost its job. */
  void triggered(ModelUnit other) {}

  /**
   * Called after a reload or a change of its dependencies, when it may have to check its conditions
   * again.
   */
  void coldplug() {}

  /** The host is switched off: it has no process and no state any more. */
  void powerOff() {}

  /** Its sub-state when it is down and did not fail. */
  String deadState() {
    return "dead";
  }

  void resetFailed() {
    if (active == Active.FAILED) {
      set(Active.INACTIVE, deadState());
    }
    result = "success";
    startLimit.reset();
    startLimitHit = false;
  }

  /** True when nothing but references keeps it in memory. */
  boolean mayBeCollected() {
    boolean isDone =
        active == Active.INACTIVE
            || active == Active.FAILED
                && text().last("Unit", "CollectMode", "inactive").equals("inactive-or-failed");
    return isDone && job == null && !isPerpetual();
  }

  final List<String> names() {
    return List.copyOf(config.names());
  }

  @Override
  public String toString() {
    return id + " " + active + "/" + sub + (job == null ? "" : " job " + job);
  }
}
