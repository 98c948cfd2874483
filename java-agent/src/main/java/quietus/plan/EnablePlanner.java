// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.error.AgentException;
import quietus.family.Family;
import quietus.family.Member;
import quietus.family.Role;
import quietus.hold.FoundHold;
import quietus.hold.Until;
import quietus.protocol.Steps;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** Decides what to start of units that are not held: what a boot would start. */
final class EnablePlanner {
  private final HostView host;
  private final HoldsOnHost held;
  private final Steps steps;
  private final List<UnitName> names;
  private final Set<String> closed;

  /**
   * @param closed the units that holds keep closed which this run does not release
   */
  EnablePlanner(
      HostView host, HoldsOnHost held, Steps steps, List<UnitName> names, Set<String> closed) {
    this.host = host;
    this.held = held;
    this.steps = steps;
    this.names = List.copyOf(names);
    this.closed = closed;
  }

  EnablePlan plan() {
    List<Family> families = resolve();
    refuse(families);
    return decide(families, stray(families), new LinkedHashMap<>());
  }

  /** The plan after its stray gates are removed; it keeps the states from before. */
  EnablePlan withoutStray(EnablePlan plan) {
    return decide(resolve(), plan.stray(), new LinkedHashMap<>(plan.before()));
  }

  Set<String> maskedElsewhere(Until until) {
    return held.maskedElsewhere(until, Set.of());
  }

  private List<Family> resolve() {
    steps.next("resolve");
    return host.resolver(held).families(names);
  }

  private void refuse(List<Family> families) {
    List<Path> path = host.unitPath();
    for (Family family : families) {
      held.refuseLost(List.of(family.subject()));
      Path mask = host.disk().control().foreignMask(path, family.subject());
      if (mask != null) {
        throw RunningPlanner.masked(family.subject(), mask, "");
      }
      if (closed.contains(family.subject())) {
        List<String> holding = holding(family.subject());
        throw new AgentException(
            family.subject()
                + " has no hold of its own, but is held along with "
                + (holding.size() == 1
                    ? "another family; release that one: "
                    : "other families; release all of them: ")
                + Text.list(holding)
                + " (list them: "
                + host.command()
                + " holds)");
      }
    }
  }

  private List<String> holding(String unit) {
    List<String> subjects = new ArrayList<>();
    for (FoundHold one : held.all()) {
      if (one.hold().member(unit) != null) {
        subjects.add(one.hold().subject());
      }
    }
    return subjects;
  }

  /** The gates of a hold whose record is missing. */
  private List<EnablePlan.Stray> stray(List<Family> families) {
    List<EnablePlan.Stray> stray = new ArrayList<>();
    for (Family family : families) {
      for (Until until : Until.values()) {
        Set<String> gated = host.disk().control().gated(until, family.subject());
        if (!gated.isEmpty()) {
          stray.add(new EnablePlan.Stray(family.subject(), until, gated));
        }
      }
    }
    return stray;
  }

  private EnablePlan decide(
      List<Family> families, List<EnablePlan.Stray> stray, Map<String, State> before) {
    EnablePlan plan = new EnablePlan(this, stray, before);
    Set<String> gated = new LinkedHashSet<>();
    for (EnablePlan.Stray one : stray) {
      gated.addAll(one.units());
    }
    for (Family family : families) {
      for (Member member : family.members()) {
        plan.add(family.subject(), member);
        State first = before.get(member.name());
        if (wantsUp(member)
            && !closed.contains(member.name())
            && (!member.unit().state().isMasked() || gated.contains(member.name()))
            && !(first.isUp() && first.job() == 0)) {
          plan.start(member.name());
        }
      }
    }
    leaveBlockedSockets(plan);
    return plan;
  }

  /**
   * A socket refuses to start while its service is up: it is not started, and a warning says so.
   */
  private static void leaveBlockedSockets(EnablePlan plan) {
    for (String unit : List.copyOf(plan.start())) {
      if (UnitType.of(unit).orElse(UnitType.SERVICE) == UnitType.SOCKET) {
        for (String service : plan.member(unit).unit().related(Relation.TRIGGERS)) {
          State state = plan.before().get(service);
          if (state != null && state.isUp()) {
            plan.leave(
                unit,
                unit
                    + " is enabled and does not listen, and cannot start to while "
                    + service
                    + " is up; to have both: systemctl stop "
                    + service
                    + "; systemctl start "
                    + unit
                    + " "
                    + service);
          }
        }
      }
    }
  }

  /**
   * True when a boot would bring it up: enabled, or pulled in by a target though it has no install
   * section of its own.
   */
  private static boolean wantsUp(Member member) {
    Unit unit = member.unit();
    if (member.role() == Role.DEPENDENT
        || UnitName.isTemplate(member.name())
        || unit.traits().runsOnce()
        || unit.file().isTransient()
        || unit.file().enablement().equals("disabled")) {
      return false;
    }
    List<String> pulling = new ArrayList<>(unit.related(Relation.WANTED_BY));
    pulling.addAll(unit.related(Relation.REQUIRED_BY));
    pulling.addAll(unit.related(Relation.UPHELD_BY));
    for (String puller : pulling) {
      if (puller.endsWith(".target")) {
        return true;
      }
    }
    return false;
  }
}
