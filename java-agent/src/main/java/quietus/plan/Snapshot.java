// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import quietus.family.Dependency;
import quietus.family.Family;
import quietus.family.Member;
import quietus.family.Role;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** Decides what a hold records of a member, and which of it a release cannot restore. */
public final class Snapshot {
  private final Set<String> spawned;
  private final DependencyStarts pulled;
  private final List<HeldMember> members = new ArrayList<>();
  private final List<Hold.Inexact> inexact = new ArrayList<>();

  public Snapshot(Family family, DependencyStarts pulled) {
    this.spawned = spawned(family);
    this.pulled = pulled;
  }

  /**
   * @param member of the family, as it was resolved
   * @param state its current state
   * @param other the same member in another hold, whose snapshot counts because it is older; null
   *     when there is none
   */
  public void take(Member member, State state, HeldMember other) {
    Unit unit = member.unit();
    if (other != null) {
      members.add(
          new HeldMember(
              member.name(),
              member.role(),
              member.reason(),
              member.because(),
              member.cover(),
              other.masked(),
              other.was(),
              other.restore(),
              other.controlGroup(),
              other.listens(),
              other.follows(),
              other.triggers()));
      return;
    }
    boolean masked =
        !unit.file().isTransient()
            && unit.type() != UnitType.SCOPE
            && unit.type() != UnitType.DEVICE;
    boolean up = state.isUp() || state.isComingUp() || isAboutToRestart(unit, state);
    boolean restore = up && restorable(member);
    if (up) {
      remark(member, restore);
    }
    stored(unit);
    members.add(
        new HeldMember(
            member.name(),
            member.role(),
            member.reason(),
            member.because(),
            member.cover(),
            masked,
            state,
            restore,
            unit.traits().controlGroup(),
            unit.traits().listens(),
            Dependency.follows(unit),
            unit.related(Relation.TRIGGERS)));
  }

  /**
   * True when its program has ended by itself and systemd restarts it once the stop is complete.
   */
  private static boolean isAboutToRestart(Unit unit, State state) {
    return state.active().equals("deactivating")
        && state.job() == 0
        && unit.traits().restart().equals("always");
  }

  private boolean restorable(Member member) {
    Unit unit = member.unit();
    return !unit.traits().runsOnce()
        && !unit.file().isTransient()
        && !isMadeByHand(unit)
        && unit.type() != UnitType.SCOPE
        && unit.type() != UnitType.DEVICE
        && !unit.state().isMasked()
        && !isConnection(member.name(), member.role(), spawned);
  }

  /** True for what systemd found mounted or in use for swapping, and has no unit file for. */
  private static boolean isMadeByHand(Unit unit) {
    return (unit.type() == UnitType.MOUNT || unit.type() == UnitType.SWAP)
        && unit.file().fragment().isEmpty();
  }

  /** The templates of which sockets with Accept=yes in a family start instances. */
  public static Set<String> spawned(Family family) {
    Set<String> spawned = new HashSet<>();
    for (Member member : family.members()) {
      if (member.unit().traits().accepts()) {
        spawned.add(UnitName.stem(member.name()) + "@.service");
      }
    }
    return spawned;
  }

  /**
   * True for an instance that a socket with Accept=yes spawned.
   *
   * @param spawned the templates of such sockets
   */
  public static boolean isConnection(String name, Role role, Set<String> spawned) {
    return role == Role.INSTANCE
        && !spawned.isEmpty()
        && spawned.contains(String.valueOf(UnitName.templateOf(name)));
  }

  private void remark(Member member, boolean restore) {
    Unit unit = member.unit();
    Unit.Traits traits = unit.traits();
    String name = member.name();
    if (isConnection(member.name(), member.role(), spawned)) {
      say(name, "it serves an accepted connection, which ends; the client has to connect again");
    } else if (traits.runsOnce()) {
      say(name, "it is in the middle of a run, which ends; a release does not start it again");
    } else if (unit.file().isTransient() || unit.type() == UnitType.SCOPE) {
      say(name, "it is transient and vanishes when it stops; whoever made it has to make it again");
    } else if (unit.state().isMasked()) {
      say(name, "it runs though it is masked; a release cannot start it before it is unmasked");
    } else if (isMadeByHand(unit)) {
      say(
          name,
          "it was set up by hand and has no unit file; whoever used "
              + (unit.type() == UnitType.MOUNT ? "mount" : "swapon")
              + " has to do so again");
    }
    if (restore) {
      for (Hold.Inexact one : pulled.by(unit)) {
        say(one.unit(), one.text());
      }
    }
    if (traits.kernelPort()) {
      say(
          name,
          "it listens on a port that the kernel chose, and may get another one after a release");
    }
    if (restore && traits.persistent()) {
      say(
          name,
          "it is a persistent timer: if it misses a run while it is held, it fires at once when it"
              + " is released");
    } else if (restore && traits.monotonic()) {
      say(name, "it counts from the moment it is started, so a release starts its count again");
    }
  }

  /** A service that is down may have some too, by FileDescriptorStorePreserve=. */
  private void stored(Unit unit) {
    long stored = unit.traits().storedDescriptors();
    if (stored > 0) {
      say(
          unit.id(),
          "systemd keeps "
              + Text.count((int) stored, "file descriptor")
              + " for it, which "
              + (stored == 1 ? "is" : "are")
              + " closed");
    }
  }

  private void say(String unit, String text) {
    Hold.Inexact one = new Hold.Inexact(unit, text);
    if (!inexact.contains(one)) {
      inexact.add(one);
    }
  }

  public List<HeldMember> members() {
    return members;
  }

  public List<Hold.Inexact> inexact() {
    return inexact;
  }
}
