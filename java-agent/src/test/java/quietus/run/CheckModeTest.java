// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import quietus.model.Adversary;
import quietus.model.ModelSystemd;
import quietus.model.RandomAdversary;
import quietus.model.RandomUnits;
import quietus.model.Shrinker;
import quietus.model.UnitGraph;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.RunningRequest;
import quietus.protocol.VerbRequest;
import quietus.unit.State;
import quietus.unit.UnitType;

/**
 * Check mode says what the run that follows it does, on random unit graphs: each verb is checked
 * and then run on the same host at the same moment, and the two reports are compared field by
 * field. Between the verbs the rest of the host connects, starts, stops, kills and takes gates and
 * masks away. Where the two may differ is in {@link Excuse}, each with its reason.
 */
class CheckModeTest {
  private static final int GRAPHS = Integer.getInteger("quietus.check.graphs", 300);

  /** In memory where the machine has that: the edge to the files flushes each of them. */
  private static final Path TEMPORARY =
      Path.of(
          Files.isWritable(Path.of("/dev/shm"))
              ? "/dev/shm"
              : System.getProperty("java.io.tmpdir"));

  private static final long FIRST = Long.getLong("quietus.check.first", 0);

  /** The largest share of comparisons, in per mille, that may have an excuse. */
  private static final int MOST_EXCUSED = 60;

  /** What a check cannot know: docs/design-notes.md has each with its reason. */
  private enum Excuse {
    /** The run failed at what only acting shows; nothing else of the two reports is compared. */
    FAILED_WHILE_ACTING,
    /** A member is down either way: its program decides whether that is dead or failed. */
    ENDED_BY_ITS_PROGRAM,
    /** An activator that a release starts finds work at once, or its service ends at once. */
    ACTIVATED_AT_ONCE,
    /** The state of a service that was started is where its program got to. */
    STARTED_BY_ITS_PROGRAM,
    /** A unit of the host changed its state by itself between the check and the run. */
    HOST_MOVED_ON,
    /** What systemd thinks of a unit file that it cannot use, it says when it has read it. */
    UNUSABLE_UNIT_FILE,
    /**
     * Systemd shows a mask whose link somebody deleted, until it reloads; acting shows if it does.
     */
    DELETED_MASK_STILL_SHOWN,
  }

  private final Map<Excuse, Integer> excused = new ConcurrentSkipListMap<>();
  private final AtomicInteger graphs = new AtomicInteger();
  private final AtomicInteger comparisons = new AtomicInteger();

  @Test
  void aCheckSaysWhatTheRunDoes() {
    List<String> differences = Collections.synchronizedList(new ArrayList<>());
    LongStream.range(FIRST, FIRST + GRAPHS)
        .parallel()
        .forEach(
            seed -> {
              UnitGraph graph = RandomUnits.graph(seed, 2 + (int) (seed % 7), options(seed));
              String difference = play(graph, seed);
              graphs.incrementAndGet();
              if (difference != null) {
                differences.add("seed " + seed + ": " + difference);
                if (Boolean.getBoolean("quietus.check.shrink")) {
                  shrink(graph, seed);
                }
              }
            });
    excused.merge(Excuse.FAILED_WHILE_ACTING, 0, Integer::sum);
    int all = excused.values().stream().mapToInt(Integer::intValue).sum();
    System.out.println(
        "check mode: "
            + graphs
            + " graphs, "
            + comparisons
            + " checks compared with the run that followed, "
            + all
            + " with an excuse "
            + excused);
    assertTrue(differences.isEmpty(), differences.size() + "\n" + String.join("\n", differences));
    assertEquals(GRAPHS, graphs.get());
    assertTrue(comparisons.get() >= GRAPHS, comparisons + " comparisons");
    assertTrue(all * 1000L <= MOST_EXCUSED * (long) comparisons.get(), all + " excused");
  }

  @Test
  void everyCaseThatMayDifferIsListedInTheDocumentation() throws IOException {
    String page = Files.readString(Path.of("../docs/design-notes.md"));
    for (Excuse excuse : Excuse.values()) {
      assertTrue(page.contains("`" + excuse + "`"), excuse + " is not in docs/design-notes.md");
    }
  }

