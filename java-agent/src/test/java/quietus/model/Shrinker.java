// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Makes a graph for which something fails as small as it can, so that a person can read it. */
public final class Shrinker {
  private final Predicate<UnitGraph> fails;
  private int tries;

  private Shrinker(Predicate<UnitGraph> fails, int tries) {
    this.fails = fails;
    this.tries = tries;
  }

  /**
   * Takes units, relations, settings and starts away for as long as it still fails.
   *
   * @param graph one that fails
   * @param fails true when a graph still shows the failure; it must not depend on anything but the
   *     graph
   * @param tries at most so many calls of it
   */
  public static UnitGraph shrink(UnitGraph graph, Predicate<UnitGraph> fails, int tries) {
    return new Shrinker(fails, tries).run(graph);
  }

  private UnitGraph run(UnitGraph graph) {
    UnitGraph smallest = graph;
    UnitGraph last;
    do {
      last = smallest;
      smallest = units(smallest);
      smallest = starts(smallest);
      smallest = entries(smallest);
    } while (smallest.entries().size() < last.entries().size() && tries > 0);
    return smallest;
  }

  private boolean stillFails(UnitGraph graph) {
    return tries-- > 0 && fails.test(graph);
  }

  /** Takes half of the units away at once, then a quarter, ... */
  private UnitGraph units(UnitGraph graph) {
    UnitGraph smallest = graph;
    for (int size = Math.max(1, graph.units().size() / 2); size >= 1; size /= 2) {
      for (int from = 0; from < smallest.units().size(); ) {
        List<String> all = smallest.units();
        Set<String> gone =
            new LinkedHashSet<>(all.subList(from, Math.min(all.size(), from + size)));
        UnitGraph candidate = smallest.without(gone);
        if (stillFails(candidate)) {
          smallest = candidate;
        } else {
          from += size;
        }
      }
    }
    return smallest;
  }

  private UnitGraph starts(UnitGraph graph) {
    UnitGraph smallest = graph;
    for (String unit : graph.started()) {
      UnitGraph candidate = smallest.withoutStart(unit);
      if (stillFails(candidate)) {
        smallest = candidate;
      }
    }
    return smallest;
  }

  private UnitGraph entries(UnitGraph graph) {
    UnitGraph smallest = graph;
    for (UnitGraph.Entry entry : new ArrayList<>(graph.entries())) {
      if (entry.isOptional()) {
        UnitGraph candidate = smallest.withoutEntry(entry);
        if (stillFails(candidate)) {
          smallest = candidate;
        }
      }
    }
    return smallest;
  }
}
