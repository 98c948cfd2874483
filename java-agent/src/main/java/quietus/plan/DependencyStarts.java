// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Family;
import quietus.family.Member;
import quietus.hold.Hold;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * The units that are down and that a release would start too, because a unit that it starts wants
 * or requires them, directly or through others.
 */
public final class DependencyStarts {
  private static final Relation[] PULLS = {
    Relation.REQUIRES, Relation.BINDS_TO, Relation.WANTS, Relation.REQUISITE
  };

  private final HostView host;
  private final Set<String> closed;
  private final Map<String, Unit> units = new HashMap<>();
  private final Map<String, State> states = new LinkedHashMap<>();

  /**
   * @param closed units and templates that holds close; a release of others starts none of them
   */
  public DependencyStarts(HostView host, List<Family> families, Set<String> closed) {
    this.host = host;
    this.closed = closed;
    Set<String> first = new LinkedHashSet<>();
    for (Family family : families) {
      for (Member member : family.members()) {
        units.put(member.name(), member.unit());
        states.put(member.name(), member.unit().state());
        first.addAll(others(member.unit()));
      }
    }
    ask(first);
  }

  private void ask(Collection<String> names) {
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      if (!states.containsKey(name)) {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      states.putAll(host.statesOf(unknown));
    }
  }

  /** Without targets and mounts, which run no program. */
  private static Set<String> others(Unit unit) {
    Set<String> others = new LinkedHashSet<>();
    for (Relation relation : PULLS) {
      for (String other : unit.related(relation)) {
        if (other.endsWith(".service") || UnitType.activates(other)) {
          others.add(other);
        }
      }
    }
    return others;
  }

  /** The other units that a start of a unit starts, or whose absence makes it fail. */
  public List<Hold.Inexact> by(Unit unit) {
    List<Hold.Inexact> found = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    Deque<Unit> next = new ArrayDeque<>(List.of(unit));
    while (!next.isEmpty()) {
      Unit one = next.pop();
      Set<String> others = others(one);
      ask(others);
      for (String other : others) {
        State state = states.get(other);
        if (!state.isFound()
            || state.isUp()
            || state.isMasked()
            || isClosed(other)
            || !seen.add(other)) {
          continue;
        }
        if (one.related(Relation.REQUISITE).contains(other)) {
          found.add(
              new Hold.Inexact(
                  one.id(),
                  "its requisite "
                      + other
                      + " is down now, so a release cannot start it before that is up"));
          continue;
        }
        found.add(
            new Hold.Inexact(
                other,
                "it is down now, and a release starts it along with "
                    + one.id()
                    + ", which "
                    + (one.related(Relation.WANTS).contains(other) ? "wants" : "requires")
                    + " it"));
        Unit known = units.get(other);
        next.add(known == null ? host.load(List.of(other)).get(other) : known);
      }
    }
    return found;
  }

  private boolean isClosed(String unit) {
    String template = UnitName.templateOf(unit);
    return closed.contains(unit) || template != null && closed.contains(template);
  }
}
