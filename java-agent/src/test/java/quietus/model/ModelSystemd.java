// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import quietus.systemd.Systemd;
import quietus.systemd.SystemdException;
import quietus.unit.Ending;
import quietus.unit.State;
import quietus.unit.Unit;

/**
 * An in-memory systemd on real unit files below a root directory. Time is virtual: nothing sleeps,
 * each call of the port takes 1 ms, waiting moves the clock. Between its steps an {@link Adversary}
 * may act, and at any point the agent can be made to crash.
 */
public final class ModelSystemd implements Systemd {
  private static final int MOST_TURNS = 400;
  private static final long CALL = 1_000;

  private final Machine machine;
  private final Outside outside;
  private Adversary adversary = Adversary.NONE;
  private boolean isActing;
  private int points;
  private int crashAt = -1;
  private long seen;
  private int reloadsRefused;
  private long connectedAt;

  private ModelSystemd(Machine machine) {
    this.machine = machine;
    this.outside = new Outside(machine);
  }

  /**
   * A systemd of some version that is up: booted, default.target reached.
   *
   * @param root a directory in which unit files may lie already; what is below its {@code run} is
   *     deleted, as by any boot
   */
  public static ModelSystemd boot(Path root, int version) {
    ModelSystemd systemd = new ModelSystemd(new Machine(root, version));
    systemd.machine.boot();
    systemd.pass(Duration.ofSeconds(5));
    return systemd;
  }

  /** A new agent connects: the counters of a connection start at 0. */
  public void reconnect() {
    connectedAt = machine.history.mark();
    machine.jobs.forgetResults();
    seen = machine.lastChange();
  }

  /** Switches the host off and on again. */
  public void reboot() {
    machine.boot();
  }

  /** The rest of the host. */
  public Outside outside() {
    return outside;
  }

  /** All that happened to the units. */
  public History history() {
    return machine.history;
  }

  /** Sets who acts between the agent's steps. */
  public void adversary(Adversary who) {
    adversary = who;
  }

  /** Crash points that were passed so far. A run without a crash tells how many there are. */
  public int points() {
    return points;
  }

  /**
   * Makes the agent crash at the next point that has this number, counted from 1 over the life of
   * this object; -1 for never.
   */
  public void crashAt(int point) {
    crashAt = point;
  }

  /** The next reloads are refused for their rate, as systemd 253 and later may. */
  public void refuseReloads(int times) {
    reloadsRefused = times;
  }

  /**
   * Lets a random decide what systemd leaves to the order of its hash tables; null for always the
   * same, which is the default.
   */
  public void chance(java.util.Random random) {
    machine.chance(random);
  }

  /** True when a mask of a transient unit made PID 1 delete /dev/null. */
  public boolean hasDeletedDevNull() {
    return machine.deletedDevNull;
  }

  /** Virtual time since the model began, in microseconds. */
  public long now() {
    return machine.timeline.now();
  }

  /** Lets time pass, without the agent and without the adversary. */
  public void pass(Duration time) {
    runUntil(machine.timeline.now() + time.toNanos() / 1000, () -> false, false);
  }

  /** The state of every loaded unit, by primary name. Reading it changes nothing. */
  public Map<String, State> snapshot() {
    Map<String, State> all = new TreeMap<>();
    machine.units.all().forEach(u -> all.put(u.id(), state(u)));
    return all;
  }

  /** The state of one unit; one that is not loaded is not found. Reading it changes nothing. */
  public State peek(String name) {
    ModelUnit unit = machine.units.get(name);
    return unit == null ? State.NOT_FOUND : state(unit);
  }

  private void point(String moment) {
    if (isActing) {
      return;
    }
    points++;
    if (points == crashAt) {
      crashAt = -1;
      throw new Crash(points, moment);
    }
    act(moment);
    machine.settle(MOST_TURNS);
  }

  private void act(String moment) {
    if (isActing || adversary == Adversary.NONE) {
      return;
    }
    isActing = true;
    try {
      adversary.act(outside, moment);
    } finally {
      isActing = false;
    }
  }

