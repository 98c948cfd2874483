package quietus.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Door;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.unit.State;

/** What a verb found and did; the agent adds steps and terms to make the report. */
record Outcome(boolean changed, boolean failed, String msg, List<Report.Member> members, List<Door> doors, Map<Hold, Phase> holds, List<Hold.Inexact> inexact,
    List<String> warnings) {

  /** An outcome in which nothing was changed and nothing failed. */
  static Outcome of(Collection<Hold> holds, Phase phase, Map<String, State> before, Map<String, State> after, String msg) {
    Map<String, Report.Member> members = new LinkedHashMap<>();
    Set<Door> doors = new LinkedHashSet<>();
    Set<Hold.Inexact> inexact = new LinkedHashSet<>();
    Map<Hold, Phase> phases = new LinkedHashMap<>();
    for (Hold hold : holds) {
      phases.put(hold, phase);
      doors.addAll(hold.doors());
      inexact.addAll(hold.inexact());
      for (HeldMember member : hold.members()) {
        Report.Member known = members.get(member.unit());
        List<String> families = new ArrayList<>();
        if (known != null) {
          families.addAll(known.families());
        }
        families.add(hold.subject());
        members.put(member.unit(), new Report.Member(member.unit(), known == null ? member.role() : known.role(),
            known == null ? member.reason() : known.reason(), families, before.getOrDefault(member.unit(), State.NOT_FOUND),
            after.getOrDefault(member.unit(), State.NOT_FOUND), member.was(), member.restore()));
      }
    }
    return new Outcome(false, false, msg, List.copyOf(members.values()), List.copyOf(doors), phases, List.copyOf(inexact), List.of());
  }

  Outcome with(boolean nowChanged, boolean nowFailed, List<String> nowWarnings) {
    return new Outcome(nowChanged, nowFailed, msg, members, doors, holds, inexact, List.copyOf(nowWarnings));
  }

  /** The same outcome with no hold left. */
  Outcome released() {
    return new Outcome(changed, failed, msg, members, doors, Map.of(), inexact, warnings);
  }
}
