// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import quietus.family.Door;
import quietus.graph.FamilyGraph;
import quietus.graph.Node;
import quietus.protocol.Report;
import quietus.unit.State;

/** The families of a report as graphs. */
final class Pictures {
  private Pictures() {}

  /** The units after which the families of a report are named. */
  static List<String> subjects(Report report) {
    Set<String> subjects = new LinkedHashSet<>();
    for (Report.Member member : report.members()) {
      subjects.addAll(member.families());
    }
    return List.copyOf(subjects);
  }

  /** The member with a name; null when there is none. */
  static Report.Member member(Report report, String unit) {
    for (Report.Member member : report.members()) {
      if (member.unit().equals(unit)) {
        return member;
      }
    }
    return null;
  }

  /** The family of one subject. */
  static FamilyGraph of(Report report, String subject) {
    List<Node> nodes = new ArrayList<>();
    Set<String> units = new LinkedHashSet<>(List.of(subject));
    for (Report.Member member : report.members()) {
      if (member.families().contains(subject) && units.add(member.unit())) {
        nodes.add(new Node(member.unit(), member.reason(), word(member.after()), subject, false));
      }
    }
    for (Door door : report.doors()) {
      if (units.contains(door.unit())) {
        nodes.add(
            new Node(
                door.kind().word(),
                door.text(),
                Page.closed(door, !report.holds().isEmpty()),
                door.unit(),
                true));
      }
    }
    Report.Member named = member(report, subject);
    return new FamilyGraph(subject, named == null ? "not loaded" : word(named.after()), nodes);
  }

  private static String word(State state) {
    return state.active() + ", " + state.sub();
  }
}
