// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.DiskView;
import quietus.error.AgentException;
import quietus.family.Dependency;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.hold.HeldMember;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.unit.UnitName;

/** All holds of a host, read once by a run. */
public final class HoldsOnHost {
  private final List<FoundHold> all;
  private final List<DamagedHold> damaged;

  /** The units under damaged holds, with the hold; only the gates still name them. */
  private final Map<String, DamagedHold> lost = new LinkedHashMap<>();

  public HoldsOnHost(DiskView disk) {
    AllHolds read = disk.holds().all();
    this.all = List.copyOf(read.found());
    this.damaged = read.damaged();
    for (DamagedHold one : damaged) {
      lost.put(one.subject(), one);
      for (String unit : disk.control().gated(one.until(), one.subject())) {
        lost.put(unit, one);
      }
    }
  }

  /** All records as they were read. */
  public AllHolds read() {
    return new AllHolds(all, damaged);
  }

  public List<FoundHold> all() {
    return all;
  }

  /** What is wrong with the records that cannot be read, a sentence each. */
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    for (DamagedHold one : damaged) {
      troubles.add(one.trouble());
    }
    return troubles;
  }

  /**
   * Refuses units under a damaged hold: their snapshot is lost, and no new one may be taken while
   * they are down.
   *
   * @param units by their primary names
   */
  public void refuseLost(Collection<String> units) {
    for (String unit : units) {
      if (lost.containsKey(unit)) {
        throw new AgentException(lost.get(unit).trouble());
      }
    }
  }

  /**
   * As {@link #refuseLost}, for the names of a request. What a glob matches is checked with its
   * families.
   */
  public void refuseLostNames(List<UnitName> names) {
    for (UnitName name : names) {
      refuseLost(List.of(name.text()));
    }
  }

  /**
   * The hold of the family that has a name, or null. A hold with that subject comes before one that
   * has the name as an alias.
   */
  public FoundHold answering(String name) {
    for (FoundHold found : all) {
      if (found.hold().subject().equals(name)) {
        return found;
      }
    }
    for (FoundHold found : all) {
      if (found.hold().answersTo(name)) {
        return found;
      }
    }
    return null;
  }

  /** The holds whose subject matches a glob. */
  public List<FoundHold> matching(UnitName glob) {
    List<FoundHold> matching = new ArrayList<>();
    for (FoundHold found : all) {
      if (glob.matches(found.hold().subject())) {
        matching.add(found);
      }
    }
    return matching;
  }

  /**
   * The same member in a hold other than those of some subjects, the oldest hold first; null when
   * there is none.
   */
  public HeldMember elsewhere(String unit, Set<String> except) {
    HeldMember oldest = null;
    Instant since = null;
    for (FoundHold found : all) {
      HeldMember member = found.hold().member(unit);
      if (member != null
          && !except.contains(found.hold().subject())
          && (since == null || found.hold().since().isBefore(since))) {
        oldest = member;
        since = found.hold().since();
      }
    }
    return oldest;
  }

  /** The units that holds other than those of some subjects keep closed. */
  public Set<String> closedElsewhere(Set<String> except) {
    Set<String> closed = new LinkedHashSet<>(lost.keySet());
    for (FoundHold found : all) {
      if (found.phase() == Phase.HELD && !except.contains(found.hold().subject())) {
        for (HeldMember member : found.hold().members()) {
          closed.add(member.unit());
        }
      }
    }
    return closed;
  }

  /** The units that holds of a lifetime, other than those of some subjects, mask. */
  public Set<String> maskedElsewhere(Until until, Set<String> except) {
    Set<String> masked = new LinkedHashSet<>(lost.keySet());
    for (FoundHold found : all) {
      if (found.phase() == Phase.HELD
          && found.hold().until() == until
          && !except.contains(found.hold().subject())) {
        masked.addAll(found.hold().masks());
      }
    }
    return masked;
  }

  /** All names of held families, each with the subject of its hold. */
  Map<String, String> known() {
    Map<String, String> known = new HashMap<>();
    for (FoundHold found : all) {
      for (String name : found.hold().names()) {
        known.putIfAbsent(name, found.hold().subject());
      }
    }
    for (FoundHold found : all) {
      known.put(found.hold().subject(), found.hold().subject());
    }
    return known;
  }

  /** The dependencies that the holds have recorded. */
  List<Dependency> dependencies() {
    List<Dependency> dependencies = new ArrayList<>();
    for (FoundHold found : all) {
      for (HeldMember member : found.hold().members()) {
        dependencies.add(
            new Dependency(member.because(), member.unit(), member.role(), member.reason()));
        dependencies.addAll(Dependency.of(member.unit(), member.follows(), member.triggers()));
      }
    }
    return dependencies;
  }
}
