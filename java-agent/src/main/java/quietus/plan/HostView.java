// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.BusServices;
import quietus.disk.ControlGroups;
import quietus.disk.DiskView;
import quietus.disk.UnitFiles;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Now;
import quietus.resolve.Resolver;
import quietus.systemd.SystemdQuestions;
import quietus.unit.Ending;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;

/** A read-only view of a host: the current state of units, gates, masks and files. */
public final class HostView {
  /** For how many instances of one gate systemd is asked whether it has read that gate. */
  private static final int ENOUGH = 3;

  private final SystemdQuestions systemd;
  private final DiskView disk;
  private final UnitFiles files;
  private final BusServices bus;
  private final ControlGroups groups;
  private final Clock clock;
  private final String command;

  /**
   * @param command how a person calls this agent at a shell, such as {@code quietus}
   */
  public HostView(
      SystemdQuestions systemd,
      DiskView disk,
      UnitFiles files,
      BusServices bus,
      ControlGroups groups,
      Clock clock,
      String command) {
    this.systemd = systemd;
    this.disk = disk;
    this.files = files;
    this.bus = bus;
    this.groups = groups;
    this.clock = clock;
    this.command = command;
  }

  public DiskView disk() {
    return disk;
  }

  /** systemd's search path for units, the first directory outranks the others. */
  public List<Path> unitPath() {
    return files.unitPath();
  }

  /** True when a link in a directory for the host's own units enables a unit. */
  boolean isInstalled(String unit) {
    return files.isInstalled(unit);
  }

  /** The control group of this process. */
  String ownGroup() {
    return groups.own();
  }

  public Instant now() {
    return clock.instant();
  }

  /** The current time by both clocks. */
  public Now time() {
    return disk.now(clock.instant());
  }

  /** How a person calls this agent at a shell. */
  public String command() {
    return command;
  }

  /** The command that releases a hold. */
  public String releaseCommand(String subject) {
    return command + (disk.isUser() ? " release --user '" : " release '") + subject + "'";
  }

  /** The resolver for a host with these holds. */
  public Resolver resolver(HoldsOnHost holds) {
    return new Resolver(systemd, files, bus, holds.dependencies(), holds.known());
  }

  /** All properties of units; systemd loads a unit that is not loaded. */
  public Map<String, Unit> load(Collection<String> names) {
    return systemd.load(names);
  }

  /** The loaded units that match a glob, with their states. */
  public Map<String, State> loaded(String pattern) {
    return systemd.loaded(pattern);
  }

  /** How many starts of these units their gates refused during this run. */
  public int refused(Collection<String> units) {
    return systemd.refused(units);
  }

  /**
   * The states of the members of holds, in one call. A template is reported as not found, because
   * systemd cannot load it.
   */
  public Map<String, State> states(Collection<Hold> holds, String... others) {
    Set<String> names = new LinkedHashSet<>();
    for (Hold hold : holds) {
      names.addAll(hold.units());
    }
    names.addAll(List.of(others));
    return statesOf(names);
  }

