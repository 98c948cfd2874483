// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.hold.Hold;
import quietus.model.Adversary;
import quietus.model.Crash;
import quietus.model.ModelSystemd;
import quietus.model.RandomAdversary;
import quietus.model.RandomUnits;
import quietus.model.Shrinker;
import quietus.model.UnitGraph;
import quietus.protocol.Report;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;

/**
 * The rules that always hold, on random unit graphs with an adversary that connects, elapses,
 * touches, calls and starts between the agent's steps: no member starts while it is held; a release
 * restores the first snapshot; a second run changes nothing; after a crash at any point either verb
 * converges. A graph that breaks a rule is shrunk before it is shown.
 */
class RandomFamiliesTest {
  private static final int GRAPHS = Integer.getInteger("quietus.graphs", 20);

  /** What a rule says of one graph: null, or what is wrong. */
  private interface Rule {
    String broken(UnitGraph graph, List<String> subjects, Path root, long seed, int version);
  }

  /** How many graphs of one test were compared to the end, and why the others were not. */
  private static final Map<String, Integer> COUNTS = new TreeMap<>();

  private static final String COMPARED = "compared";
  private static final String ODD = "a unit is up without one that it requires";
  private static final String REFUSED = "refused or failed as the design wants";
  private static final String MOVED = "the storm changed units outside the family";

  /** The model that was played last; its history is printed with a broken rule. */
  private static ModelSystemd last;

  private static ModelSystemd boot(UnitGraph graph, Path root, int version) {
    last = graph.boot(root, version);
    last.pass(Duration.ofSeconds(30));
    return last;
  }

  /** Counts a graph that cannot be compared to the end. Returns null: no rule is broken. */
  private static String leftOut(String why) {
    COUNTS.merge(why, 1, Integer::sum);
    return null;
  }

  /** Counts a graph that was compared to the end. Returns what differs, or null. */
  private static String compared(String difference) {
    COUNTS.merge(COMPARED, 1, Integer::sum);
    return difference;
  }

  private static void always(String name, Rule rule, int version) {
    COUNTS.clear();
    for (long seed = 0; seed < GRAPHS; seed++) {
      long chosen = seed;
      UnitGraph graph =
          RandomUnits.graph(seed, 2 + (int) (seed % 30), RandomUnits.Options.COMPARABLE);
      Random random = new Random(seed);
      List<String> subjects =
          List.of(subject(graph, random), subject(graph, random), subject(graph, random));
      String broken = play(rule, graph, subjects, seed, version);
      if (broken != null) {
        UnitGraph small =
            Shrinker.shrink(
                graph,
                candidate ->
                    candidate.units().containsAll(subjects)
                        && play(rule, candidate, subjects, chosen, version) != null,
                400);
        fail(
            "seed "
                + seed
                + ", version "
                + version
                + ", subjects "
                + subjects
                + ": "
                + play(rule, small, subjects, seed, version)
                + "\n"
                + small);
      }
    }
    System.out.println(
        name + ", systemd " + version + ": " + GRAPHS + " random families, " + COUNTS);
    assertEquals(GRAPHS, COUNTS.values().stream().mapToInt(Integer::intValue).sum());
    assertTrue(
        COUNTS.getOrDefault(COMPARED, 0) * 5 >= GRAPHS * 2,
        "two in five of the families are compared to the end: " + COUNTS);
  }

  /**
   * A held unit that an upholder tries to start for ever, because systemd has not read its mask.
   *
   * @return what is wrong, or null
   */
  static String triedForEver(Report held, ModelSystemd systemd) {
    for (Report.Member member : held.members()) {
      if (UnitName.isTemplate(member.unit())) {
        continue;
      }
      Unit unit = systemd.load(List.of(member.unit())).get(member.unit());
      if (unit.state().load().equals("loaded")
          && !unit.file().isTransient()
          && !unit.related(Relation.UPHELD_BY).isEmpty()) {
        return unit.id() + " is upheld, and its mask was not read";
      }
    }
    return null;
  }

  private static String play(
      Rule rule, UnitGraph graph, List<String> subjects, long seed, int version) {
    return TemporaryRoot.play(
        Path.of(System.getProperty("java.io.tmpdir")),
        root -> {
          String broken = rule.broken(graph, subjects, root, seed, version);
          return broken == null
              ? null
              : broken + "\n" + (last == null ? "" : last.history().text(0));
        });
  }

  /** A unit of the graph that can be a subject. */
  static String subject(UnitGraph graph, Random random) {
    List<String> services = new ArrayList<>(graph.units(".service"));
    services.removeIf(UnitName::isTemplate);
    List<String> from = services.isEmpty() ? graph.units() : services;
    return from.get(random.nextInt(from.size()));
  }

