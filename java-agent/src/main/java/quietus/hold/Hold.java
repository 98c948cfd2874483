// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import quietus.family.Door;

/**
 * The durable record that a family is quiesced.
 *
 * @param subject the unit that the family is named after; also the name of the record's file
 * @param names all names by which the family can be asked for: the subject's, its aliases' and its
 *     activators'
 * @param until how long it lives
 * @param since when it began
 * @param holder whose it is
 * @param reason why; empty when nobody said
 * @param lease when it releases itself, or null
 * @param members the family with the snapshot
 * @param doors every way by which the subject could start again, as found when the hold began
 * @param inexact what a release cannot bring back exactly
 */
public record Hold(
    String subject,
    List<String> names,
    Until until,
    Instant since,
    Holder holder,
    String reason,
    Lease lease,
    List<HeldMember> members,
    List<Door> doors,
    List<Inexact> inexact) {
  public Hold {
    Objects.requireNonNull(subject);
    names = List.copyOf(names);
    Objects.requireNonNull(until);
    Objects.requireNonNull(since);
    Objects.requireNonNull(holder);
    Objects.requireNonNull(reason);
    members = List.copyOf(members);
    doors = List.copyOf(doors);
    inexact = List.copyOf(inexact);
  }

  /** Something that a release cannot bring back exactly. */
  public record Inexact(String unit, String text) {}

  /** Who holds it, for people to read. */
  public String by() {
    return holder.by();
  }

  /** The member with this primary name, or null. */
  public HeldMember member(String unit) {
    for (HeldMember member : members) {
      if (member.unit().equals(unit)) {
        return member;
      }
    }
    return null;
  }

  /** The members' names. */
  public Set<String> units() {
    Set<String> units = new LinkedHashSet<>();
    for (HeldMember member : members) {
      units.add(member.unit());
    }
    return units;
  }

  /** The units that need a gate, without duplicates, in the members' order. */
  public Set<String> covers() {
    Set<String> covers = new LinkedHashSet<>();
    for (HeldMember member : members) {
      covers.add(member.cover());
    }
    return covers;
  }

  /** The units that this hold masks, without duplicates. */
  public Set<String> masks() {
    Set<String> masks = new LinkedHashSet<>();
    for (HeldMember member : members) {
      if (member.masked()) {
        masks.add(member.cover());
      }
    }
    return masks;
  }

  /** True when the family answers to this name. */
  public boolean answersTo(String name) {
    return subject.equals(name) || names.contains(name);
  }

  /** The same hold with other terms. */
  public Hold withTerms(Until newUntil, Holder newHolder, String newReason, Lease newLease) {
    return new Hold(
        subject, names, newUntil, since, newHolder, newReason, newLease, members, doors, inexact);
  }

  /** The same hold with another lease. */
  public Hold with(Lease newLease) {
    return withTerms(until, holder, reason, newLease);
  }

  /** The same hold as it is before any member is in it. */
  public Hold withoutMembers() {
    return new Hold(
        subject, names, until, since, holder, reason, lease, List.of(), doors, List.of());
  }

  /** The same hold with members added that joined the family later. */
  public Hold withMore(List<HeldMember> more, List<String> moreNames, List<Inexact> moreInexact) {
    List<HeldMember> all = new ArrayList<>(members);
    all.addAll(more);
    Set<String> allNames = new LinkedHashSet<>(names);
    allNames.addAll(moreNames);
    List<Inexact> allInexact = new ArrayList<>(inexact);
    allInexact.addAll(moreInexact);
    return new Hold(
        subject,
        List.copyOf(allNames),
        until,
        since,
        holder,
        reason,
        lease,
        all,
        doors,
        allInexact);
  }
}