  private void begin(String call) {
    point("before " + call);
    machine.timeline.pass(CALL);
    machine.settle(MOST_TURNS);
  }

  private void finish(String call) {
    point("after " + call);
  }

  /** Runs the event loop until something holds or a moment has come. @return true when it holds */
  private boolean runUntil(
      long deadline, java.util.function.BooleanSupplier holds, boolean withAdversary) {
    while (true) {
      if (holds.getAsBoolean()) {
        return true;
      }
      if (machine.timeline.now() >= deadline) {
        return false;
      }
      if (withAdversary && adversary != Adversary.NONE) {
        act("while waiting");
        machine.timeline.pass(CALL);
      }
      if (!machine.turn()) {
        machine.timeline.advanceTo(Math.min(deadline, machine.timeline.next()));
      }
    }
  }

  @Override
  public int version() {
    return machine.version;
  }

  @Override
  public List<Path> unitPath() {
    return UnitPath.directories(machine.root);
  }

  @Override
  public Map<String, Unit> load(Collection<String> names) {
    begin("load");
    Map<String, Unit> units =
        machine.units.answer(
            names,
            (name, unit) ->
                unit.config.load().equals("not-found")
                        && unit.active() == Active.INACTIVE
                        && unit.job == null
                    ? Unit.notFound(name)
                    : Describe.unit(machine, unit));
    seen = machine.lastChange();
    finish("load");
    return units;
  }

  @Override
  public Map<String, State> states(Collection<String> names) {
    begin("states");
    Map<String, State> states = machine.units.answer(names, (name, unit) -> state(unit));
    seen = machine.lastChange();
    finish("states");
    return states;
  }

  @Override
  public Map<String, State> loaded(String... patterns) {
    begin("loaded");
    Map<String, State> found = new TreeMap<>();
    for (String pattern : patterns) {
      Pattern glob = Pattern.compile(Describe.glob(pattern));
      machine.units.all().stream()
          .filter(u -> glob.matcher(u.id()).matches())
          .forEach(u -> found.put(u.id(), state(u)));
    }
    finish("loaded");
    return found;
  }

  @Override
  public Map<String, Ending> endings(Collection<String> names) {
    begin("endings");
    Map<String, Ending> endings =
        machine.units.answer(names, (name, unit) -> new Ending(unit.result, 0, 0, unit.restarts));
    finish("endings");
    return endings;
  }