  /**
   * As {@link #states}, except for instances of a held template: one that systemd has not loaded is
   * down and reported as not found. It is not loaded only to ask for it.
   */
  public Map<String, State> statesOfLoaded(Collection<Hold> holds) {
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
      for (Map.Entry<String, State> loaded : systemd.loaded(UnitName.globOf(template)).entrySet()) {
        states.replace(loaded.getKey(), loaded.getValue());
      }
    }
    states.putAll(statesOf(others));
    return states;
  }

  /** As {@link #states}, for units by their names. */
  public Map<String, State> statesOf(Collection<String> names) {
    List<String> real = new ArrayList<>();
    for (String name : names) {
      if (!UnitName.isTemplate(name)) {
        real.add(name);
      }
    }
    Map<String, State> found = real.isEmpty() ? Map.of() : systemd.states(real);
    Map<String, State> states = new LinkedHashMap<>();
    for (String name : names) {
      states.put(name, found.getOrDefault(name, State.NOT_FOUND));
    }
    return states;
  }

  /** How the last run of each unit ended. */
  public Map<String, Ending> endings(Collection<String> units) {
    return systemd.endings(units);
  }

  /** The units of a hold whose gate is missing or was changed. */
  public Set<String> ungated(Hold hold) {
    Set<String> missing = new LinkedHashSet<>();
    for (String cover : hold.covers()) {
      if (!disk.control().isGated(hold, cover)) {
        missing.add(cover);
      }
    }
    return missing;
  }

  /** The units of a hold whose mask is missing. */
  public Set<String> unmasked(Hold hold) {
    Set<String> missing = new LinkedHashSet<>();
    for (String cover : hold.masks()) {
      if (!disk.control().isMasked(hold.until(), cover)) {
        missing.add(cover);
      }
    }
    return missing;
  }

  /**
   * The members that their holds mask and of which systemd shows neither the mask nor the gate. A
   * mask on the disk that systemd has not read yet is enough where the gate is in force: the next
   * reload reads it.
   */
  public Set<String> open(Collection<Hold> holds, Map<String, State> states) {
    Set<String> open = new LinkedHashSet<>();
    for (Hold hold : holds) {
      Set<String> notMasked = new LinkedHashSet<>();
      for (HeldMember member : hold.members()) {
        if (member.masked()
            && !UnitName.isTemplate(member.unit())
            && !states.get(member.unit()).isMasked()) {
          notMasked.add(member.unit());
        }
      }
      open.addAll(withoutGate(hold, notMasked));
    }
    return open;
  }

  /** True when systemd shows each member as the hold requires: down, and masked or gated. */
  public boolean shows(Hold hold, Map<String, State> states) {
    Set<String> gatedOnly = new LinkedHashSet<>();
    for (HeldMember member : hold.members()) {
      State state = states.get(member.unit());
      if (!state.isDead()) {
        return false;
      }
      if (!member.masked() && state.isFound()) {
        gatedOnly.add(member.unit());
      }
    }
    return open(List.of(hold), states).isEmpty() && withoutGate(hold, gatedOnly).isEmpty();
  }

  /**
   * The members of these whose gates systemd has not read; it shows none for a masked unit. Of the
   * instances of a template only a few are asked for: one reload reads the drop-ins of them all.
   */
  public Set<String> withoutGate(Hold hold, Set<String> members) {
    Map<String, Integer> asked = new LinkedHashMap<>();
    Map<String, String> gates = new LinkedHashMap<>();
    for (HeldMember member : hold.members()) {
      if (members.contains(member.unit()) && count(asked, member.cover()) <= ENOUGH) {
        gates.put(
            member.unit(),
            disk.control().gate(hold.until(), member.cover(), hold.subject()).toString());
      }
    }
    Set<String> without = gates.keySet();
    // looked at twice: if somebody reloads meanwhile, a loaded unit is masked as its drop-ins come
    for (int look = 0; look < 2 && !without.isEmpty(); look++) {
      Map<String, List<String>> read = systemd.dropIns(without);
      without = new LinkedHashSet<>();
      for (Map.Entry<String, List<String>> one : read.entrySet()) {
        if (!one.getValue().contains(gates.get(one.getKey()))) {
          without.add(one.getKey());
        }
      }
    }
    return without;
  }

  private static int count(Map<String, Integer> asked, String cover) {
    int count = asked.getOrDefault(cover, 0) + 1;
    asked.put(cover, count);
    return count;
  }

  /** The units whose edits a reload would read: their files were changed since the last reload. */
  public Set<String> waitingEdits() {
    Set<String> candidates = new LinkedHashSet<>();
    for (String changed : files.changedSince(systemd.lastReload())) {
      if (!UnitName.isTemplate(changed)) {
        candidates.add(changed);
      }
    }
    Set<String> waiting = new LinkedHashSet<>();
    for (Unit unit : systemd.load(candidates).values()) {
      if (unit.file().needsReload() && !unit.state().isMasked()) {
        waiting.add(unit.id());
      }
    }
    return waiting;
  }

  /** The processes of each member that has any. */
  public Map<String, List<ControlGroups.Process>> left(Hold hold) {
    Map<String, List<ControlGroups.Process>> left = new LinkedHashMap<>();
    for (HeldMember member : hold.members()) {
      List<ControlGroups.Process> processes = groups.processes(member.controlGroup());
      if (!processes.isEmpty() && !member.unit().endsWith(".slice")) {
        left.put(member.unit(), processes);
      }
    }
    return left;
  }
}
