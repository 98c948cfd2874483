// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import quietus.lab.Host;
import quietus.lab.Suites;

/**
 * The rules of the random families on a real systemd: a generated graph of up to 40 units is
 * quiesced, as one unit, as a list or by a glob; everything that can start one of them is tried
 * from the moment the hold is there, and nothing starts; a second run changes nothing; the release
 * brings every unit of the host back to what it was. {@code -Dquietus.generated=N} plays N graphs
 * on each suite, {@code -Dquietus.generated.from=SEED} others.
 */
class GeneratedFamiliesIT {
  private static final int GRAPHS = Integer.getInteger("quietus.generated", 12);
  private static final long FROM = Long.getLong("quietus.generated.from", 0);
  private static final int HOSTS = 3;
  private static final String TRACES =
      "find /etc/systemd/system.control /run/systemd/system.control /etc/quietus /run/quietus -not"
          + " -type d -not -name lock 2>/dev/null";

  /** What was played and compared; the test prints it. */
  private record Tally(
      AtomicInteger quiesced,
      AtomicInteger refused,
      AtomicInteger units,
      AtomicInteger largest,
      AtomicInteger attacks,
      AtomicInteger moved,
      AtomicInteger compared) {
    Tally() {
      this(
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger());
    }
  }

  static List<String> suites() {
    return Suites.all();
  }

  @ParameterizedTest
  @MethodSource("suites")
  void nothingStartsWhileHeldAndAReleaseRestoresTheHost(String suite) throws Exception {
    AtomicLong next = new AtomicLong(FROM);
    Tally tally = new Tally();
    ExecutorService hosts = Executors.newFixedThreadPool(HOSTS);
    try {
      List<String> broken = new ArrayList<>();
      Callable<List<String>> one = () -> playOnOneHost(suite, next, tally);
      for (Future<List<String>> found :
          hosts.invokeAll(Collections.nCopies(Math.min(HOSTS, GRAPHS), one))) {
        broken.addAll(found.get());
      }
      System.out.println(
          suite
              + ": "
              + tally.quiesced
              + " graphs quiesced, "
              + tally.refused
              + " refused, "
              + tally.units
              + " units held, at most "
              + tally.largest
              + " at once, "
              + tally.attacks
              + " attempts to start them, "
              + tally.moved
              + " left out of the comparison because the storm changed the rest of the host, "
              + tally.compared
              + " hosts compared with before");
      assertEquals(List.of(), broken);
      assertTrue(tally.quiesced.get() * 2 > GRAPHS, "most graphs can be quiesced: " + tally);
      assertEquals(GRAPHS, tally.quiesced.get() + tally.refused.get(), "graphs: " + tally);
      assertEquals(
          tally.quiesced.get(), tally.moved.get() + tally.compared.get(), "quiesced: " + tally);
      assertTrue(tally.attacks.get() > tally.units.get(), "each member is attacked: " + tally);
      assertTrue(
          tally.compared.get() * 4 > tally.quiesced.get(), "many hosts can be compared: " + tally);
    } finally {
      hosts.shutdownNow();
    }
  }

  private static List<String> playOnOneHost(String suite, AtomicLong next, Tally tally)
      throws IOException {
    List<String> broken = new ArrayList<>();
    try (Host host = Host.boot(suite)) {
      host.write("/etc/systemd/system-generators/quietus-model", ModelIT.GENERATOR, 0755);
      for (long seed = next.getAndIncrement();
          seed < FROM + GRAPHS;
          seed = next.getAndIncrement()) {
        String prefix = ModelIT.prefix(seed);
        UnitGraph graph =
            RandomUnits.graph(
                seed,
                4 + (int) (seed * 11 % 37),
                new RandomUnits.Options(prefix, true, seed % 3 == 0, false));
        Play play = Play.of(graph, "run/qthold/" + prefix, List.of());
        host.sh(play.shell());
        String wrong = play(host, graph, prefix, seed, tally);
        if (wrong != null) {
          broken.add(suite + ", seed " + seed + ": " + wrong + "\n" + graph);
        }
        for (String hold :
            host.sh("ls /etc/quietus/holds /etc/quietus/releasing 2>/dev/null | grep '[.]'")
                .out()
                .split("\\s+")) {
          if (!hold.isBlank()) {
            host.release(hold, "\"timeout\":5");
          }
        }
        host.sh(play.cleanUp());
        host.sh(
            "rm -rf /etc/quietus /run/quietus /etc/systemd/system.control"
                + " /run/systemd/system.control; systemctl daemon-reload");
      }
    }
    return broken;
  }