  private static State state(ModelUnit unit) {
    return new State(
        unit.config.load(),
        unit.active().text(),
        unit.sub(),
        unit.job == null ? 0 : unit.job.id,
        unit.job == null
            ? ""
            : unit.job.type.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
  }

  @Override
  public void reload() {
    begin("reload");
    if (reloadsRefused > 0) {
      reloadsRefused--;
      throw new SystemdException(
          "org.freedesktop.DBus.Error.LimitsExceeded",
          "Reload() request rejected due to rate limiting.");
    }
    machine.timeline.pass(5 * CALL);
    machine.reload();
    finish("reload");
  }

  @Override
  public long lastReload() {
    begin("lastReload");
    finish("lastReload");
    return machine.loadedAt;
  }

  @Override
  public Map<String, Long> stop(List<String> units) {
    begin("stop");
    Map<String, Long> jobs = new LinkedHashMap<>();
    for (String name : units) {
      if (!jobs.isEmpty()) {
        point("between stops");
      }
      ModelUnit unit = machine.units.load(name);
      if (!(unit.active() == Active.INACTIVE
          && !unit.isLoaded()
          && !unit.config.load().equals("masked"))) {
        jobs.put(name, machine.jobs.add(JobType.STOP, unit, JobMode.REPLACE_IRREVERSIBLY).id);
      }
    }
    finish("stop");
    return jobs;
  }

  @Override
  public Map<String, Long> start(List<String> units) {
    begin("start");
    Map<String, Long> jobs = new LinkedHashMap<>();
    SystemdException refusal = null;
    for (String name : units) {
      if (!jobs.isEmpty()) {
        point("between starts");
      }
      try {
        ModelUnit unit = machine.units.load(name);
        if (unit.text().isTrue("Unit", "RefuseManualStart", false)) {
          throw new SystemdException(
              "org.freedesktop.systemd1.OnlyByDependency",
              "Operation refused, unit "
                  + name
                  + " may be requested by dependency only (it is configured to refuse manual"
                  + " start/stop).");
        }
        jobs.put(name, machine.jobs.add(JobType.START, unit, JobMode.REPLACE).id);
      } catch (SystemdException e) {
        refusal =
            refusal == null
                ? new SystemdException(e.error(), name + ": " + e.getMessage())
                : refusal;
      }
    }
    finish("start");
    if (refusal != null) {
      throw refusal;
    }
    return jobs;
  }

  @Override
  public void cancel(Collection<Long> jobs) {
    begin("cancel");
    jobs.forEach(machine.jobs::cancel);
    finish("cancel");
  }

  @Override
  public void resetFailed(Collection<String> units) {
    begin("resetFailed");
    units.forEach(outside::resetFailed);
    finish("resetFailed");
  }

  @Override
  public long startOneshotBefore(
      String name,
      String description,
      List<List<String>> commands,
      List<String> wants,
      List<String> before) {
    begin("startOneshotBefore");
    ModelUnit known = machine.units.get(name);
    if (known != null && (known.isLoaded() || known.active() != Active.INACTIVE)) {
      throw new SystemdException(
          "org.freedesktop.systemd1.UnitExists",
          "Unit " + name + " was already loaded or has a fragment file.");
    }
    StringBuilder text = new StringBuilder("[Unit]\nDescription=" + description + "\n");
    text.append(wants.isEmpty() ? "" : "Wants=" + String.join(" ", wants) + "\n")
        .append(before.isEmpty() ? "" : "Before=" + String.join(" ", before) + "\n");
    text.append(
        "DefaultDependencies=no\n"
            + "Conflicts=shutdown.target\n"
            + "Before=shutdown.target\n"
            + "CollectMode=inactive-or-failed\n");
    text.append("\n[Service]\nType=oneshot\n");
    for (List<String> command : commands) {
      text.append("ExecStart=").append(String.join(" ", command)).append('\n');
    }
    outside.write("run/systemd/transient/" + name, text.toString());
    ModelUnit unit = machine.units.load(name);
    unit.isTransient = true;
    long job = machine.jobs.add(JobType.START, unit, JobMode.REPLACE).id;
    finish("startOneshotBefore");
    return job;
  }

  @Override
  public Map<Long, String> await(Collection<Long> jobs, Duration limit) {
    begin("await");
    List<Long> wanted = new ArrayList<>(jobs);
    runUntil(
        machine.timeline.now() + limit.toNanos() / 1000,
        () -> wanted.stream().allMatch(j -> machine.jobs.result(j) != null),
        true);
    Map<Long, String> results = new LinkedHashMap<>();
    for (long job : wanted) {
      if (machine.jobs.result(job) != null) {
        results.put(job, machine.jobs.result(job));
      }
    }
    finish("await");
    return results;
  }

  @Override
  public boolean awaitChange(Collection<String> units, Duration limit) {
    begin("awaitChange");
    long since = seen;
    boolean changed =
        runUntil(
            machine.timeline.now() + limit.toNanos() / 1000,
            () -> units.stream().anyMatch(u -> machine.lastChange(u) > since),
            true);
    seen = machine.lastChange();
    finish("awaitChange");
    return changed;
  }

  @Override
  public int refused(Collection<String> units) {
    return (int)
        machine.history.since(connectedAt, History.Kind.REFUSED).stream()
            .filter(e -> e.detail().equals("assertion") && units.contains(e.unit()))
            .count();
  }

  @Override
  public void close() {}
}