  /**
   * True when a unit is up though one that it requires is down: nothing can start it in that order
   * again.
   */
  static boolean isOdd(ModelSystemd systemd) {
    Map<String, State> all = systemd.snapshot();
    for (Unit unit : systemd.load(all.keySet()).values()) {
      for (Relation relation :
          List.of(Relation.REQUIRED_BY, Relation.REQUISITE_OF, Relation.BOUND_BY)) {
        for (String other : unit.related(relation)) {
          if (unit.state().isDown() && all.getOrDefault(other, State.NOT_FOUND).isUp()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  static void rest(ModelSystemd systemd) {
    systemd.adversary(Adversary.NONE);
    systemd.pass(Duration.ofSeconds(30));
  }

  /** What of the host is not as it was, but for what the holds said could not be. */
  static String difference(Map<String, State> before, ModelSystemd systemd, Set<String> excused) {
    List<String> different = new ArrayList<>();
    Map<String, State> after = systemd.snapshot();
    for (Map.Entry<String, State> entry : before.entrySet()) {
      State was = entry.getValue();
      State is = after.getOrDefault(entry.getKey(), State.NOT_FOUND);
      boolean same =
          was.active().equals(is.active()) && was.sub().equals(is.sub())
              || was.isDown() && is.isDown();
      if (!same
          && !excused.contains(entry.getKey())
          && !triggers(systemd, entry.getKey(), excused)) {
        different.add(entry.getKey() + " was " + was + " and is " + is);
      }
    }
    return different.isEmpty() ? null : "after the release " + String.join("; ", different);
  }

  /** A socket's state is that of its service. */
  private static boolean triggers(ModelSystemd systemd, String unit, Set<String> excused) {
    return unit.endsWith(".socket")
        && systemd.load(List.of(unit)).get(unit).related(Relation.TRIGGERS).stream()
            .anyMatch(excused::contains);
  }

  static void excuse(Report report, Set<String> excused) {
    for (Hold.Inexact inexact : report.inexact()) {
      if (!inexact.text().contains("timer") && !inexact.text().contains("counts")) {
        excused.add(inexact.unit());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void noMemberStartsWhileHeldAndAReleaseRestoresTheSnapshot(int version) {
    always(
        "nothing starts while held, a release restores",
        (graph, subjects, root, seed, v) -> {
          ModelSystemd systemd = boot(graph, root, v);
          if (isOdd(systemd)) {
            return leftOut(ODD);
          }
          ModelHost host = new ModelHost(root, systemd);
          String subject = seed % 4 == 3 ? "qt*.service" : subjects.get(0);
          Map<String, State> before = systemd.snapshot();
          long[] closed = {-1};
          systemd.adversary(Adversary.NONE);
          Report report =
              host.run(
                  ModelHost.quiesce(subject),
                  step -> {
                    if (step.equals("hold")) {
                      closed[0] = systemd.history().mark();
                      systemd.adversary(
                          new RandomAdversary(graph, root, seed, RandomAdversary.Act.storm(), 30));
                    }
                  });
          if (report.failed()) {
            return acceptable(report.msg())
                ? leftOut(REFUSED)
                : "quiesce of " + subject + ": " + report.msg();
          }
          Set<String> excused = new LinkedHashSet<>();
          excuse(report, excused);
          systemd.pass(Duration.ofSeconds(10));
          RandomAdversary storm =
              new RandomAdversary(graph, root, seed + 1, RandomAdversary.Act.storm(), 100);
          for (int i = 0; i < 60; i++) {
            storm.act(systemd.outside(), "storm");
            systemd.pass(Duration.ofMillis(50));
          }
          Set<String> started = new LinkedHashSet<>(systemd.history().started(closed[0]));
          Set<String> members = new LinkedHashSet<>();
          report.members().forEach(member -> members.add(member.unit()));
          started.retainAll(members);
          if (!started.isEmpty()) {
            return "started while held: " + started + "\n" + systemd.history().text(closed[0]);
          }
          systemd.adversary(Adversary.NONE);
          Report again = host.run(ModelHost.quiesce(subject));
          // a glob may match by now what the storm brought up beside the family
          boolean more = again.members().size() > members.size() && subject.contains("*");
          if (again.failed() || again.changed() && !more) {
            return "a second quiesce: " + again.msg() + " " + again.warnings();
          }
          TemporaryRoot.delete(
              root.resolve(
                  "var/qt")); // a path whose file is there starts its service, which is right
          // where the storm moved the rest of the host, the family may follow it
          String outside = difference(before, systemd, members);
          Report released = host.run(ModelHost.release(subject));
          if (released.failed()) {
            return outside == null ? "release: " + released.msg() : leftOut(MOVED);
          }
          rest(systemd);
          if (outside != null) {
            return leftOut(MOVED);
          }
          before.keySet().retainAll(members);
          String difference = difference(before, systemd, excused);
          if (difference != null) {
            return difference;
          }
          if (subject.contains("*")) {
            // without holds a release starts whatever is enabled, also what could not start before
            return compared(null);
          }
          Report twice = host.run(ModelHost.release(subject));
          return compared(
              twice.failed() || twice.changed() && startsSomethingAgain(twice)
                  ? "a second release: " + twice.msg()
                  : null);
        },
        version);
  }

  /** A second release has no hold to go by; it may start what is enabled and was down before. */
  private static boolean startsSomethingAgain(Report report) {
    return report.members().stream()
        .anyMatch(
            member -> member.after().isUp() && !member.before().isUp() && member.was() != null);
  }

  /**
   * A unit that ignores its stop, leaves processes, or is masked by an administrator, is a failure
   * that the design wants.
   */
  static boolean acceptable(String msg) {
    return msg.contains("did not stop within")
        || msg.contains("processes of the family are left")
        || msg.contains("masked by an administrator")
        || msg.contains("allow_protected");
  }

  @ParameterizedTest
  @ValueSource(ints = {252, 257})
  void aCrashAtAnyPointOfEitherVerbConverges(int version) {
    always(
        "crashes",
        (graph, subjects, root, seed, v) -> {
          Random random = new Random(seed);
          String subject = subjects.get(0);
          ModelSystemd systemd = boot(graph, root, v);
          if (isOdd(systemd)) {
            return leftOut(ODD);
          }
          ModelHost host = new ModelHost(root, systemd);
          Map<String, State> before = systemd.snapshot();
          Set<String> excused = new LinkedHashSet<>();
          for (int round = 0; round < 6; round++) {
            // without a hold, a release brings up what is enabled, whatever was there before
            boolean quiescing = random.nextBoolean() || !host.isHeld();
            systemd.crashAt(systemd.points() + 1 + random.nextInt(60));
            try {
              Report report =
                  host.run(quiescing ? ModelHost.quiesce(subject) : ModelHost.release(subject));
              excuse(report, excused);
              if (report.failed()) {
                return acceptable(report.msg())
                    ? leftOut(REFUSED)
                    : "round " + round + ": " + report.msg();
              }
            } catch (Crash e) {
              // as after kill -9
            }
            systemd.crashAt(-1);
          }
          systemd.pass(Duration.ofSeconds(30));
          Report held = host.run(ModelHost.quiesce(subject));
          excuse(held, excused);
          if (held.failed()) {
            return acceptable(held.msg()) ? leftOut(REFUSED) : "the last quiesce: " + held.msg();
          }
          for (Report.Member member : held.members()) {
            if (!member.after().isDown()) {
              return member.unit() + " is not down: " + member.after();
            }
          }
          String tried = triedForEver(held, systemd);
          if (tried != null) {
            return tried;
          }
          Report released = host.run(ModelHost.release(subject));
          if (released.failed()) {
            return acceptable(released.msg())
                ? leftOut(REFUSED)
                : "the last release: " + released.msg();
          }
          rest(systemd);
          return compared(difference(before, systemd, excused));
        },
        version);
  }

  @ParameterizedTest
  @ValueSource(ints = {252, 257})
  void overlappingHoldsReleasedInAnyOrderEndInTheOriginalState(int version) {
    always(
        "overlapping holds",
        (graph, subjects, root, seed, v) -> {
          Random random = new Random(seed);
          ModelSystemd systemd = boot(graph, root, v);
          if (isOdd(systemd)) {
            return leftOut(ODD);
          }
          ModelHost host = new ModelHost(root, systemd);
          Map<String, State> before = systemd.snapshot();
          Set<String> excused = new LinkedHashSet<>();
          List<String> held = new ArrayList<>();
          for (String subject : new LinkedHashSet<>(subjects)) {
            Report report = host.run(ModelHost.quiesce(subject));
            if (report.failed()) {
              return acceptable(report.msg())
                  ? leftOut(REFUSED)
                  : "quiesce of " + subject + ": " + report.msg();
            }
            excuse(report, excused);
            held.add(subject);
          }
          while (!held.isEmpty()) {
            String subject = held.remove(random.nextInt(held.size()));
            Report report = host.run(ModelHost.release(subject));
            if (report.failed()
                && !acceptable(report.msg())
                && !report.msg().contains("has no hold of its own, but is held along with")) {
              return "release of " + subject + " with " + held + " still held: " + report.msg();
            }
          }
          rest(systemd);
          return compared(difference(before, systemd, excused));
        },
        version);
  }
}
