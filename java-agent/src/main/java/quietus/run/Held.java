package quietus.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.Holds;
import quietus.family.Resolver;
import quietus.family.Tie;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.unit.UnitName;

/** All holds of a host as a run found them. */
final class Held {
  private final List<Holds.Found> all;

  Held(List<Holds.Found> all) {
    this.all = List.copyOf(all);
  }

  List<Holds.Found> all() {
    return all;
  }

  /** The hold whose family answers to a name, or null. One that is named after it comes before one that only knows it. */
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
    java.nio.file.PathMatcher matcher = java.nio.file.FileSystems.getDefault().getPathMatcher("glob:" + glob.text().replace("\\", "\\\\"));
    List<Holds.Found> matching = new ArrayList<>();
    for (Holds.Found found : all) {
      if (matcher.matches(java.nio.file.Path.of(found.hold().subject()))) {
        matching.add(found);
      }
    }
    return matching;
  }

  /** The same member in a hold other than those of some subjects, the oldest hold first; null when there is none. */
  HeldMember elsewhere(String unit, Set<String> but) {
    HeldMember oldest = null;
    java.time.Instant since = null;
    for (Holds.Found found : all) {
      HeldMember member = found.hold().member(unit);
      if (member != null && !but.contains(found.hold().subject()) && (since == null || found.hold().since().isBefore(since))) {
        oldest = member;
        since = found.hold().since();
      }
    }
    return oldest;
  }

  /** The units that holds other than those of some subjects keep closed. */
  Set<String> closedElsewhere(Set<String> but) {
    Set<String> closed = new LinkedHashSet<>();
    for (Holds.Found found : all) {
      if (found.phase() == Phase.HELD && !but.contains(found.hold().subject())) {
        for (HeldMember member : found.hold().members()) {
          closed.add(member.unit());
        }
      }
    }
    return closed;
  }

  /** The units that holds of a lifetime, other than those of some subjects, mask. */
  Set<String> maskedElsewhere(Until until, Set<String> but) {
    Set<String> masked = new LinkedHashSet<>();
    for (Holds.Found found : all) {
      if (found.phase() == Phase.HELD && found.hold().until() == until && !but.contains(found.hold().subject())) {
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
  private List<Tie> ties() {
    List<Tie> ties = new ArrayList<>();
    for (Holds.Found found : all) {
      for (HeldMember member : found.hold().members()) {
        ties.add(new Tie(member.because(), member.unit(), member.role(), member.reason()));
        ties.addAll(Tie.of(member.unit(), member.follows(), member.triggers()));
      }
    }
    return ties;
  }
}