  private static RandomUnits.Options options(long seed) {
    return seed % 3 == 0 ? RandomUnits.Options.ALL : RandomUnits.Options.COMPARABLE;
  }

  private void shrink(UnitGraph graph, long seed) {
    UnitGraph small = Shrinker.shrink(graph, candidate -> play(candidate, seed) != null, 400);
    fail("seed " + seed + ": " + play(small, seed) + "\n" + small);
  }

  /** One graph through some verbs. @return what differs, or null */
  private String play(UnitGraph graph, long seed) {
    return TemporaryRoot.play(TEMPORARY, root -> new Play(graph, root, seed).run());
  }

  /** One host and what is done to it. */
  private final class Play {
    private final UnitGraph graph;
    private final Path root;
    private final Random random;
    private final ModelSystemd systemd;
    private final ModelHost host;
    private final List<String> subjects;
    private Set<String> deletedMasks = Set.of();

    Play(UnitGraph graph, Path root, long seed) {
      this.graph = graph;
      this.root = root;
      this.random = new Random(seed);
      this.systemd = graph.boot(root, new int[] {247, 252, 257}[(int) (seed % 3)]);
      systemd.pass(Duration.ofSeconds(30));
      this.host = new ModelHost(root, systemd);
      this.subjects = graph.units().stream().filter(u -> !u.contains("@.")).toList();
    }

    String run() throws IOException {
      if (subjects.isEmpty()) {
        return null;
      }
      String[] names = names();
      String wrong = null;
      for (int round = 0; wrong == null && round < 1; round++) {
        switch (random.nextInt(4)) {
          case 0 -> wrong = compare(quiesce(names));
          case 1 -> {
            host.run(quiesce(names));
            storm();
            wrong = compare(quiesce(names));
          }
          case 2 -> {
            storm();
            wrong = compare(release(names));
          }
          default -> {
            host.run(quiesce(pick()));
            wrong = compare(quiesce(names));
          }
        }
        if (wrong == null && random.nextBoolean()) {
          storm();
        }
        if (wrong == null) {
          wrong = compare(release(names));
        }
      }
      return wrong;
    }

    private String pick() {
      return subjects.get(random.nextInt(subjects.size()));
    }

    private String[] names() {
      return switch (random.nextInt(5)) {
        case 0 -> new String[] {pick(), pick()};
        case 1 -> new String[] {random.nextBoolean() ? "qt*.service" : "qt0*"};
        default -> new String[] {pick()};
      };
    }

    private QuiesceRequest quiesce(String... names) {
      QuiesceRequest request = ModelHost.quiesce(names);
      if (random.nextInt(4) == 0) {
        request = ModelHost.reason("another reason", request);
      }
      if (random.nextInt(5) == 0) {
        request = ModelHost.lease(Duration.ofHours(1 + random.nextInt(2)), request);
      }
      return ModelHost.with(random.nextInt(10) == 0, random.nextInt(10) == 0, request);
    }

    private VerbRequest release(String... names) {
      Duration settle = Duration.ofMillis(random.nextInt(5) == 0 ? 20 : 0);
      return ModelHost.settling(settle, ModelHost.release(names));
    }

    /** What the rest of the host does: to units, to gates, masks and unit files. */
    private void storm() throws IOException {
      RandomAdversary adversary =
          new RandomAdversary(
              graph, root, random.nextLong(), EnumSet.allOf(RandomAdversary.Act.class), 100);
      for (int i = random.nextInt(8); i > 0; i--) {
        adversary.act(systemd.outside(), "storm");
        if (random.nextInt(4) == 0) {
          vandal();
        }
        systemd.pass(Duration.ofMillis(random.nextInt(3) * 50L));
      }
      systemd.adversary(Adversary.NONE);
      if (random.nextBoolean()) {
        systemd.pass(Duration.ofSeconds(30));
      }
    }

