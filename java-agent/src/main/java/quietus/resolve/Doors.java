// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import quietus.disk.BusServices;
import quietus.disk.UnitFiles;
import quietus.family.Door;
import quietus.family.Member;
import quietus.family.Role;
import quietus.systemd.SystemdQuestions;
import quietus.unit.Relation;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** Finds the doors of a family that are not members of it. */
final class Doors {
  private static final int UPHOLDS_ACTS = 249;
  private static final int UPHELD_BY_READS = 251;

  private Doors() {}

  static List<Door> of(
      List<Member> members, UnitFiles files, BusServices bus, SystemdQuestions systemd) {
    List<Door> doors = new ArrayList<>();
    Set<String> inside = new TreeSet<>();
    for (Member member : members) {
      inside.add(member.name());
    }
    for (Member member : members) {
      if (member.role() == Role.SUBJECT
          || member.role() == Role.DEPENDENT
          || member.role() == Role.PART
          || member.role() == Role.INSTANCE) {
        own(member.unit(), doors);
      }
      outside(member, inside, doors);
      calls(member.unit(), bus, doors);
    }
    int version = systemd.version();
    boolean unseen = version >= UPHOLDS_ACTS && version < UPHELD_BY_READS;
    for (Member member : members) {
      if (unseen) {
        for (String upholder : files.thatSay("Upholds", member.name())) {
          doors.add(upheld(member.name(), upholder));
        }
      }
    }
    return List.copyOf(doors);
  }

  private static void own(Unit unit, List<Door> doors) {
    String restart = unit.traits().restart();
    if (!restart.isEmpty() && !restart.equals("no")) {
      doors.add(
          new Door(
              Door.Kind.RESTART,
              unit.id(),
              "Restart=" + restart + " starts " + unit.id() + " again when it ends by itself",
              Door.Closed.STOP));
    }
    if (unit.state().job() != 0) {
      doors.add(
          new Door(
              Door.Kind.JOB,
              unit.id(),
              "a job for " + unit.id() + " was pending",
              Door.Closed.STOP));
    }
  }

  /**
   * The bus names that start a unit, and those for which the bus itself runs a program without
   * systemd.
   */
  private static void calls(Unit unit, BusServices bus, List<Door> doors) {
    for (BusServices.Service service : bus.all()) {
      if (unit.names().contains(service.unit())) {
        doors.add(
            new Door(
                Door.Kind.BUS,
                unit.id(),
                "a D-Bus call to " + service.name() + " starts " + unit.id(),
                Door.Closed.GATE));
      } else if (service.unit().isEmpty() && service.name().equals(unit.traits().busName())) {
        doors.add(
            new Door(
                Door.Kind.BUS,
                unit.id(),
                "a D-Bus call to "
                    + service.name()
                    + " makes the bus itself run a program of "
                    + unit.id()
                    + ", outside systemd",
                Door.Closed.NONE));
      }
    }
  }

  private static void outside(Member member, Set<String> inside, List<Door> doors) {
    Unit unit = member.unit();
    String name = member.name();
    for (String upholder : unit.related(Relation.UPHELD_BY)) {
      doors.add(upheld(name, upholder));
    }
    for (String other : unit.related(Relation.WANTED_BY)) {
      wanted(name, other, "wants", inside, doors);
    }
    for (String other : unit.related(Relation.REQUIRED_BY)) {
      wanted(name, other, "requires", inside, doors);
    }
    for (String other : unit.related(Relation.ON_FAILURE_OF)) {
      doors.add(
          new Door(
              Door.Kind.FAILURE,
              name,
              "a failure of " + other + " starts " + name,
              Door.Closed.GATE));
    }
    for (String other : unit.related(Relation.ON_SUCCESS_OF)) {
      doors.add(
          new Door(
              Door.Kind.SUCCESS,
              name,
              "a success of " + other + " starts " + name,
              Door.Closed.GATE));
    }
    // An instance is read along with its like, so what is told of its enablement may be theirs.
    if (member.role() != Role.INSTANCE && unit.file().enablement().startsWith("enabled")) {
      doors.add(
          new Door(
              Door.Kind.ENABLED,
              name,
              name + " is " + unit.file().enablement() + "; its install links stay as they are",
              Door.Closed.GATE));
    }
  }

  private static Door upheld(String name, String upholder) {
    return new Door(
        Door.Kind.UPHELD,
        name,
        upholder + " upholds " + name + ": it starts it whenever it is down",
        Door.Closed.GATE);
  }

  private static void wanted(
      String name, String other, String verb, Set<String> inside, List<Door> doors) {
    if (inside.contains(other)) {
      return;
    }
    UnitType type = UnitType.of(other).orElse(UnitType.SERVICE);
    if (type == UnitType.DEVICE) {
      doors.add(
          new Door(
              Door.Kind.DEVICE,
              name,
              "the device " + other + " starts " + name + " when it appears",
              Door.Closed.GATE));
    } else if (type == UnitType.TARGET) {
      doors.add(
          new Door(
              Door.Kind.BOOT,
              name,
              other + " " + verb + " " + name + ": a boot, or a start of that target, starts it",
              Door.Closed.GATE));
    } else if (type != UnitType.SLICE || !UnitName.stem(other).isEmpty()) {
      doors.add(
          new Door(
              Door.Kind.WANTED,
              name,
              other + " " + verb + " " + name + ": a start of the one starts the other",
              Door.Closed.GATE));
    }
  }
}
