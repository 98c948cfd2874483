package quietus.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.ControlGroups;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;

/** How a host stands towards some holds. Looks, changes nothing. */
final class Look {
  /** How many instances that one gate closes are asked whether systemd has read it. */
  private static final int ENOUGH = 3;

  private final Host host;

  Look(Host host) {
    this.host = host;
  }

  /**
   * How the members of some holds stand, in one call; a template stands as not found, for systemd
   * cannot load it.
   */
  Map<String, State> states(Collection<Hold> holds, String... others) {
    Set<String> names = new LinkedHashSet<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        names.add(member.unit());
      }
    }
    names.addAll(List.of(others));
    return statesOf(names);
  }

  /**
   * As {@link #states}, but an instance of a held template that systemd has not loaded, and so is
   * down, stands as not found: it is not loaded for the asking.
   */
  Map<String, State> standing(Collection<Hold> holds) {
    Map<String, State> states = new LinkedHashMap<>();
    Set<String> templates = new LinkedHashSet<>();
    List<String> others = new ArrayList<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        states.put(member.unit(), State.NOT_FOUND);
        if (UnitName.isTemplate(member.cover())) {
          templates.add(member.cover());
        } else {
          others.add(member.unit());
        }
      }
    }
    for (String template : templates) {
      for (Map.Entry<String, State> loaded :
          host.systemd().loaded(UnitName.globOf(template)).entrySet()) {
        states.replace(loaded.getKey(), loaded.getValue());
      }
    }
    states.putAll(statesOf(others));
    return states;
  }

  /** As {@link #states}, for units by their names. */
  Map<String, State> statesOf(Collection<String> names) {
    List<String> real = new ArrayList<>();
    for (String name : names) {
      if (!UnitName.isTemplate(name)) {
        real.add(name);
      }
    }
    Map<String, State> found = real.isEmpty() ? Map.of() : host.systemd().states(real);
    Map<String, State> states = new LinkedHashMap<>();
    for (String name : names) {
      states.put(name, found.getOrDefault(name, State.NOT_FOUND));
    }
    return states;
  }

  /** The units of a hold whose gate is not there as it should be. */
  Set<String> ungated(Hold hold) {
    Set<String> missing = new LinkedHashSet<>();
    for (String cover : hold.covers()) {
      if (!host.disk().control().isGated(hold, cover)) {
        missing.add(cover);
      }
    }
    return missing;
  }

  /** The units of a hold that it should mask and does not. */
  Set<String> unmasked(Hold hold) {
    Set<String> missing = new LinkedHashSet<>();
    for (String cover : hold.masks()) {
      if (!host.disk().control().isMasked(hold.until(), cover)) {
        missing.add(cover);
      }
    }
    return missing;
  }

  /** True when systemd shows each member masked that its hold masks. */
  boolean areMasked(Collection<Hold> holds, Map<String, State> states) {
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.masked()
            && !UnitName.isTemplate(member.unit())
            && !states.get(member.unit()).isMasked()) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * True when systemd itself shows each member as it should be under the hold: down, and masked if
   * the hold masks it.
   */
  boolean shows(Hold hold, Map<String, State> states) {
    Set<String> gatedOnly = new LinkedHashSet<>();
    for (HeldMember member : hold.members()) {
      State state = states.get(member.unit());
      if (!state.isDead()
          || member.masked() && !state.isMasked() && !UnitName.isTemplate(member.unit())) {
        return false;
      }
      if (!member.masked() && state.isFound()) {
        gatedOnly.add(member.unit());
      }
    }
    return gatesAreRead(hold, gatedOnly);
  }

  /**
   * True when systemd has read the gates of these members; a masked unit's drop-ins it does not
   * show. Of the instances that one template's gate closes a few are asked: systemd reads its
   * drop-ins for all of them in one reload.
   */
  boolean gatesAreRead(Hold hold, Set<String> members) {
    Map<String, Integer> asked = new LinkedHashMap<>();
    Map<String, String> gates = new LinkedHashMap<>();
    for (HeldMember member : hold.members()) {
      if (members.contains(member.unit()) && count(asked, member.cover()) <= ENOUGH) {
        gates.put(
            member.unit(),
            host.disk().control().gate(hold.until(), member.cover(), hold.subject()).toString());
      }
    }
    if (gates.isEmpty()) {
      return true;
    }
    for (Map.Entry<String, List<String>> read : host.systemd().dropIns(gates.keySet()).entrySet()) {
      if (!read.getValue().contains(gates.get(read.getKey()))) {
        return false;
      }
    }
    return true;
  }

  private static int count(Map<String, Integer> asked, String cover) {
    int count = asked.getOrDefault(cover, 0) + 1;
    asked.put(cover, count);
    return count;
  }

  /**
   * The units whose edits a reload would take in now: those whose files were written since the last
   * one.
   */
  Set<String> waitingEdits() {
    Set<String> candidates = new LinkedHashSet<>();
    for (String changed : host.unitFiles().changedSince(host.systemd().lastReload())) {
      if (!UnitName.isTemplate(changed)) {
        candidates.add(changed);
      }
    }
    Set<String> waiting = new LinkedHashSet<>();
    for (Unit unit : host.systemd().load(candidates).values()) {
      if (unit.file().needsReload() && !unit.state().isMasked()) {
        waiting.add(unit.id());
      }
    }
    return waiting;
  }

  /** The processes left of each member that has any. */
  Map<String, List<ControlGroups.Process>> left(Hold hold) {
    Map<String, List<ControlGroups.Process>> left = new LinkedHashMap<>();
    for (HeldMember member : hold.members()) {
      List<ControlGroups.Process> processes = host.groups().processes(member.controlGroup());
      if (!processes.isEmpty() && !member.unit().endsWith(".slice")) {
        left.put(member.unit(), processes);
      }
    }
    return left;
  }
}