  private static String play(Host host, UnitGraph graph, String prefix, long seed, Tally tally) {
    rest(host, prefix);
    Set<String> odd = odd(host, prefix);
    Map<String, String> before = states(host);
    String traces = host.sh(TRACES).out();
    String names = names(graph, prefix, seed);
    // every second storm touches members only, so that the whole host can be compared afterwards
    List<String> among =
        seed % 2 == 0
            ? graph.units("")
            : host.agent("info", "{\"names\":[" + names + "]}").ok().units();
    host.sh(
        "mkdir -p /run/storm; rm -f /run/storm/*; cat >/run/storm/attack <<'END'\n"
            + storm(graph, seed, among)
            + "END\nsetsid sh /run/storm/attack >/run/storm/log 2>&1 </dev/null &");
    Host.Answer held = host.agent("apply", request(names, "quiesced"));
    if (held.failed()) {
      host.sh(
          "touch /run/storm/end; until [ -e /run/storm/ended ]; do sleep 0.05; done; rm -rf"
              + " /var/qt/*");
      tally.refused.incrementAndGet();
      return acceptable(held.msg()) ? null : "quiesce of " + names + ": " + held.msg();
    }
    // two more rounds of it, once all is down
    host.sh(
        "n=$(wc -l </run/storm/rounds); until [ $(wc -l </run/storm/rounds) -ge $((n + 2)) ]; do"
            + " sleep 0.05; done; touch /run/storm/end; until [ -e /run/storm/ended ]; do sleep"
            + " 0.05; done");
    tally.attacks.addAndGet(Integer.parseInt(host.sh("wc -l </run/storm/count").ok()));
    List<String> members = held.units();
    tally.quiesced.incrementAndGet();
    tally.units.addAndGet(members.size());
    tally.largest.accumulateAndGet(members.size(), Math::max);
    String started = started(host, members);
    if (!started.isEmpty()) {
      return "started while " + names + " is held: " + started;
    }
    Host.Answer again = host.agent("apply", request(names, "quiesced"));
    // a glob may now match units outside the family that the storm started
    boolean more = again.units().size() > members.size() && names.contains("*");
    if (again.failed() || again.changed() && !more) {
      return "a second quiesce: "
          + again.msg()
          + " "
          + again.report().get("warnings")
          + again.report().get("steps");
    }
    host.sh("rm -rf /var/qt/*"); // a path whose file is there starts its service, which is right
    Set<String> moved = different(before, states(host)).keySet();
    moved.removeAll(members);
    Host.Answer released = host.agent("apply", request(names, "running"));
    boolean isComparable = odd.isEmpty() && moved.isEmpty();
    if (!isComparable) {
      tally.moved.incrementAndGet();
    }
    if (released.failed()) {
      return isComparable ? "release of " + names + ": " + released.msg() : null;
    }
    rest(host, prefix);
    String left = host.sh(TRACES).out();
    if (!left.equals(traces)) {
      return "left after the release:\n" + left + "and before there was:\n" + traces;
    }
    Map<String, String> different = different(before, states(host));
    // units outside the family stay as the storm left them, and units that depend on them may
    // follow
    if (isComparable) {
      for (JsonNode inexact : held.report().get("inexact")) {
        if (!inexact.get("text").textValue().contains("counts")
            && !inexact.get("text").textValue().contains("timer")) {
          different.remove(inexact.get("unit").textValue());
        }
      }
      tally.compared.incrementAndGet();
      if (!different.isEmpty()) {
        return "after the release of "
            + names
            + " ("
            + members.size()
            + " members): "
            + different
            + "; said before: "
            + held.report().get("inexact");
      }
    }
    return null;
  }

  /** All units by a glob, three units, or one, depending on the seed. */
  private static String names(UnitGraph graph, String prefix, long seed) {
    List<String> services = new ArrayList<>(graph.units(".service"));
    if (services.isEmpty() || seed % 4 == 0) {
      return "\"" + prefix + "*\"";
    }
    Collections.shuffle(services, new Random(seed));
    return "\""
        + String.join(
            "\",\"", services.subList(0, Math.min(seed % 4 == 1 ? 3 : 1, services.size())))
        + "\"";
  }

  private static String request(String names, String state) {
    return "{\"names\":[" + names + "],\"state\":\"" + state + "\",\"timeout\":60}";
  }