    /** Takes a gate or a mask away, or edits a unit file without a reload. */
    private void vandal() throws IOException {
      Path control = root.resolve("etc/systemd/system.control");
      List<Path> ours = new ArrayList<>();
      if (Files.isDirectory(control)) {
        try (Stream<Path> all = Files.walk(control)) {
          all.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
              .forEach(ours::add);
        }
      }
      if (!ours.isEmpty() && random.nextBoolean()) {
        ours.sort(Comparator.naturalOrder());
        Files.delete(ours.get(random.nextInt(ours.size())));
      } else {
        systemd
            .outside()
            .write("etc/systemd/system/" + pick() + ".d/edit.conf", "[Unit]\nDescription=edited\n");
      }
      if (random.nextBoolean()) {
        systemd.outside().reload();
      }
    }

    /** The units that systemd shows masked, with no link in the directories that we mask in. */
    private Set<String> deletedMasks(Map<String, State> states) {
      Set<String> deleted = new TreeSet<>();
      for (Map.Entry<String, State> one : states.entrySet()) {
        boolean isLinked = false;
        for (String dir : List.of("etc", "run")) {
          isLinked |=
              Files.isSymbolicLink(
                  root.resolve(dir).resolve("systemd/system.control").resolve(one.getKey()));
        }
        if (one.getValue().isMasked() && !isLinked) {
          deleted.add(one.getKey());
        }
      }
      return deleted;
    }

    /** The states without jobs of what is loaded; what a check loads does not count. */
    private Map<String, String> states() {
      Map<String, String> states = new TreeMap<>();
      for (Map.Entry<String, State> one : systemd.snapshot().entrySet()) {
        if (!one.getValue().isDead() || one.getValue().job() != 0) {
          states.put(one.getKey(), one.getValue().toString());
        }
      }
      return states;
    }

    private String compare(VerbRequest run) throws IOException {
      Map<String, String> files = files();
      host.stopClock();
      Map<String, String> states = states();
      Map<String, State> before = systemd.snapshot();
      deletedMasks = deletedMasks(before);
      Report check = host.run(ModelHost.checked(run));
      if (!files.equals(files())) {
        return "the check of " + run.names() + " wrote: " + files + " and then " + files();
      }
      comparisons.incrementAndGet();
      boolean movedOn = !states.equals(states());
      Report report = host.run(run);
      for (Report.Member member : check.members()) {
        State then = before.get(member.unit());
        State later = before(report, member.unit());
        if (then != null && later != null) {
          // what the check saw was so; the run began some ms later
          movedOn |=
              !Differences.text(then).equals(Differences.text(later))
                  && Differences.text(then).equals(Differences.text(member.before()));
        }
      }
      String difference = Differences.of(check, report);
      if (difference == null) {
        return null;
      }
      Excuse excuse = movedOn ? Excuse.HOST_MOVED_ON : excuse(run, check, report, difference);
      if (excuse != null) {
        excused.merge(excuse, 1, Integer::sum);
        return null;
      }
      return run.state() + " " + run.names() + ": " + difference;
    }

    private Excuse excuse(VerbRequest request, Report check, Report report, String difference) {
      if (report.failed()
          && !check.failed()
          && report.changed()
          && failedWhileActing(report.msg())) {
        return Excuse.FAILED_WHILE_ACTING;
      }
      Excuse excuse = null;
      for (String one : difference.split("; ")) {
        if (one.startsWith("warnings is <[]>")
            && one.contains("not up when the hold began but restarting")) {
          excuse = Excuse.STARTED_BY_ITS_PROGRAM;
          continue;
        }
        if (one.startsWith("see: journalctl -b -u ") && excuse == Excuse.STARTED_BY_ITS_PROGRAM) {
          continue; // the end of that warning
        }
        if (!one.contains(" after is <")) {
          return null;
        }
        String unit = one.substring(0, one.indexOf(' '));
        State predicted = after(check, unit);
        State seen = after(report, unit);
        if (seen.load().equals("bad-setting") || seen.load().equals("error")) {
          excuse = Excuse.UNUSABLE_UNIT_FILE;
          continue;
        }
        if (request instanceof RunningRequest
            && predicted.isMasked() != seen.isMasked()
            && deletedMasks.contains(unit)) {
          excuse = Excuse.DELETED_MASK_STILL_SHOWN;
          continue;
        }
        if (!predicted.load().equals(seen.load())) {
          return null;
        }
        if (request instanceof QuiesceRequest) {
          if (!predicted.isDown() || !seen.isDown()) {
            return null;
          }
          excuse = Excuse.ENDED_BY_ITS_PROGRAM;
        } else if (UnitType.activates(unit)) {
          excuse = Excuse.ACTIVATED_AT_ONCE;
        } else if (excuse == null) {
          excuse = Excuse.STARTED_BY_ITS_PROGRAM;
        }
      }
      return excuse;
    }

