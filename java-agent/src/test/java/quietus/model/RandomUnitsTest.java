// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.unit.State;

class RandomUnitsTest {
  private static UnitGraph graph(long seed) {
    return RandomUnits.graph(seed, 2 + (int) (seed % 39), RandomUnits.Options.ALL);
  }

  @Test
  void aSeedGivesOneGraph() {
    assertEquals(graph(7).toString(), graph(7).toString());
    assertFalse(graph(7).toString().equals(graph(8).toString()));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void everyGraphBootsWithoutOrderingCycles(int version) {
    int units = 0;
    int up = 0;
    for (long seed = 0; seed < 120; seed++) {
      Scene scene = new Scene();
      UnitGraph graph = graph(seed);
      ModelSystemd systemd = graph.boot(scene.root, version);
      long seeded = seed;
      assertEquals(
          "active",
          systemd.peek("multi-user.target").active(),
          () -> "seed " + seeded + "\n" + graph);
      assertTrue(
          systemd.history().entries().stream().noneMatch(e -> e.detail().equals("ordering cycle")),
          () -> "seed " + seeded + "\n" + graph);
      units += graph.units().size();
      up += up(systemd, graph);
      scene.clean();
    }
    System.out.println(
        "systemd " + version + ": 120 random graphs booted, " + up + " of " + units + " units up");
    assertTrue(up * 4 > units, up + " of " + units + " units are up");
  }

  private static int up(ModelSystemd systemd, UnitGraph graph) {
    Map<String, State> all = systemd.snapshot();
    return (int)
        graph.units().stream().filter(u -> all.getOrDefault(u, State.NOT_FOUND).isUp()).count();
  }

  @Test
  void aQuietGraphIsAtRest() {
    int up = 0;
    for (long seed = 0; seed < 60; seed++) {
      Scene scene = new Scene();
      UnitGraph graph = RandomUnits.graph(seed, 20, RandomUnits.Options.COMPARABLE);
      ModelSystemd systemd = graph.boot(scene.root, 252);
      systemd.pass(java.time.Duration.ofSeconds(20));
      Map<String, State> before = systemd.snapshot();
      long mark = systemd.history().mark();
      systemd.pass(java.time.Duration.ofSeconds(60));
      assertEquals(before, systemd.snapshot(), graph::toString);
      assertEquals(List.of(), systemd.history().since(mark), graph::toString);
      up += up(systemd, graph);
      scene.clean();
    }
    System.out.println("60 random graphs stay at rest, " + up + " of their units up");
    assertTrue(up > 60, up + " units are up");
  }

  @Test
  void allKindsOfUnitsRelationsAndPlacesOccur() {
    Set<String> seen = new HashSet<>();
    for (long seed = 0; seed < 300; seed++) {
      for (UnitGraph.Entry entry : graph(seed).entries()) {
        seen.add(
            entry.isLink() && entry.text().equals("/dev/null")
                ? "mask"
                : entry.text().replaceAll("=.*", ""));
        seen.add(entry.file().replaceAll("/[^/]*$", ""));
        seen.add(entry.owner().replaceAll(".*\\.", "."));
      }
    }
    for (String wanted :
        List.of(
            "Requires",
            "Requisite",
            "BindsTo",
            "PartOf",
            "Wants",
            "Upholds",
            "PropagatesStopTo",
            "StopPropagatedFrom",
            "Conflicts",
            "After",
            "OnFailure",
            "OnSuccess",
            "Service",
            "Unit",
            "Accept",
            "BusName",
            "Restart",
            "ExecStop",
            "KillMode",
            "Slice",
            "mask",
            ".service",
            ".socket",
            ".timer",
            ".path",
            ".target",
            ".mount",
            ".automount",
            "etc/systemd/system",
            "usr/lib/systemd/system",
            "run/systemd/system",
            "etc/model-generator/late")) {
      assertTrue(seen.contains(wanted), wanted);
    }
  }

  @Test
  void aStormOnAGraphNeverEndsInAnError() {
    long changes = 0;
    for (long seed = 0; seed < 40; seed++) {
      Scene scene = new Scene();
      UnitGraph graph = graph(seed);
      ModelSystemd systemd = graph.boot(scene.root, seed % 2 == 0 ? 252 : 257);
      long mark = systemd.history().mark();
      systemd.adversary(
          new RandomAdversary(graph, scene.root, seed, Set.of(RandomAdversary.Act.values()), 50));
      for (int i = 0; i < 20; i++) {
        systemd.awaitChange(graph.units(), java.time.Duration.ofMillis(300));
      }
      changes += systemd.history().since(mark).size();
      scene.clean();
    }
    System.out.println("storms on 40 random graphs: " + changes + " changes of state");
    assertTrue(changes > 400, changes + " changes");
  }

  @Test
  void aCounterexampleIsShrunkToWhatMatters() {
    UnitGraph big = RandomUnits.graph(3, 40, RandomUnits.Options.ALL);
    UnitGraph.Entry culprit =
        big.entries().stream()
            .filter(e -> e.text().startsWith("Requires=qt"))
            .findFirst()
            .orElseThrow();
    UnitGraph small = Shrinker.shrink(big, g -> g.entries().contains(culprit), 2000);
    assertTrue(small.units().size() <= 3, small::toString);
    assertTrue(small.entries().contains(culprit));
  }
}
