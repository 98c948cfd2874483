// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.error.AgentException;
import quietus.family.Role;
import quietus.hold.FoundHold;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Now;
import quietus.hold.Until;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * Decides how to get units running: what is held is released; what is not held is started if a boot
 * would start it. Refuses what could not succeed.
 */
public final class RunningPlanner {
  private final HostView host;
  private final RunningRequest request;
  private final HoldsOnHost held;
  private final Steps steps;

  public RunningPlanner(HostView host, RunningRequest request, HoldsOnHost held, Steps steps) {
    this.host = host;
    this.request = request;
    this.held = held;
    this.steps = steps;
  }

  public RunningPlan plan() {
    steps.next("look");
    if (request.expiredOnly()) {
      List<String> refused = new ArrayList<>();
      List<Hold> over = releasable(expired(), refused);
      return new RunningPlan(
          over.isEmpty() ? null : release(over, subjects(over), refused),
          null,
          "No lease has ended.");
    }
    List<Hold> holds = new ArrayList<>();
    List<UnitName> unheld = new ArrayList<>();
    sort(holds, unheld);
    Set<String> subjects = subjects(holds);
    EnablePlan enable =
        unheld.isEmpty() || request.heldOnly()
            ? null
            : new EnablePlanner(host, held, steps, unheld, held.closedElsewhere(subjects)).plan();
    return new RunningPlan(
        holds.isEmpty() ? null : release(holds, subjects, List.of()), enable, notHeld(unheld));
  }

  /** That some names are left as they are, because nothing of them is held. */
  private static String notHeld(List<UnitName> names) {
    Set<String> units = new LinkedHashSet<>();
    for (UnitName name : names) {
      units.add(name.text());
    }
    return Text.list(units) + " " + Text.is(units) + " not held, and nothing was started.";
  }

  /**
   * Finds the hold of each name, and the names without one. A name that is a member of another
   * name's hold comes back with that family.
   */
  private void sort(List<Hold> holds, List<UnitName> unheld) {
    for (UnitName name : request.names()) {
      List<FoundHold> of = name.isGlob() ? held.matching(name) : new ArrayList<>();
      if (!name.isGlob() && held.answering(name.text()) != null) {
        of.add(held.answering(name.text()));
      }
      for (FoundHold one : of) {
        if (!contains(holds, one.hold())) {
          holds.add(one.hold());
        }
      }
      if (of.isEmpty()) {
        unheld.add(name);
      }
    }
    for (Iterator<UnitName> names = unheld.iterator(); names.hasNext(); ) {
      String name = names.next().text();
      for (Hold hold : holds) {
        if (hold.member(name) != null) {
          names.remove();
          break;
        }
      }
    }
  }

  /** By identity: each record was read once. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean contains(List<Hold> holds, Hold hold) {
    for (Hold one : holds) {
      if (one == hold) {
        return true;
      }
    }
    return false;
  }

  private List<Hold> expired() {
    List<Hold> over = new ArrayList<>();
    Now now = host.time();
    for (FoundHold found : held.all()) {
      if (found.hold().lease() != null && found.hold().lease().isOver(now) && isNamed(found)) {
        over.add(found.hold());
      }
    }
    return over;
  }

  /** A request without names asks for all leases that have ended. */
  private boolean isNamed(FoundHold found) {
    for (UnitName name : request.names()) {
      FoundHold answering = held.answering(name.text());
      if (answering != null && answering.hold().subject().equals(found.hold().subject())) {
        return true;
      }
    }
    return request.names().isEmpty();
  }

  /** The holds that can be released: one that cannot does not keep the others down. */
  private List<Hold> releasable(List<Hold> holds, List<String> refused) {
    List<Hold> good = new ArrayList<>();
    for (Hold hold : holds) {
      try {
        refuse(List.of(hold));
        good.add(hold);
      } catch (AgentException e) {
        refused.add(e.getMessage());
      }
    }
    if (good.isEmpty() && !refused.isEmpty()) {
      throw new AgentException(String.join("; ", refused));
    }
    return good;
  }

