// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;

class FamilyTest {
  private static Member member(String name, Role role) {
    return new Member(name, role, "a reason", List.of(), name, Unit.notFound(name));
  }

  @Test
  void aFamilyKnowsItsMembersByTheirPrimaryNames() {
    Family family =
        new Family(
            "a.service",
            List.of("a.service", "alias.service"),
            List.of(member("a.service", Role.SUBJECT), member("a.socket", Role.ACTIVATOR)),
            List.of());
    assertTrue(family.has("a.socket"));
    assertFalse(family.has("alias.service"));
  }

  @Test
  void aMemberRemembersEachThatPulledItInOnceAndASubjectNone() {
    Member socket = member("a.socket", Role.ACTIVATOR).alsoBecause("a.service");
    assertEquals(List.of("a.service"), socket.because());
    assertSame(socket, socket.alsoBecause("a.service"));
    assertEquals(List.of("a.service", "b.service"), socket.alsoBecause("b.service").because());
    Member subject = member("a.service", Role.SUBJECT);
    assertSame(subject, subject.alsoBecause("b.service"));
  }

  @Test
  void aUnitFollowsWhatStopsItEachOnce() {
    Unit unit =
        new Unit(
            "a.service",
            List.of("a.service"),
            State.NOT_FOUND,
            Unit.File.NONE,
            Map.of(
                Relation.REQUIRES, List.of("b.service"),
                Relation.BINDS_TO, List.of("b.service", "c.service"),
                Relation.WANTS, List.of("d.service")),
            Unit.Traits.NONE);
    assertEquals(List.of("b.service", "c.service"), Dependency.follows(unit));
  }

  @Test
  void whatAUnitFollowsMakesItADependentAndWhatItTriggersAnActivator() {
    List<Dependency> all = Dependency.of("a.socket", List.of("b.service"), List.of("a.service"));
    assertEquals(
        List.of(
            new Dependency(
                List.of("b.service"),
                "a.socket",
                Role.DEPENDENT,
                "systemd stops it along with b.service"),
            new Dependency(
                List.of("a.service"), "a.socket", Role.ACTIVATOR, "it starts a.service")),
        all);
  }

  @Test
  void wordsAreReadAsTheyAreWritten() {
    for (Role role : Role.values()) {
      assertEquals(role, Role.of(role.word()));
    }
    for (Door.Kind kind : Door.Kind.values()) {
      assertEquals(kind, Door.Kind.of(kind.word()));
    }
    for (Door.Closed closed : Door.Closed.values()) {
      assertEquals(closed, Door.Closed.of(closed.word()));
    }
    assertThrows(IllegalArgumentException.class, () -> Role.of("guest"));
  }
}
