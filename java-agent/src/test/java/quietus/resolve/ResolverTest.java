// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.disk.BusServices;
import quietus.disk.UnitFiles;
import quietus.error.AgentException;
import quietus.family.Dependency;
import quietus.family.Door;
import quietus.family.Family;
import quietus.family.Member;
import quietus.model.ModelSystemd;
import quietus.unit.UnitName;

/** Which units are a family, why, whose gate closes each, and which doors are outside. */
class ResolverTest {
  private static final String SIMPLE = "[Service]\nExecStart=/bin/sleep infinity\n";

  @TempDir private Path root;
  private ModelSystemd systemd;

  private ResolverTest unit(String name, String text) {
    try {
      Path file = root.resolve("etc/systemd/system/" + name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  private ResolverTest service(String name, String section) {
    return unit(name, "[Unit]\n" + section + SIMPLE);
  }

  private void boot(int version, String... started) {
    systemd = ModelSystemd.boot(root, version);
    systemd.await(systemd.start(List.of(started)).values(), Duration.ofSeconds(5));
  }

  private void boot(String... started) {
    boot(252, started);
  }

  private List<Family> families(
      List<Dependency> remembered, Map<String, String> known, String... names) {
    List<UnitName> units = new ArrayList<>();
    for (String name : names) {
      units.add(new UnitName(name));
    }
    return new Resolver(
            systemd,
            new UnitFiles(systemd.unitPath()),
            new BusServices(root, false),
            remembered,
            known)
        .families(units);
  }

  private Family family(String name) {
    List<Family> families = families(List.of(), Map.of(), name);
    assertEquals(1, families.size());
    return families.get(0);
  }

  /** The members in their order: {@code name role: reason <- because [cover]}. */
  private static List<String> members(Family family) {
    List<String> members = new ArrayList<>();
    for (Member member : family.members()) {
      members.add(
          member.name()
              + " "
              + member.role().word()
              + ": "
              + member.reason()
              + (member.because().isEmpty() ? "" : " <- " + String.join(" ", member.because()))
              + (member.cover().equals(member.name()) ? "" : " [" + member.cover() + "]"));
    }
    return members;
  }

  private static List<String> doors(Family family) {
    List<String> doors = new ArrayList<>();
    for (Door door : family.doors()) {
      doors.add(door.kind().word() + " " + door.unit() + ": " + door.text());
    }
    doors.sort(null);
    return doors;
  }

  @Test
  void eachKindOfActivatorHasItsOwnReason() {
    service("a.service", "")
        .unit("a.socket", "[Socket]\nListenStream=/run/a.sock\n")
        .unit("a.timer", "[Timer]\nOnCalendar=daily\n")
        .unit("a.path", "[Path]\nPathExists=/run/nothing\n")
        .boot("a.service", "a.socket", "a.timer", "a.path");
    List<String> members = new ArrayList<>(members(family("a.service")));
    assertEquals("a.service subject: it is what was named", members.remove(0));
    members.sort(null);
    assertEquals(
        List.of(
            "a.path activator: it starts a.service when a path changes <- a.service",
            "a.socket activator: its connections start a.service <- a.service",
            "a.timer activator: it starts a.service on time <- a.service"),
        members);
  }

  @Test
  void anActivatorThatIsNotLoadedIsFoundOnTheDisk() {
    service("a.service", "")
        .unit("other.timer", "[Timer]\nOnCalendar=daily\nUnit=a.service\n")
        .unit("foreign.timer", "[Timer]\nOnCalendar=daily\nUnit=b.service\n")
        .boot("a.service");
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "other.timer activator: it starts a.service on time <- a.service"),
        members(family("a.service")));
    assertEquals("a.service", family("other.timer").subject());
  }

  @Test
  void everyRelationAlongWhichSystemdStopsMakesADependent() {
    service("a.service", "")
        .service("b.service", "Requires=a.service\n")
        .service("c.service", "BindsTo=a.service\nAfter=a.service\n")
        .service("d.service", "PartOf=a.service\n")
        .service("e.service", "Requisite=a.service\n")
        .service("f.service", "StopPropagatedFrom=a.service\n")
        .service("g.service", "Wants=a.service\nAfter=a.service\n")
        .boot(
            "a.service",
            "b.service",
            "c.service",
            "d.service",
            "e.service",
            "f.service",
            "g.service");
    List<String> members = new ArrayList<>(members(family("a.service")));
    members.sort(null);
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "b.service dependent: it requires a.service, so systemd stops it too <- a.service",
            "c.service dependent: it is bound to a.service, so systemd stops it too <- a.service",
            "d.service dependent: it is part of a.service, so systemd stops it too <- a.service",
            "e.service dependent: it has as a requisite a.service, so systemd stops it too <-"
                + " a.service",
            "f.service dependent: it takes its stops from a.service, so systemd stops it too <-"
                + " a.service"),
        members);
  }

  @Test
  void whatIsPartOfATargetIsAPartAndItsDependentsAreInTheFamilyToo() {
    unit("all.target", "[Unit]\n")
        .service("a.service", "PartOf=all.target\n")
        .service("b.service", "Requires=a.service\n")
        .service("c.service", "Requires=all.target\n")
        .boot("all.target", "a.service", "b.service", "c.service");
    List<String> members = new ArrayList<>(members(family("all.target")));
    assertEquals("all.target subject: it is what was named", members.remove(0));
    members.sort(null);
    assertEquals(
        List.of(
            "a.service part: it is part of all.target <- all.target",
            "b.service dependent: it requires a.service, so systemd stops it too <- a.service",
            "c.service dependent: it requires all.target, so systemd stops it too <- all.target"),
        members);
  }

  @Test
  void aMemberNamesEachThatPulledItIn() {
    service("a.service", "")
        .service("b.service", "Requires=a.service\n")
        .service("c.service", "Requires=a.service b.service\n")
        .boot("c.service");
    List<String> members = new ArrayList<>(members(family("a.service")));
    members.sort(null);
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "b.service dependent: it requires a.service, so systemd stops it too <- a.service",
            "c.service dependent: it requires a.service, so systemd stops it too <- a.service"
                + " b.service"),
        members);
  }

  @Test
  void aSocketThatIsNamedMeansTheServiceThatItStarts() {
    service("a.service", "").unit("a.socket", "[Socket]\nListenStream=/run/a.sock\n").boot();
    Family family = family("a.socket");
    assertEquals("a.service", family.subject());
    assertEquals(List.of("a.service", "a.socket"), family.names());
  }

  @Test
  void anActivatorOfAnotherMemberIsNoNameOfTheFamily() {
    service("a.service", "")
        .service("b.service", "Requires=a.service\n")
        .unit("b.socket", "[Socket]\nListenStream=/run/b.sock\n")
        .boot("b.socket", "b.service");
    Family family = family("a.service");
    assertTrue(family.has("b.socket"));
    assertEquals(List.of("a.service"), family.names());
  }

  @Test
  void theConnectionsOfASocketAreClosedByTheGateOfTheirTemplate() {
    unit("echo.socket", "[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n")
        .unit("echo@.service", SIMPLE)
        .boot("echo.socket");
    systemd.outside().connect("echo.socket");
    systemd.pass(Duration.ofMillis(100));
    Family family = family("echo.socket");
    assertEquals("echo@.service", family.subject());
    List<String> members = members(family);
    assertEquals(3, members.size(), members.toString());
    assertEquals("echo@.service subject: it is what was named", members.get(0));
    assertTrue(
        members
            .get(1)
            .startsWith(
                "echo.socket activator: its connections start echo@.service <- echo@.service"),
        members.toString());
    assertTrue(
        members.get(2).contains(" instance: it is an instance of echo@.service <- echo@.service"),
        members.toString());
    assertTrue(members.get(2).endsWith(" [echo@.service]"), members.toString());
  }

  @Test
  void aDependentSocketThatAcceptsBringsItsTemplateAndConnections() {
    service("a.service", "")
        .unit(
            "echo.socket",
            "[Unit]\nRequires=a.service\n[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n")
        .unit("echo@.service", SIMPLE)
        .boot("echo.socket");
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "echo.socket dependent: it requires a.service, so systemd stops it too <- a.service",
            "echo@.service instance: echo.socket starts an instance of it for each connection <-"
                + " echo.socket"),
        members(family("a.service")));
  }

  @Test
  void theServiceOfADependentSocketIsInTheFamily() {
    service("a.service", "")
        .unit("b.socket", "[Unit]\nRequires=a.service\n[Socket]\nListenStream=/run/b.sock\n")
        .unit("b.service", SIMPLE)
        .boot("b.socket");
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "b.socket dependent: it requires a.service, so systemd stops it too <- a.service"
                + " b.service",
            "b.service dependent: b.socket cannot listen again while it runs <- b.socket"),
        members(family("a.service")));
  }

  @Test
  void anInstanceWithAFileOfItsOwnHasAGateOfItsOwn() {
    unit("w@.service", SIMPLE).unit("w@own.service", SIMPLE).boot("w@1.service", "w@own.service");
    List<String> members = new ArrayList<>(members(family("w@.service")));
    members.sort(null);
    assertEquals(
        List.of(
            "w@.service subject: it is what was named",
            "w@1.service instance: it is an instance of w@.service <- w@.service [w@.service]",
            "w@own.service instance: it is an instance of w@.service <- w@.service"),
        members);
  }

  @Test
  void anInstanceWithoutItsTemplateHasAGateOfItsOwn() {
    unit("w@.service", SIMPLE).boot("w@1.service", "w@2.service");
    assertEquals(
        List.of("w@1.service subject: it is what was named"), members(family("w@1.service")));
  }

  @Test
  void aTemplateWithoutAFileAndWithoutInstancesIsNotFound() {
    unit("w@.service", SIMPLE).boot();
    assertEquals(1, family("w@.service").members().size());
    AgentException e = assertThrows(AgentException.class, () -> family("x@.service"));
    assertTrue(e.getMessage().startsWith("there is no unit x@.service on this host"), e.toString());
  }

  @Test
  void aGlobWithoutAMatchIsRefusedAndOneThatMatchesGivesEachFamilyOnce() {
    service("a.service", "")
        .service("b.service", "")
        .unit("a.timer", "[Timer]\nOnCalendar=daily\n")
        .unit("w@.service", SIMPLE)
        .boot("b.service");
    List<String> subjects = new ArrayList<>();
    for (Family family : families(List.of(), Map.of(), "[abw].service", "[abw].timer", "a.timer")) {
      subjects.add(family.subject());
    }
    assertEquals(List.of("a.service", "b.service"), subjects);
    AgentException e = assertThrows(AgentException.class, () -> family("zz*"));
    assertTrue(e.getMessage().startsWith("no unit on this host matches 'zz*'"), e.toString());
  }

  @Test
  void aUnitThatIsGoneButRememberedIsNoError() {
    service("a.service", "").boot("a.service");
    assertThrows(AgentException.class, () -> family("gone.service"));
    List<Dependency> remembered = Dependency.of("gone.service", List.of("a.service"), List.of());
    List<Family> families = families(remembered, Map.of(), "gone.service");
    assertEquals(1, families.size());
    assertEquals("gone.service", families.get(0).subject());
    assertThrows(AgentException.class, () -> families(remembered, Map.of(), "other.service"));
  }

  @Test
  void whatAHoldRemembersPullsAMaskedUnitIn() {
    service("a.service", "").service("b.service", "").boot("a.service");
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "b.service dependent: systemd stops it along with a.service <- a.service"),
        members(
            families(
                    Dependency.of("b.service", List.of("a.service"), List.of()),
                    Map.of(),
                    "a.service")
                .get(0)));
  }

  @Test
  void anActivatorThatShowsNothingMeansWhatAHoldRemembersOfIt() {
    service("a.service", "").unit("x.timer", "[Timer]\nOnCalendar=daily\nUnit=b.service\n").boot();
    systemd.outside().link("etc/systemd/system.control/x.timer", "/dev/null");
    systemd.outside().reload();
    List<Dependency> remembered =
        new ArrayList<>(Dependency.of("y.timer", List.of(), List.of("b.service")));
    remembered.addAll(Dependency.of("x.timer", List.of("c.service"), List.of("a.service")));
    assertEquals("a.service", families(remembered, Map.of(), "x.timer").get(0).subject());
    assertEquals("x.timer", families(List.of(), Map.of(), "x.timer").get(0).subject());
    assertEquals(
        "held.service",
        families(List.of(), Map.of("x.timer", "held.service"), "x.timer").get(0).subject());
  }

  @Test
  void anAliasAndItsUnitAreOneFamily() throws IOException {
    service("a.service", "").service("b.service", "Requires=alias.service a.service\n");
    Files.createSymbolicLink(
        root.resolve("etc/systemd/system/alias.service"), Path.of("a.service"));
    boot("a.service", "b.service");
    List<Family> families = families(List.of(), Map.of(), "alias.service", "a.service");
    assertEquals(1, families.size());
    assertEquals("a.service", families.get(0).subject());
    assertTrue(families.get(0).names().contains("alias.service"));
    assertEquals(
        List.of(
            "a.service subject: it is what was named",
            "b.service dependent: it requires a.service, so systemd stops it too <- a.service"),
        members(families.get(0)));
  }

  @Test
  void whatOneFamilyTellsOfAnotherIsTakenIntoIt() {
    service("a.service", "").service("b.service", "Requires=a.service\n").boot();
    List<Family> families = families(List.of(), Map.of(), "a.service", "b.service");
    assertEquals(2, families.size());
    assertTrue(families.get(0).has("b.service"), members(families.get(0)).toString());
    assertEquals(List.of("b.service subject: it is what was named"), members(families.get(1)));
  }

  @Test
  void aUnitThatUpholdsIsADoorOnEveryVersionThatHasIt() {
    service("a.service", "").service("up.service", "Upholds=a.service\n").boot(250, "a.service");
    List<String> upheld =
        List.of("upheld a.service: up.service upholds a.service: it starts it whenever it is down");
    assertEquals(upheld, doors(family("a.service")));
    boot(249, "a.service");
    assertEquals(upheld, doors(family("a.service")));
    boot(247, "a.service");
    assertEquals(List.of(), doors(family("a.service")));
    boot(251, "a.service", "up.service");
    assertEquals(upheld, doors(family("a.service")));
    boot(252, "a.service", "up.service");
    assertEquals(upheld, doors(family("a.service")));
  }

  @Test
  void whatWantsAMemberFromWithinTheFamilyIsNoDoor() {
    service("a.service", "")
        .service("b.service", "Requires=a.service\n")
        .service("c.service", "Requires=a.service\nWants=b.service\n")
        .boot("b.service", "c.service");
    assertEquals(List.of(), doors(family("a.service")));
  }

  @Test
  void aStartThatIsQueuedIsADoor() {
    service("a.service", "After=busy.service\n")
        .unit("busy.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n")
        .boot();
    systemd.start(List.of("busy.service"));
    systemd.start(List.of("a.service"));
    assertEquals(
        List.of("job a.service: a job for a.service was pending"), doors(family("a.service")));
  }

  @Test
  void aTargetThatWantsAMemberAndAnInstanceThatIsAloneAreDoors() {
    unit("w@.service", SIMPLE + "Restart=on-failure\n[Install]\nWantedBy=some.target\n")
        .unit("some.target", "[Unit]\nWants=w@1.service\n")
        .boot("some.target");
    assertEquals(
        List.of(
            "boot w@1.service: some.target wants w@1.service: a boot, or a start of that target,"
                + " starts it",
            "restart w@1.service: Restart=on-failure starts w@1.service again when it ends by"
                + " itself"),
        doors(family("w@.service")));
  }

  @Test
  void theRestartsOfAPartAndOfADependentAreDoors() {
    unit("all.target", "[Unit]\n")
        .unit("a.service", "[Unit]\nPartOf=all.target\n" + SIMPLE + "Restart=always\n")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + SIMPLE + "Restart=on-abort\n")
        .boot("all.target", "b.service");
    assertEquals(
        List.of(
            "restart a.service: Restart=always starts a.service again when it ends by itself",
            "restart b.service: Restart=on-abort starts b.service again when it ends by itself"),
        doors(family("all.target")));
  }
}
