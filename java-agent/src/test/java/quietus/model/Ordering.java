// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The order in which jobs run: a stop goes before everything that it is ordered with, starts follow
 * Before= and After=.
 */
final class Ordering {
  private Ordering() {}

  /**
   * True when that type of job for {@code unit} goes before that type for {@code other}, which is
   * ordered {@code Before=} (or not) it.
   */
  private static boolean goesFirst(boolean unitIsBefore, JobType type, JobType otherType) {
    return unitIsBefore ? !otherType.stops() : type.stops();
  }

  /** The units on a cycle among some jobs and those that are installed; null when there is none. */
  static List<ModelUnit> cycle(List<Transaction.Node> nodes) {
    Map<ModelUnit, JobType> types = new HashMap<>();
    nodes.forEach(n -> types.putIfAbsent(n.unit, n.type));
    Set<ModelUnit> done = new HashSet<>();
    for (Transaction.Node node : nodes) {
      Deque<ModelUnit> way = new ArrayDeque<>();
      List<ModelUnit> cycle = walk(node.unit, types, done, way);
      if (cycle != null) {
        return cycle;
      }
    }
    return null;
  }

  private static List<ModelUnit> walk(
      ModelUnit unit, Map<ModelUnit, JobType> types, Set<ModelUnit> done, Deque<ModelUnit> way) {
    if (way.contains(unit)) {
      List<ModelUnit> cycle = new java.util.ArrayList<>();
      for (ModelUnit u : way) {
        cycle.add(u);
        if (u == unit) {
          return cycle;
        }
      }
    }
    if (!done.add(unit)) {
      return null;
    }
    way.push(unit);
    JobType type = typeOf(unit, types);
    for (boolean before : new boolean[] {true, false}) {
      for (ModelUnit other : unit.deps(Set.of(before ? Dep.BEFORE : Dep.AFTER))) {
        JobType otherType = typeOf(other, types);
        if (otherType != null && goesFirst(before, type, otherType)) {
          List<ModelUnit> cycle = walk(other, types, done, way);
          if (cycle != null) {
            return cycle;
          }
        }
      }
    }
    way.pop();
    return null;
  }

  private static JobType typeOf(ModelUnit unit, Map<ModelUnit, JobType> types) {
    JobType type = types.get(unit);
    return type != null ? type : unit.job == null ? null : unit.job.type;
  }
}
