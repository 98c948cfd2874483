// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.fault.Faults;
import quietus.fault.FaultyFiles;
import quietus.fault.FaultySystemd;
import quietus.hold.FoundHold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.model.ModelSystemd;
import quietus.model.RandomUnits;
import quietus.model.UnitGraph;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.Terms;
import quietus.protocol.VerbRequest;
import quietus.unit.State;

/**
 * Every single failure: each file operation and each call to systemd of a run fails once, in each
 * way that it can fail, carried out or not; or a call is late; or the agent dies at it. Afterwards
 * nothing starts while held, no mask is there without a record, whatever is left is named, and
 * either verb converges.
 *
 * <p>One in {@code quietus.faults.every} (97) is played, on the family of the story and on {@code
 * quietus.faults.families} (4) random ones; with 1, all.
 */
class SingleFaultsTest {
  private static final int EVERY = Integer.getInteger("quietus.faults.every", 97);
  private static final int FAMILIES = Integer.getInteger("quietus.faults.families", 4);
  private static final long SEED = Long.getLong("quietus.seed", 13);

  private final Map<String, Integer> counts = new TreeMap<>();
  private final Map<String, List<String>> broken = new TreeMap<>();
  private int considered;
  private int played;

  /** A host with a family. */
  private interface World {
    ModelSystemd boot(Path root);
  }

  /** A run in which something fails. */
  private record Verb(String subject, boolean quiesces, Until until, boolean leased) {
    VerbRequest request() {
      return quiesces ? quiesce() : ModelHost.release(subject);
    }

    QuiesceRequest quiesce() {
      return ModelHost.terms(
          new Terms(until, "why", leased ? Duration.ofHours(1) : null), ModelHost.quiesce(subject));
    }
  }

  /** What fails. */
  private record Fault(int at, Faults.Kind kind, boolean isCarriedOut) {}

  @Test
  void everySingleFailureLeavesWhatTheNextRunFinishes() {
    World story =
        root -> {
          Stage stage =
              new Stage(root)
                  .unit(
                      "a.service",
                      Stage.SIMPLE + "Restart=always\n[Install]\nWantedBy=multi-user.target\n")
                  .wanted("a.service", "multi-user.target")
                  .unit(
                      "a.socket",
                      "[Socket]\nListenStream=/run/a.sock\n[Install]\nWantedBy=sockets.target\n")
                  .wanted("a.socket", "sockets.target")
                  .unit(
                      "a.timer",
                      "[Timer]\n"
                          + "OnBootSec=1\n"
                          + "OnUnitInactiveSec=1\n"
                          + "[Install]\n"
                          + "WantedBy=timers.target\n")
                  .wanted("a.timer", "timers.target")
                  .unit(
                      "b.service",
                      "[Unit]\nRequires=a.service\nAfter=a.service\n"
                          + Stage.SIMPLE
                          + "[Install]\nWantedBy=multi-user.target\n")
                  .wanted("b.service", "multi-user.target")
                  .boot();
          return stage.systemd;
        };
    for (Until until : Until.values()) {
      for (boolean leased : new boolean[] {false, true}) {
        explore("the story", story, new Verb("a.service", true, until, leased), true);
        explore("the story", story, new Verb("a.service", false, until, leased), true);
      }
    }
    Random random = new Random(SEED);
    for (int i = 0; i < FAMILIES; i++) {
      long seed = SEED * 1000 + i;
      UnitGraph graph =
          RandomUnits.graph(seed, 3 + (int) (seed % 12), RandomUnits.Options.COMPARABLE);
      String subject = RandomFamiliesTest.subject(graph, new Random(seed));
      int version = i % 2 == 0 ? 252 : 257;
      World world =
          root -> {
            ModelSystemd systemd = graph.boot(root, version);
            systemd.pass(Duration.ofSeconds(30));
            return systemd;
          };
      boolean leased = random.nextBoolean();
      for (boolean quiesces : new boolean[] {true, false}) {
        explore(
            "seed " + seed + " on " + version,
            world,
            new Verb(subject, quiesces, Until.RELEASED, leased),
            false);
      }
    }
    System.out.println(
        "single failures: "
            + played
            + " of "
            + considered
            + " played, "
            + counts
            + "; broken: "
            + broken.size());
    assertTrue(broken.isEmpty(), String.join("\n", firsts()));
    assertEquals(played, counts.values().stream().mapToInt(Integer::intValue).sum());
    assertTrue(played * (long) EVERY >= considered, "one in " + EVERY + " is played");
    assertTrue(counts.getOrDefault("compared", 0) * 2 >= played, "half is compared to the end");
  }

