// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.family;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import quietus.unit.Relation;
import quietus.unit.Unit;

/**
 * A bond that a hold remembers. A masked unit no longer shows what it triggers or requires, so what
 * was known before the mask counts.
 *
 * @param from the members that pull the other in
 * @param to the unit that is pulled in
 * @param role what it is then
 * @param reason a sentence: why
 */
public record Dependency(List<String> from, String to, Role role, String reason) {
  public Dependency {
    from = List.copyOf(from);
  }

  /** The relations by which a stop of another unit stops this one. */
  private static final Relation[] FOLLOWS = {
    Relation.REQUIRES,
    Relation.REQUISITE,
    Relation.BINDS_TO,
    Relation.PART_OF,
    Relation.STOP_PROPAGATED_FROM
  };

  /** The units whose stop stops a unit too, as it says itself. */
  public static List<String> follows(Unit unit) {
    List<String> follows = new ArrayList<>();
    for (Relation relation : FOLLOWS) {
      for (String other : unit.related(relation)) {
        if (!follows.contains(other)) {
          follows.add(other);
        }
      }
    }
    return follows;
  }

  /**
   * The bonds of a unit with those that it follows and those that it triggers.
   *
   * @param follows what {@link #follows} says, or said
   * @param triggers the units that it triggers
   */
  public static List<Dependency> of(
      String unit, Collection<String> follows, Collection<String> triggers) {
    List<Dependency> ties = new ArrayList<>();
    for (String other : follows) {
      ties.add(
          new Dependency(
              List.of(other), unit, Role.DEPENDENT, "systemd stops it along with " + other));
    }
    for (String other : triggers) {
      ties.add(new Dependency(List.of(other), unit, Role.ACTIVATOR, "it starts " + other));
    }
    return ties;
  }
}
