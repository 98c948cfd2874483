// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import quietus.family.Door;
import quietus.protocol.Report;

/** The doors of a family that are not members of it. */
class DoorsTest extends StageCase {
  private Set<String> doors() {
    Report report = stage.quiesce("a.service").checked();
    Set<String> doors = new TreeSet<>();
    for (Door door : report.doors()) {
      doors.add(
          door.kind().word()
              + " "
              + door.unit()
              + " "
              + door.closedBy().word()
              + ": "
              + door.text());
    }
    return doors;
  }

  @Test
  void aServiceByItselfHasNone() {
    one();
    assertEquals(Set.of(), doors());
  }

  @Test
  void aRestartABootAndItsEnablementAreDoors() {
    stage
        .unit("a.service", Stage.SIMPLE + "Restart=always\n[Install]\nWantedBy=multi-user.target\n")
        .wanted("a.service", "multi-user.target")
        .boot("a.service");
    assertEquals(
        Set.of(
            "restart a.service stop: Restart=always starts a.service again when it ends by itself",
            "boot a.service gate: multi-user.target wants a.service: a boot, or a start of that"
                + " target, starts it",
            "enabled a.service gate: a.service is enabled; its install links stay as they are"),
        doors());
  }

  @Test
  void anotherUnitThatWantsUpholdsOrFailsIsADoor() {
    stage
        .simple("a.service")
        .unit("want.service", "[Unit]\nWants=a.service\n" + Stage.SIMPLE)
        .unit("hold.service", "[Unit]\nUpholds=a.service\n" + Stage.SIMPLE)
        .unit("fail.service", "[Unit]\nOnFailure=a.service\n" + Stage.SIMPLE)
        .unit("good.service", "[Unit]\nOnSuccess=a.service\n" + Stage.SIMPLE)
        .boot("a.service", "want.service", "hold.service", "fail.service", "good.service");
    assertEquals(
        Set.of(
            "wanted a.service gate: want.service wants a.service: a start of the one starts the"
                + " other",
            "upheld a.service gate: hold.service upholds a.service: it starts it whenever it is"
                + " down",
            "failure a.service gate: a failure of fail.service starts a.service",
            "success a.service gate: a success of good.service starts a.service"),
        doors());
  }

  @Test
  void aBusNameIsADoorAndAProgramOfTheBusIsNotClosed() {
    stage
        .unit("a.service", "[Service]\nType=dbus\nBusName=org.a\nExecStart=/bin/sleep infinity\n")
        .write(
            "usr/share/dbus-1/system-services/org.one.service",
            "[D-BUS Service]\nName=org.one\nExec=/bin/false\nSystemdService=a.service\n")
        .write(
            "usr/share/dbus-1/system-services/org.a.service",
            "[D-BUS Service]\nName=org.a\nExec=/bin/a\n")
        .boot("a.service");
    assertEquals(
        Set.of(
            "bus a.service gate: a D-Bus call to org.one starts a.service",
            "bus a.service none: a D-Bus call to org.a makes the bus itself run a program of"
                + " a.service, outside systemd"),
        doors());
  }
}