  @Test
  void aFileThatARunLeftUnfinishedIsNamedAndRemoved(@TempDir Path root) {
    String gate = "etc/systemd/system.control/gone.service.d/.quietus-new-1-0";
    String record = "etc/quietus/holds/.quietus-new-1-1";
    String copy = "var/lib/quietus/agent/.quietus-new-1-2";
    Stage stage =
        new Stage(root)
            .unit("a.service", Stage.SIMPLE)
            .write(gate, "[Unit]")
            .write(record, "{")
            .write(copy, "a part of a jar")
            .boot();
    String told = stage.quiesce("a.service").check().warnings().toString();
    assertTrue(told.contains(gate) && told.contains(record) && told.contains(copy), told);
    stage.quiesce("a.service").ok();
    assertFalse(stage.exists(gate) || stage.exists(record) || stage.exists(copy));
    assertFalse(stage.exists("etc/systemd/system.control/gone.service.d"));
    assertEquals(List.of(), stage.release("a.service").ok().warnings());
  }

  /** One example of each kind of violation. */
  private List<String> firsts() {
    List<String> firsts = new ArrayList<>();
    broken.forEach(
        (what, where) -> firsts.add(where.size() + " x " + what + ", first: " + where.get(0)));
    return firsts;
  }

  private void explore(String name, World world, Verb verb, boolean isAttacked) {
    Faults dry = new Faults();
    Path root = directory();
    try {
      ModelSystemd systemd = world.boot(root);
      if (RandomFamiliesTest.isOdd(systemd)) {
        return;
      }
      ModelHost clean = new ModelHost(root, systemd);
      if (!verb.quiesces() && clean.run(verb.quiesce()).failed()) {
        return;
      }
      dry.arm(-1, Faults.Kind.EIO, false);
      faulty(root, systemd, dry).run(verb.request());
    } finally {
      TemporaryRoot.delete(root);
    }
    List<Faults.Operation> operations = dry.operations();
    for (int at = 0; at < operations.size(); at++) {
      for (Faults.Kind kind : Faults.Kind.values()) {
        for (boolean isCarriedOut : new boolean[] {false, true}) {
          boolean can =
              kind.fits(operations.get(at))
                  && (!isCarriedOut
                      || operations.get(at) != Faults.Operation.READ && kind != Faults.Kind.FULL);
          if (can && considered++ % EVERY == 0) {
            played++;
            Fault fault = new Fault(at, kind, isCarriedOut);
            String what = play(world, verb, fault, isAttacked);
            if (what != null) {
              String which =
                  name
                      + ", "
                      + verb
                      + ", "
                      + fault
                      + " "
                      + dry.name(at).replaceAll("/[^ ]*quietus-fault[0-9]*", "");
              String key = what.replaceAll("/[^ ]*quietus-fault[0-9]*", "");
              broken.computeIfAbsent(key, k -> new ArrayList<>()).add(which);
              counts.merge("broken", 1, Integer::sum);
            }
          }
        }
      }
    }
  }

  private static ModelHost faulty(Path root, ModelSystemd systemd, Faults faults) {
    return new ModelHost(
        new FaultyFiles(faults, root).path(root), systemd, FaultySystemd.on(systemd, faults));
  }

  private String leftOut(String why) {
    counts.merge(why, 1, Integer::sum);
    return null;
  }

  private String play(World world, Verb verb, Fault fault, boolean isAttacked) {
    Path root = directory();
    try {
      return play(root, world.boot(root), verb, fault, isAttacked);
    } catch (RuntimeException e) {
      StackTraceElement[] trace = e.getStackTrace();
      return "threw " + e + " at " + (trace.length == 0 ? "?" : trace[0]);
    } finally {
      TemporaryRoot.delete(root);
    }
  }

