// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import quietus.family.Door;
import quietus.graph.FamilyGraph;
import quietus.graph.Node;
import quietus.protocol.Report;
import quietus.unit.State;

/** The families that a report tells of, as graphs. */
public final class Picture {
  private Picture() {}

  /** The units after which the families of some members are named. */
  public static List<String> subjects(List<Report.Member> members) {
    Set<String> subjects = new LinkedHashSet<>();
    for (Report.Member member : members) {
      subjects.addAll(member.families());
    }
    return List.copyOf(subjects);
  }

  /** The member with a name; null when there is none. */
  public static Report.Member member(List<Report.Member> members, String unit) {
    for (Report.Member member : members) {
      if (member.unit().equals(unit)) {
        return member;
      }
    }
    return null;
  }

  /**
   * The family of one subject.
   *
   * @param isHeld whether the families are held
   */
  public static FamilyGraph of(
      String subject, List<Report.Member> members, List<Door> doors, boolean isHeld) {
    List<Node> nodes = new ArrayList<>();
    Set<String> units = new LinkedHashSet<>(List.of(subject));
    for (Report.Member member : members) {
      if (member.families().contains(subject) && units.add(member.unit())) {
        nodes.add(new Node(member.unit(), member.reason(), word(member.after()), subject, false));
      }
    }
    for (Door door : doors) {
      if (units.contains(door.unit())) {
        nodes.add(
            new Node(door.kind().word(), door.text(), closed(door, isHeld), door.unit(), true));
      }
    }
    Report.Member named = member(members, subject);
    return new FamilyGraph(subject, named == null ? "not loaded" : word(named.after()), nodes);
  }

  /** What closes a door, or would. */
  public static String closed(Door door, boolean isHeld) {
    if (door.closedBy() == Door.Closed.NONE) {
      return isHeld ? "not closed" : "cannot be closed";
    }
    return (isHeld ? "closed by the " : "a hold closes it by the ") + door.closedBy().word();
  }

  private static String word(State state) {
    return state.active() + ", " + state.sub();
  }
}
