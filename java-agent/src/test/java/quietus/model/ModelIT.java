// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
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
 * The model compared with a real systemd: the same random unit files, and the same starts, stops,
 * kills, connections, gates, masks, holds and releases played on both; after each of them every
 * unit is in the same state. {@code -Dquietus.compared=N} plays N graphs, {@code
 * -Dquietus.compared.from=SEED} others.
 */
class ModelIT {
  private static final int GRAPHS = Integer.getInteger("quietus.compared", 4);

  /** Hosts at once: a play spends most of its time waiting. */
  private static final int HOSTS = 4;

  private static final long FROM = Long.getLong("quietus.compared.from", 0);

  /** How often the model may try what systemd leaves to the order of its hash tables. */
  private static final int CHANCES = 40;

  /** What {@code Machine.boot} does too: units that a generator makes. */
  static final String GENERATOR =
      """
      #!/bin/sh
      cd /etc/model-generator || exit 0
      [ ! -d normal ] || cp -a normal/. "$1"
      [ ! -d early ] || cp -a early/. "$2"
      [ ! -d late ] || cp -a late/. "$3"
      """;

  /** What was compared. */
  private record Tally(AtomicInteger graphs, AtomicInteger states, AtomicInteger otherOrders) {
    Tally() {
      this(new AtomicInteger(), new AtomicInteger(), new AtomicInteger());
    }
  }

  static List<String> suites() {
    return Suites.all();
  }

  @ParameterizedTest
  @MethodSource("suites")
  void theSameActionsLeadToTheSameStates(String suite) throws Exception {
    AtomicLong next = new AtomicLong(FROM);
    Tally tally = new Tally();
    ExecutorService hosts = Executors.newFixedThreadPool(HOSTS);
    try {
      List<String> different = new ArrayList<>();
      Callable<List<String>> one = () -> compareOnOneHost(suite, next, tally);
      for (Future<List<String>> found :
          hosts.invokeAll(Collections.nCopies(Math.min(HOSTS, GRAPHS), one))) {
        different.addAll(found.get());
      }
      System.out.println(
          suite
              + ": "
              + tally.graphs
              + " graphs compared with the model, "
              + tally.states
              + " states of units, "
              + tally.otherOrders
              + " graphs equal in another order of systemd's hash tables");
      assertEquals(List.of(), different);
      assertEquals(GRAPHS, tally.graphs.get());
      assertTrue(tally.states.get() > 50 * GRAPHS, tally.toString());
    } finally {
      hosts.shutdownNow();
    }
  }

  private static List<String> compareOnOneHost(String suite, AtomicLong next, Tally tally)
      throws IOException {
    List<String> different = new ArrayList<>();
    try (Host host = Host.boot(suite)) {
      host.write("/etc/systemd/system-generators/quietus-model", GENERATOR, 0755);
      int version = Integer.parseInt(host.sh("systemctl --version").ok().split("\\s+")[1]);
      for (long seed = next.getAndIncrement();
          seed < FROM + GRAPHS;
          seed = next.getAndIncrement()) {
        String difference = compare(host, version, seed, tally);
        if (difference != null) {
          different.add(difference);
        }
      }
    }
    return different;
  }

  private static String compare(Host host, int version, long seed, Tally tally) throws IOException {
    String prefix = prefix(seed);
    UnitGraph graph =
        RandomUnits.graph(seed, 16, new RandomUnits.Options(prefix, true, seed % 2 == 1, false));
    Play play = Play.random(graph, "run/qthold/" + prefix, seed, 8);
    String output = host.sh(play.shell()).out();
    host.sh(play.cleanUp());
    List<Map<String, String>> found = play.read(output);
    List<Map<String, String>> expected = play(play, version, null, output);
    tally.graphs.incrementAndGet();
    found.forEach(states -> tally.states.addAndGet(states.size()));
    if (expected.equals(found)) {
      return null;
    }
    for (int chance = 0; chance < CHANCES; chance++) {
      if (play(play, version, new Random(chance), output).equals(found)) {
        tally.otherOrders.incrementAndGet();
        return null;
      }
    }
    for (int i = 0; i < expected.size(); i++) {
      Map<String, String> model = expected.get(i);
      Map<String, String> real = i < found.size() ? found.get(i) : Map.of();
      if (!model.equals(real)) {
        StringBuilder text =
            new StringBuilder(
                "seed "
                    + seed
                    + ", after "
                    + (i == 0 ? "the beginning" : play.actions.subList(0, i).toString())
                    + ":\n");
        for (String unit : new TreeSet<>(model.keySet())) {
          if (!Objects.equals(model.get(unit), real.get(unit))) {
            text.append("  ")
                .append(unit)
                .append(": model ")
                .append(model.get(unit))
                .append(", systemd ")
                .append(real.get(unit))
                .append('\n');
          }
        }
        return text.append(graph).toString();
      }
    }
    return "seed " + seed + ": systemd gave " + found.size() + " times, model " + expected.size();
  }

  private static List<Map<String, String>> play(
      Play play, int version, Random chance, String output) throws IOException {
    Path root = Files.createTempDirectory("quietus-model");
    try {
      return play.onModel(root, version, chance, Play.times(output));
    } finally {
      Processes.delete(root);
    }
  }

  /**
   * Letters only, different for each seed, so that nothing of one graph is left when the next is
   * played.
   */
  static String prefix(long seed) {
    StringBuilder letters = new StringBuilder("q");
    for (long rest = seed; rest > 0 || letters.length() == 1; rest /= 26) {
      letters.append((char) ('a' + rest % 26));
    }
    return letters.append('q').toString();
  }
}
