package quietus.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

/** Decides what a hold remembers of a member, and what of it a release cannot bring back. */
final class Snapshot {
  /** The relations by which a stop of another unit stops this one. */
  private static final Relation[] FOLLOWS = {Relation.REQUIRES, Relation.REQUISITE, Relation.BINDS_TO, Relation.PART_OF, Relation.STOP_PROPAGATED_FROM};

  private final Family family;
  private final Set<String> spawned;
  private final List<Member> down = new ArrayList<>();
  private final List<HeldMember> members = new ArrayList<>();
  private final List<Hold.Inexact> inexact = new ArrayList<>();

  Snapshot(Family family) {
    this.family = family;
    this.spawned = spawned(family);
    for (Member member : family.members()) {
      if (!member.unit().state().isUp()) {
        down.add(member);
      }
    }
  }

  /**
   * @param member of the family, as it was resolved
   * @param state as it stands now
   * @param other the same member in another hold, whose snapshot counts because it is older; null when there is none
   */
  void take(Member member, State state, HeldMember other) {
    Unit unit = member.unit();
    if (other != null) {
      members.add(new HeldMember(member.name(), member.role(), member.reason(), member.because(), member.cover(), other.masked(), other.was(),
          other.restore(), other.controlGroup(), other.listens(), other.follows(), other.triggers()));
      return;
    }
    boolean masked = !unit.file().isTransient() && unit.type() != UnitType.SCOPE && unit.type() != UnitType.DEVICE;
    boolean up = state.isUp() || isAboutToRestart(unit, state);
    boolean restore = up && restorable(member);
    if (up) {
      remark(member, restore);
    }
    members.add(new HeldMember(member.name(), member.role(), member.reason(), member.because(), member.cover(), masked, state, restore,
        unit.traits().controlGroup(), unit.traits().listens(), follows(unit), unit.related(Relation.TRIGGERS)));
  }

  private static List<String> follows(Unit unit) {
    List<String> follows = new ArrayList<>();
    for (Relation relation : FOLLOWS) {
      for (String other : unit.related(relation)) {
        if (!follows.contains(other)) {
          follows.add(other);
        }
      }
    }
    return follows;
  }

  /** Its program ended by itself and what is left of it is being stopped, to be started again then. */
  private static boolean isAboutToRestart(Unit unit, State state) {
    return state.active().equals("deactivating") && state.job() == 0 && unit.traits().restart().equals("always");
  }

  private boolean restorable(Member member) {
    Unit unit = member.unit();
    return !unit.traits().runsOnce() && !unit.file().isTransient() && unit.type() != UnitType.SCOPE && unit.type() != UnitType.DEVICE
        && !unit.state().isMasked() && !isConnection(member.name(), member.role(), spawned);
  }

  /** The templates of which sockets with Accept=yes in a family start instances. */
  static Set<String> spawned(Family family) {
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
  static boolean isConnection(String name, Role role, Set<String> spawned) {
    return role == Role.INSTANCE && !spawned.isEmpty() && spawned.contains(String.valueOf(UnitName.templateOf(name)));
  }

  private void remark(Member member, boolean restore) {
    Unit unit = member.unit();
    Unit.Traits traits = unit.traits();
    String name = member.name();
    if (isConnection(member.name(), member.role(), spawned)) {
      say(name, "it serves an accepted connection, which ends; the client has to connect anew");
    } else if (traits.runsOnce()) {
      say(name, "it is in the middle of a run, which ends; a release does not start it again");
    } else if (unit.file().isTransient() || unit.type() == UnitType.SCOPE) {
      say(name, "it is transient and vanishes when it stops; whoever made it has to make it again");
    } else if (unit.state().isMasked()) {
      say(name, "it runs though it is masked; a release cannot start it before it is unmasked");
    }
    if (restore) {
      pulledIn(unit);
    }
    if (traits.storedDescriptors() > 0) {
      say(name, "systemd keeps " + traits.storedDescriptors() + " file descriptors for it, which are closed");
    }
    if (traits.kernelPort()) {
      say(name, "it listens on a port that the kernel chose, and may get another one");
    }
    if (restore && traits.persistent()) {
      say(name, "it is a persistent timer: if it misses a run while it is held, it fires at once when it is released");
    } else if (restore && traits.monotonic()) {
      say(name, "it counts from the moment it is started, so it counts anew");
    }
  }

  /** A start of a unit starts what it requires, also what had ended by itself. */
  private void pulledIn(Unit unit) {
    for (Member other : down) {
      if (unit.related(Relation.REQUIRES).contains(other.name()) || unit.related(Relation.BINDS_TO).contains(other.name())) {
        say(unit.id(), "it requires " + other.name() + ", which is down now, so its start at the release starts that too");
      }
    }
  }

  private void say(String unit, String text) {
    inexact.add(new Hold.Inexact(unit, text));
  }

  List<HeldMember> members() {
    return members;
  }

  List<Hold.Inexact> inexact() {
    return inexact;
  }
}