    private State before(Report report, String unit) {
      for (Report.Member member : report.members()) {
        if (member.unit().equals(unit)) {
          return member.before();
        }
      }
      return null;
    }

    private State after(Report report, String unit) {
      for (Report.Member member : report.members()) {
        if (member.unit().equals(unit)) {
          return member.after();
        }
      }
      throw new IllegalStateException(unit);
    }

    private Map<String, String> files() throws IOException {
      Map<String, String> files = new TreeMap<>();
      for (String dir : List.of("etc", "run")) {
        try (Stream<Path> all = Files.walk(root.resolve(dir))) {
          for (Path path : all.toList()) {
            files.put(
                root.relativize(path).toString(),
                Files.isSymbolicLink(path)
                    ? Files.readSymbolicLink(path).toString()
                    : Files.isDirectory(path) ? "/" : Files.readString(path));
          }
        }
      }
      return files;
    }
  }

  private static boolean failedWhileActing(String msg) {
    return msg.contains("did not stop within")
        || msg.contains("processes of the family are left")
        || msg.contains("did not come up")
        || msg.contains("did not stay up");
  }

  /** The fields that are compared. */
  private static final class Differences {
    private static final String PREFIX = "Check mode: nothing was changed. A run would report: ";
    private final List<String> found = new ArrayList<>();

    static String of(Report check, Report run) {
      Differences differences = new Differences();
      differences.compare("changed", check.changed(), run.changed());
      differences.compare("failed", check.failed(), run.failed());
      differences.compare(
          "msg",
          check.msg().startsWith(PREFIX) ? check.msg().substring(PREFIX.length()) : check.msg(),
          run.msg());
      differences.compare("warnings", check.warnings(), run.warnings());
      differences.compare("holds", holds(check), holds(run));
      differences.compare("doors", check.doors(), run.doors());
      differences.compare("inexact", check.inexact(), run.inexact());
      differences.compare("members", names(check), names(run));
      for (Report.Member member : check.members()) {
        for (Report.Member other : run.members()) {
          if (member.unit().equals(other.unit())) {
            differences.compare(
                member.unit() + " before", text(member.before()), text(other.before()));
            differences.compare(
                member.unit() + " after", text(member.after()), text(other.after()));
          }
        }
      }
      return differences.found.isEmpty() ? null : String.join("; ", differences.found);
    }

    private static List<String> holds(Report report) {
      List<String> holds = new ArrayList<>();
      for (Report.HoldLine line : report.holds()) {
        holds.add(
            line.hold().subject()
                + " "
                + line.phase()
                + " "
                + line.hold().until()
                + " "
                + line.hold().since()
                + " "
                + line.hold().by()
                + " "
                + line.hold().reason()
                + " "
                + line.hold().lease());
      }
      return holds;
    }

    private static List<String> names(Report report) {
      return report.members().stream().map(Report.Member::unit).toList();
    }

    private static String text(State state) {
      return state.load() + " " + state.active() + " " + state.sub();
    }

    private void compare(String field, Object check, Object run) {
      if (!check.equals(run)) {
        found.add(field + " is <" + check + "> when checked and <" + run + "> when run");
      }
    }
  }
}