  private static Set<String> subjects(List<Hold> holds) {
    Set<String> subjects = new LinkedHashSet<>();
    for (Hold hold : holds) {
      subjects.add(hold.subject());
    }
    return subjects;
  }

  private ReleasePlan release(List<Hold> holds, Set<String> subjects, List<String> refused) {
    refuse(holds);
    Map<String, State> before = host.states(holds, ReleasePlan.oneshot(holds));
    Set<String> blocking = blocking(holds, before);
    List<String> warnings = new ArrayList<>(refused);
    if (!request.expiredOnly()) {
      for (Hold hold : holds) {
        Ownership.warn(hold, request.claim(), warnings);
      }
    }
    Meanwhile meanwhile = new Meanwhile(host);
    for (Hold hold : holds) {
      meanwhile.warn(hold, warnings);
    }
    if (!blocking.isEmpty()) {
      warnings.add(
          Text.list(blocking)
              + (blocking.size() == 1 ? " was" : " were")
              + " up though held, and no socket can start to listen while its service is up:"
              + " they are stopped and started again with their sockets");
    }
    if (hasGates(holds)) {
      Set<String> waiting = host.waitingEdits();
      if (!waiting.isEmpty()) {
        warnings.add(Text.waitingEdits(waiting));
      }
    }
    return new ReleasePlan(host, held, holds, subjects, before, blocking, warnings);
  }

  /**
   * An administrator's mask is kept, so a unit that it masks cannot be started. A unit that was
   * masked before the hold, and that only a glob names, needs no start.
   */
  private void refuse(List<Hold> holds) {
    if (!request.expiredOnly()) {
      for (Hold hold : holds) {
        Ownership.refuse(hold, request.claim());
      }
    }
    List<Path> path = host.unitPath();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.restore()
            || member.role() == Role.SUBJECT && !(member.was().isMasked() && isGlobbed(hold))) {
          Path mask = host.disk().control().foreignMask(path, member.unit());
          if (mask != null) {
            throw masked(member.unit(), mask, "The hold of " + hold.subject() + " stays; ");
          }
        }
      }
    }
  }

  static AgentException masked(String unit, Path mask, String stays) {
    return new AgentException(
        unit
            + " is masked by an administrator ("
            + mask
            + "), and Quietus keeps that mask. "
            + stays
            + "to start the unit, remove the mask first: systemctl unmask "
            + (mask.startsWith("/run") ? "--runtime " : "")
            + unit
            + ", then run again");
  }

  /**
   * True when only a glob matches the hold: a release of {@code x*} does not ask for any single one
   * of its units to be up.
   */
  private boolean isGlobbed(Hold hold) {
    for (UnitName name : request.names()) {
      if (!name.isGlob() && hold.answersTo(name.text())) {
        return false;
      }
    }
    return true;
  }

  /**
   * The services that were started past their gates and keep their sockets from starting, because a
   * socket refuses to start while its service is up. They are restarted with the sockets.
   */
  private static Set<String> blocking(List<Hold> holds, Map<String, State> states) {
    Set<String> blocking = new LinkedHashSet<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.restore()
            && UnitType.of(member.unit()).orElse(UnitType.SERVICE) == UnitType.SOCKET
            && !states.get(member.unit()).isUp()) {
          for (String service : member.triggers()) {
            if (hold.member(service) != null && states.get(service).isUp()) {
              blocking.add(service);
            }
          }
        }
      }
    }
    return blocking;
  }

  /** True when gates have to be removed, so that systemd has to reload. */
  private boolean hasGates(List<Hold> holds) {
    for (Hold hold : holds) {
      for (Until until : Until.values()) {
        if (!host.disk().control().gated(until, hold.subject()).isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }
}