  private String play(Path root, ModelSystemd systemd, Verb verb, Fault fault, boolean isAttacked) {
    Map<String, State> before = systemd.snapshot();
    Set<String> foreign = Set.of(traces(root, Set.of()).split("\n"));
    ModelHost clean = new ModelHost(root, systemd);
    Set<String> excused = new LinkedHashSet<>();
    Set<String> members = new LinkedHashSet<>();
    if (!verb.quiesces()) {
      Report held = clean.run(verb.quiesce());
      RandomFamiliesTest.excuse(held, excused);
      held.members().forEach(member -> members.add(member.unit()));
    }
    Faults faults = new Faults();
    String traces = traces(root, foreign);
    faults.arm(fault.at(), fault.kind(), fault.isCarriedOut());
    Report report = null;
    try {
      report = faulty(root, systemd, faults).run(verb.request());
    } catch (Faults.Death e) {
      // as after kill -9
    }
    faults.heal();
    // what systemd was asked for goes on, such as a transaction that opens the gates
    systemd.pass(Duration.ofSeconds(30));
    if (report != null) {
      RandomFamiliesTest.excuse(report, excused);
      report.members().forEach(member -> members.add(member.unit()));
      if (report.failed() && report.msg().length() < 20) {
        return "says only '" + report.msg() + "'";
      }
      if (!report.changed()
          && !fault.isCarriedOut()
          && !traces.equals(whole(traces(root, foreign)))) {
        return "says that nothing was changed: " + report.msg();
      }
    }
    boolean held = isHeld(root);
    if (report != null && !report.failed() && held != verb.quiesces()) {
      return "says success, but held is " + held;
    }
    String wrong = held ? started(systemd, members, isAttacked) : leftover(root, clean, foreign);
    if (wrong != null) {
      return wrong;
    }
    boolean quiesceFirst = fault.at() % 2 == 0 || !held && !isAttacked;
    if (quiesceFirst) {
      Report again = clean.run(verb.quiesce());
      RandomFamiliesTest.excuse(again, excused);
      if (again.failed()) {
        return RandomFamiliesTest.acceptable(again.msg())
            ? leftOut("refused")
            : "the next quiesce: " + again.msg();
      }
      again.members().forEach(member -> members.add(member.unit()));
      for (String unit : members) {
        if (!systemd.peek(unit).isDown()) {
          return "after the next quiesce " + unit + " is " + systemd.peek(unit);
        }
      }
      wrong = started(systemd, members, isAttacked);
      if (wrong == null) {
        wrong = RandomFamiliesTest.triedForEver(again, systemd);
      }
      if (wrong != null) {
        return "after the next quiesce " + wrong;
      }
    }
    Report released = clean.run(ModelHost.release(verb.subject()));
    if (released.failed()) {
      return RandomFamiliesTest.acceptable(released.msg())
          ? leftOut("refused")
          : "the next release: " + released.msg();
    }
    RandomFamiliesTest.rest(systemd);
    String left = traces(root, foreign);
    if (!left.isEmpty()) {
      return "after the release there is " + left.replaceAll("new-[0-9]+", "new-PID");
    }
    before.keySet().retainAll(members);
    String difference = RandomFamiliesTest.difference(before, systemd, excused);
    return difference == null ? leftOut("compared") : difference;
  }

  private static boolean isHeld(Path root) {
    for (FoundHold found : new Disk(Layout.system(root)).holds().all().found()) {
      if (found.phase() == Phase.HELD) {
        return true;
      }
    }
    return false;
  }

  /** Tries to start what is held. Returns what was started, or null. */
  private static String started(ModelSystemd systemd, Set<String> members, boolean isAttacked) {
    long mark = systemd.history().mark();
    if (isAttacked) {
      for (String unit : List.of("a.service", "a.socket", "a.timer", "b.service")) {
        systemd.outside().start(unit);
      }
      systemd.outside().connect("a.socket");
    }
    systemd.pass(Duration.ofSeconds(5));
    Set<String> started = new LinkedHashSet<>(systemd.history().started(mark));
    started.retainAll(members);
    return started.isEmpty() ? null : "while held, " + started + " was started";
  }

  /** What is there without a record and is not named. */
  private static String leftover(Path root, ModelHost clean, Set<String> foreign) {
    String traces = traces(root, foreign);
    if (traces.contains("holds/") || traces.contains("releasing/") || traces.isEmpty()) {
      return null;
    }
    String told = clean.run(ModelHost.info()).warnings().toString();
    for (String trace : traces.split("\n")) {
      String gates = trace.replaceAll(".*zz-quietus-(.*)\\.conf$", "gates of $1");
      if (!told.contains(trace) && !told.contains(gates)) {
        return "nobody names " + trace.replaceAll("new-[0-9]+", "new-PID");
      }
    }
    return null;
  }

  /** Without unfinished files, which a run cannot take away when its file system is read-only. */
  private static String whole(String traces) {
    return traces.replaceAll("(?m)^.*/[.]quietus-new-.*\n?", "").strip();
  }

  /** All files of ours, without the lock and without what was there before. */
  private static String traces(Path root, Set<String> foreign) {
    StringBuilder found = new StringBuilder();
    for (String dir :
        List.of(
            "etc/systemd/system.control",
            "run/systemd/system.control",
            "etc/quietus",
            "run/quietus",
            "var/lib/quietus",
            "etc/systemd/system",
            "run/systemd/system")) {
      if (!Files.isDirectory(root.resolve(dir))) {
        continue;
      }
      try (Stream<Path> all = Files.walk(root.resolve(dir))) {
        for (Path path : all.sorted().toList()) {
          String name = path.getFileName().toString();
          boolean own =
              !dir.endsWith("systemd/system")
                  || name.startsWith("quietus-lease")
                  || name.startsWith(".quietus-new-");
          boolean stays = // the launcher and its copy of the agent
              path.equals(root.resolve("var/lib/quietus/quietus"))
                  || path.getParent().equals(root.resolve("var/lib/quietus/agent"))
                      && name.endsWith(".jar");
          if (own
              && !stays
              && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
              && !name.equals("lock")) {
            if (!foreign.contains(path.toString())) {
              found.append(found.length() == 0 ? "" : "\n").append(path);
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return found.toString();
  }

  private static Path directory() {
    try {
      Path root = Files.createTempDirectory("quietus-fault");
      Files.writeString(root.resolve("quietus.jar"), "no jar");
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
