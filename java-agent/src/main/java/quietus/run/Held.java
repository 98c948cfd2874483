package quietus.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.Disk;
import quietus.disk.DiskException;
import quietus.disk.Holds;
import quietus.family.Dependency;
import quietus.family.Resolver;
import quietus.hold.HeldMember;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.unit.UnitName;

/** All holds of a host as a run found them. */
final class Held {
  private final List<Holds.Found> all;
  private final List<Holds.Damaged> damaged;

  /** The units that the gates of damaged holds close, with the hold; only the gates tell them. */
  private final Map<String, Holds.Damaged> lost = new LinkedHashMap<>();

  Held(Disk disk) {
    Holds.All read = disk.holds().all();
    this.all = List.copyOf(read.found());
    this.damaged = read.damaged();
    for (Holds.Damaged one : damaged) {
      lost.put(one.subject(), one);
      for (String unit : disk.control().gated(one.until(), one.subject())) {
        lost.put(unit, one);
      }
    }
  }

  List<Holds.Found> all() {
    return all;
  }

  /** What is wrong with the records that cannot be read, a sentence each. */
  List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    for (Holds.Damaged one : damaged) {
      troubles.add(one.trouble());
    }
    return troubles;
  }

  /**
   * Refuses what concerns a unit that is under a damaged hold: its snapshot is lost, and none may
   * be taken of what it keeps down.
   *
   * @param units by their primary names
   */
  void refuseLost(Collection<String> units) {
    for (String unit : units) {
      if (lost.containsKey(unit)) {
        throw new DiskException(lost.get(unit).trouble());
      }
    }
  }

  /**
   * As {@link #refuseLost}, by what a request names; globs come to it with the families that they
   * match.
   */
  void refuseLostNames(List<UnitName> names) {
    for (UnitName name : names) {
      refuseLost(List.of(name.text()));
    }
  }

  /**
   * The hold whose family answers to a name, or null. One that is named after it comes before one
   * that only knows it.
   */
  Holds.Found answering(String name) {
    for (Holds.Found found : all) {
      if (found.hold().subject().equals(name)) {
        return found;
      }
    }
    for (Holds.Found found : all) {
      if (found.hold().answersTo(name)) {
        return found;
      }
    }
    return null;
  }

  /** The holds whose subject matches a glob. */
  List<Holds.Found> matching(UnitName glob) {
    List<Holds.Found> matching = new ArrayList<>();
    for (Holds.Found found : all) {
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
  HeldMember elsewhere(String unit, Set<String> except) {
    HeldMember oldest = null;
    java.time.Instant since = null;
    for (Holds.Found found : all) {
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
  Set<String> closedElsewhere(Set<String> except) {
    Set<String> closed = new LinkedHashSet<>(lost.keySet());
    for (Holds.Found found : all) {
      if (found.phase() == Phase.HELD && !except.contains(found.hold().subject())) {
        for (HeldMember member : found.hold().members()) {
          closed.add(member.unit());
        }
      }
    }
    return closed;
  }

  /** The units that holds of a lifetime, other than those of some subjects, mask. */
  Set<String> maskedElsewhere(Until until, Set<String> except) {
    Set<String> masked = new LinkedHashSet<>(lost.keySet());
    for (Holds.Found found : all) {
      if (found.phase() == Phase.HELD
          && found.hold().until() == until
          && !except.contains(found.hold().subject())) {
        masked.addAll(found.hold().masks());
      }
    }
    return masked;
  }

  /** The resolver for a host with these holds. */
  Resolver resolver(Host host) {
    Map<String, String> known = new HashMap<>();
    for (Holds.Found found : all) {
      for (String name : found.hold().names()) {
        known.putIfAbsent(name, found.hold().subject());
      }
    }
    for (Holds.Found found : all) {
      known.put(found.hold().subject(), found.hold().subject());
    }
    return new Resolver(host.systemd(), host.unitFiles(), host.busServices(), ties(), known);
  }

  /** What the holds remember of who pulls whom into a family. */
  private List<Dependency> ties() {
    List<Dependency> ties = new ArrayList<>();
    for (Holds.Found found : all) {
      for (HeldMember member : found.hold().members()) {
        ties.add(new Dependency(member.because(), member.unit(), member.role(), member.reason()));
        ties.addAll(Dependency.of(member.unit(), member.follows(), member.triggers()));
      }
    }
    return ties;
  }
}
