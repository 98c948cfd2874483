// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Door;
import quietus.family.Family;
import quietus.family.Member;
import quietus.hold.FoundHold;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.protocol.Report;
import quietus.unit.State;

/** What a verb found and did. The agent makes the report from it. */
public record Outcome(
    boolean changed,
    boolean failed,
    String msg,
    List<Report.Member> members,
    List<Door> doors,
    List<FoundHold> holds,
    List<Hold.Inexact> inexact,
    List<String> warnings,
    Report.Evidence evidence) {

  /** An outcome with only a message. */
  static Outcome saying(String msg) {
    return new Outcome(
        false, false, msg, List.of(), List.of(), List.of(), List.of(), List.of(), null);
  }

  /** A failure in which nothing was changed. */
  static Outcome refused(String msg, List<Report.Member> members, List<FoundHold> holds) {
    return new Outcome(false, true, msg, members, List.of(), holds, List.of(), List.of(), null);
  }

  /**
   * The members of families that are not changed.
   *
   * @param held the holds on the host, with the members' earlier states
   */
  public static List<Report.Member> members(
      List<Family> families, Map<String, State> now, HoldsOnHost held) {
    Map<String, Report.Member> members = new LinkedHashMap<>();
    for (Family family : families) {
      for (Member member : family.members()) {
        Report.Member known = members.get(member.name());
        List<String> of = new ArrayList<>(known == null ? List.of() : known.families());
        of.add(family.subject());
        HeldMember remembered = held.elsewhere(member.name(), Set.of());
        State state = now.get(member.name());
        members.put(
            member.name(),
            new Report.Member(
                member.name(),
                known == null ? member.role() : known.role(),
                known == null ? member.reason() : known.reason(),
                of,
                state,
                state,
                remembered == null ? null : remembered.was(),
                remembered != null && remembered.restore()));
      }
    }
    return List.copyOf(members.values());
  }

  /** An outcome in which nothing was changed and nothing failed. */
  public static Outcome of(
      Collection<Hold> holds,
      Phase phase,
      Map<String, State> before,
      Map<String, State> after,
      String msg) {
    Map<String, Report.Member> members = new LinkedHashMap<>();
    List<Door> doors = new ArrayList<>();
    List<Hold.Inexact> inexact = new ArrayList<>();
    List<FoundHold> found = new ArrayList<>();
    for (Hold hold : holds) {
      // Not a set: the hash of a record costs the JVM 20 ms at its first use.
      add(doors, hold.doors(), !found.isEmpty());
      add(inexact, hold.inexact(), !found.isEmpty());
      found.add(new FoundHold(hold, phase));
      for (HeldMember member : hold.members()) {
        Report.Member known = members.get(member.unit());
        List<String> families = new ArrayList<>();
        if (known != null) {
          families.addAll(known.families());
        }
        families.add(hold.subject());
        members.put(
            member.unit(),
            new Report.Member(
                member.unit(),
                known == null ? member.role() : known.role(),
                known == null ? member.reason() : known.reason(),
                families,
                before.getOrDefault(member.unit(), State.NOT_FOUND),
                after.getOrDefault(member.unit(), State.NOT_FOUND),
                member.was(),
                member.restore()));
      }
    }
    return new Outcome(
        false, false, msg, List.copyOf(members.values()), doors, found, inexact, List.of(), null);
  }

  private static <T> void add(List<T> all, List<T> more, boolean mayBeThere) {
    for (T one : more) {
      if (!mayBeThere || !all.contains(one)) {
        all.add(one);
      }
    }
  }

  public Outcome with(boolean nowChanged, boolean nowFailed, List<String> nowWarnings) {
    return new Outcome(
        nowChanged,
        nowFailed,
        msg,
        members,
        doors,
        holds,
        inexact,
        List.copyOf(nowWarnings),
        evidence);
  }

  public Outcome with(Report.Evidence seen) {
    return new Outcome(changed, failed, msg, members, doors, holds, inexact, warnings, seen);
  }

  /** The same outcome with no hold left. */
  public Outcome released() {
    return new Outcome(
        changed, failed, msg, members, doors, List.of(), inexact, warnings, evidence);
  }

  /** This outcome, followed by that of other units. */
  public Outcome and(Outcome other) {
    List<Report.Member> all = new ArrayList<>(members);
    all.addAll(other.members());
    List<String> said = new ArrayList<>(warnings);
    said.addAll(other.warnings());
    return new Outcome(
        changed || other.changed(),
        other.failed(),
        msg + " " + other.msg(),
        all,
        doors,
        holds,
        inexact,
        said,
        null);
  }
}
