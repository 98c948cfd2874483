// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Family;
import quietus.family.Member;
import quietus.hold.FoundHold;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * Which families to hold, which of their gates are missing, and the warnings. It does not contain
 * what is only known while acting: which units are up at the instant of the hold, which instances
 * are spawned until then, which processes are left.
 */
public final class QuiescePlan implements Plan {
  private final HostView host;
  private final HoldsOnHost held;
  private final DependencyStarts starts;
  private final List<Target> targets;
  private final Map<String, State> before;
  private final Map<String, State> reported;
  private final List<String> warnings;
  private final Outcome done;

  QuiescePlan(
      HostView host,
      HoldsOnHost held,
      DependencyStarts starts,
      List<Target> targets,
      Map<String, State> before,
      List<String> warnings) {
    this.host = host;
    this.held = held;
    this.starts = starts;
    this.targets = List.copyOf(targets);
    this.before = before;
    this.reported = ReportedStates.of(host.disk(), holds(this.targets), before);
    this.warnings = List.copyOf(warnings);
    this.done = null;
  }

  /** A plan to do nothing. */
  QuiescePlan(Outcome done) {
    this.host = null;
    this.held = null;
    this.starts = null;
    this.targets = List.of();
    this.before = Map.of();
    this.reported = Map.of();
    this.warnings = List.of();
    this.done = done;
  }

  /**
   * A family that is to be held.
   *
   * @param hold a draft of the record, with the states at the time of planning
   * @param found the record that was there, or null
   * @param family the family as it was resolved
   * @param added members that are not in the record that was there
   * @param ungated the units whose gate is missing
   * @param setsLease true when the files that end the hold's lease have to be written
   */
  public record Target(
      Hold hold,
      FoundHold found,
      Family family,
      List<Member> added,
      Set<String> ungated,
      boolean setsLease) {
    public boolean isNew() {
      return found == null;
    }

    /** True when the family was held and no release of it was under way. */
    public boolean wasHeld() {
      return found != null && found.phase() == Phase.HELD;
    }

    public boolean wasReleasing() {
      return found != null && found.phase() == Phase.RELEASING;
    }

    /** True when the record on the disk has a lease, and the new one has none. */
    public boolean clearsLease() {
      return hold.lease() == null && found != null && found.hold().lease() != null;
    }

    public Target with(Hold other) {
      return new Target(other, found, family, added, ungated, setsLease);
    }
  }

  @Override
  public boolean isNoOp() {
    return done != null;
  }

  @Override
  public Outcome outcome() {
    return done != null ? done : new QuiesceForecast(host, this).outcome();
  }

  @Override
  public Set<String> subjects() {
    Set<String> subjects = new LinkedHashSet<>();
    for (Target target : targets) {
      subjects.add(target.hold().subject());
    }
    return subjects;
  }

  public List<Target> targets() {
    return targets;
  }

  public List<Hold> holds() {
    return holds(targets);
  }

  public static List<Hold> holds(List<Target> targets) {
    List<Hold> holds = new ArrayList<>();
    for (Target target : targets) {
      holds.add(target.hold());
    }
    return holds;
  }

  /** The states of all members when this was planned. */
  public Map<String, State> before() {
    return before;
  }

  /** The same as a report tells them; see {@link ReportedStates}. */
  public Map<String, State> reported() {
    return reported;
  }

  /** The warnings that do not depend on what acting finds. */
  public List<String> warnings() {
    return warnings;
  }

  /** True when systemd has read the gates of all members. */
  public boolean gatesAreRead() {
    for (Target target : targets) {
      Set<String> names = new LinkedHashSet<>();
      for (HeldMember member : target.hold().members()) {
        if (!UnitName.isTemplate(member.unit())) {
          names.add(member.unit());
        }
      }
      if (!host.withoutGate(target.hold(), names).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** The target with the record to write, made from the current states of its added members. */
  public Target finish(Target target, Map<String, State> states) {
    return finish(target, states, starts, held);
  }

  static Target finish(
      Target target, Map<String, State> states, DependencyStarts starts, HoldsOnHost held) {
    Snapshot snapshot = new Snapshot(target.family(), starts);
    Set<String> own = Set.of(target.hold().subject());
    for (Member member : target.added()) {
      snapshot.take(
          member,
          states.getOrDefault(member.name(), State.NOT_FOUND),
          held.elsewhere(member.name(), own));
    }
    Hold draft = target.hold();
    Hold base =
        target.isNew()
            ? draft.withoutMembers()
            : target
                .found()
                .hold()
                .withTerms(draft.until(), draft.holder(), draft.reason(), draft.lease());
    return target.with(
        base.withMore(snapshot.members(), target.family().names(), snapshot.inexact()));
  }
}
