// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Door;
import quietus.family.Family;
import quietus.family.Member;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.plan.DependencyStarts;
import quietus.plan.HoldsOnHost;
import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.ReportedStates;
import quietus.plan.Snapshot;
import quietus.plan.Text;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.UnitName;

/** Reports the families of units and who holds them. Changes nothing. */
final class Inspect {
  private final HostView host;
  private final List<UnitName> names;
  private final HoldsOnHost held;
  private final Steps steps;

  Inspect(HostView host, List<UnitName> names, HoldsOnHost held, Steps steps) {
    this.host = host;
    this.names = List.copyOf(names);
    this.held = held;
    this.steps = steps;
  }

  Outcome run() {
    if (names.isEmpty()) {
      return all();
    }
    steps.next("resolve");
    Set<Door> doors = new LinkedHashSet<>();
    List<FoundHold> holds = new ArrayList<>();
    List<Hold.Inexact> inexact = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    Map<String, State> now = new LinkedHashMap<>();
    List<Family> all = host.resolver(held).families(names);
    DependencyStarts pulled = new DependencyStarts(host, all, held.closedElsewhere(Set.of()));
    for (Family family : all) {
      FoundHold found = held.answering(family.subject());
      Snapshot snapshot = new Snapshot(family, pulled);
      if (found != null && found.hold().subject().equals(family.subject())) {
        holds.add(found);
        doors.addAll(found.hold().doors());
        inexact.addAll(found.hold().inexact());
        sentences.add(held(found));
      } else {
        doors.addAll(family.doors());
        List<String> along = along(family.subject(), holds);
        sentences.add(
            family.subject()
                + (along.isEmpty()
                    ? " is not held; "
                    : " has no hold of its own and is held along with "
                        + Text.list(along)
                        + "; by itself, ")
                + Text.count(family.members().size(), "unit")
                + " would be.");
      }
      for (Member member : family.members()) {
        now.putIfAbsent(member.name(), member.unit().state());
        snapshot.take(member, member.unit().state(), held.elsewhere(member.name(), Set.of()));
      }
      if (found == null) {
        inexact.addAll(snapshot.inexact());
      }
    }
    return new Outcome(
        false,
        false,
        String.join(" ", sentences),
        Outcome.members(all, ReportedStates.of(host.disk(), all(held), now), held),
        List.copyOf(doors),
        holds,
        inexact,
        List.of(),
        null);
  }

  /**
   * The subjects of the families with which a unit is held.
   *
   * @param holds gets their holds
   */
  private List<String> along(String unit, List<FoundHold> holds) {
    List<String> subjects = new ArrayList<>();
    for (FoundHold found : held.all()) {
      if (found.phase() == Phase.HELD && found.hold().member(unit) != null) {
        subjects.add(found.hold().subject());
        if (!holds.contains(found)) {
          holds.add(found);
        }
      }
    }
    return subjects;
  }

  /** All holds on the host. */
  private Outcome all() {
    steps.next("look");
    List<Hold> holds = new ArrayList<>();
    List<String> subjects = new ArrayList<>();
    for (FoundHold found : held.all()) {
      holds.add(found.hold());
      subjects.add(found.hold().subject());
    }
    Map<String, State> states = ReportedStates.of(host.disk(), holds, host.states(holds));
    Outcome all =
        Outcome.of(
            holds,
            Phase.HELD,
            states,
            states,
            holds.isEmpty()
                ? "Nothing is held on this host."
                : Text.count(holds.size(), "hold") + " on this host: " + Text.list(subjects) + ".");
    return new Outcome(
        false,
        false,
        all.msg(),
        all.members(),
        all.doors(),
        held.all(),
        all.inexact(),
        List.of(),
        null);
  }

  private static List<Hold> all(HoldsOnHost held) {
    List<Hold> holds = new ArrayList<>();
    for (FoundHold found : held.all()) {
      holds.add(found.hold());
    }
    return holds;
  }

  private static String held(FoundHold found) {
    Hold hold = found.hold();
    if (found.phase() == Phase.RELEASING) {
      return hold.subject() + " is being released, and not all of it is back yet.";
    }
    return hold.subject()
        + " is quiesced since "
        + hold.since()
        + " by "
        + hold.by()
        + (hold.reason().isEmpty() ? "." : ": \"" + hold.reason() + "\".")
        + " It stays so until it is released"
        + (hold.until() == Until.REBOOT ? " or the next boot" : "")
        + (hold.lease() == null ? "." : ", at the latest " + hold.lease() + ".");
  }
}