  /** Waits until no unit of the graph changes its state any more, at most ten seconds. */
  private static void rest(Host host, String prefix) {
    host.sh(
        "for i in $(seq 100); do if systemctl list-units --all --plain --no-legend '"
            + prefix
            + "*' | grep -qE 'activating|auto-restart|reloading' || systemctl list-jobs --no-legend"
            + " | grep -q .; then sleep 0.1; else exit 0; fi; done");
  }

  /**
   * Units that are up although a unit that they require is down: no start can restore that state.
   */
  private static Set<String> odd(Host host, String prefix) {
    String script =
        "for u in $(systemctl list-units --all --plain --no-legend '"
            + prefix
            + "*' | awk '$3 != \"active\" {print $1}'); do for o in $(systemctl show --value -p"
            + " RequiredBy -p RequisiteOf -p BoundBy $u); do systemctl is-active -q $o && echo $o;"
            + " done; done";
    return new LinkedHashSet<>(host.sh(script).out().lines().toList());
  }

  /**
   * Everything that starts units, from the moment a hold exists; one round tries each unit, and
   * rounds follow until the test ends them.
   */
  private static String storm(UnitGraph graph, long seed, List<String> among) {
    List<String> acts = new ArrayList<>();
    for (String unit : graph.units("")) {
      if (!among.contains(unit)) {
        continue;
      }
      acts.add("systemctl start --no-block " + unit);
      if (unit.endsWith(".service")) {
        acts.add("systemctl try-restart --no-block " + unit);
      } else if (unit.endsWith(".socket")) {
        acts.add("nc -NU -w 1 /run/qt/" + unit + " </dev/null");
      } else if (unit.endsWith(".path")) {
        acts.add("{ mkdir -p /var/qt/" + unit + "; touch /var/qt/" + unit + "/file; }");
      }
    }
    if (among.containsAll(graph.units(""))) {
      List.of("multi-user", "sockets", "timers", "paths")
          .forEach(target -> acts.add("systemctl start --no-block " + target + ".target"));
    }
    acts.add("systemctl daemon-reload");
    Collections.shuffle(acts, new Random(seed));
    StringBuilder script =
        new StringBuilder(
            "touch /run/storm/rounds\n"
                + "until ls /etc/quietus/holds 2>/dev/null | grep -q '[.]' || [ -e /run/storm/end"
                + " ]; do sleep 0.01; done\n");
    script.append(
        "cut -d' ' -f1 /proc/uptime >/run/storm/closed\nwhile [ ! -e /run/storm/end ]; do\n");
    acts.forEach(act -> script.append(act).append("; echo >>/run/storm/count\n"));
    return script.append("echo >>/run/storm/rounds\ndone\ntouch /run/storm/ended\n").toString();
  }

  /**
   * Members that left the inactive state, or tried to, after the hold was there, or that are not
   * down now.
   */
  private static String started(Host host, List<String> members) {
    return host.sh(
            "closed=$(tr -d . </run/storm/closed)0000\nfor u in '"
                + String.join("' '", members)
                + "'; do\n"
                + "case $u in *@.*) continue;; esac\n"
                + "at=$(systemctl show --value -p InactiveExitTimestampMonotonic \"$u\")\n"
                + "state=$(systemctl show --value -p ActiveState \"$u\")\n"
                + "if [ \"${at:-0}\" -gt $closed ] || [ $state = active ] || [ $state = activating"
                + " ]; then echo \"$u $state ${at:-0} $closed\"; fi\n"
                + "done")
        .out()
        .strip();
  }

  /** The states of every unit of the host. */
  private static Map<String, String> states(Host host) {
    Map<String, String> states = new TreeMap<>();
    host.allUnits()
        .lines()
        .forEach(
            line -> {
              String[] words = line.split(" ");
              if (words.length >= 4 && !words[2].equals("inactive")) {
                states.put(words[0], words[1] + " " + words[2] + " " + words[3]);
              }
            });
    return states;
  }

  private static Map<String, String> different(
      Map<String, String> before, Map<String, String> after) {
    Map<String, String> different = new TreeMap<>();
    Set<String> all = new LinkedHashSet<>(before.keySet());
    all.addAll(after.keySet());
    for (String unit : all) {
      String was = before.getOrDefault(unit, "down");
      String is = after.getOrDefault(unit, "down");
      if (!was.equals(is) && !(was.matches("down|.*failed.*") && is.matches("down|.*failed.*"))) {
        different.put(unit, "was " + was + ", is " + is);
      }
    }
    return different;
  }

  private static boolean acceptable(String msg) {
    return msg.contains("masked by an administrator")
        || msg.contains("processes of the family are left")
        || msg.contains("allow_protected");
  }
}
