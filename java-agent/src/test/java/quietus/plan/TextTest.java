// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import quietus.unit.State;
import quietus.unit.Unit;

/** Sentences, forecasts and protected names: what needs no host. */
class TextTest {
  private static List<String> units(int count) {
    List<String> units = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      units.add("u" + i);
    }
    return units;
  }

  @Test
  void aListIsASentencePartAndALongOneIsCutAndCounted() {
    assertEquals("", Text.list(List.of()));
    assertEquals("a", Text.list(List.of("a")));
    assertEquals("a and b", Text.list(List.of("a", "b")));
    assertEquals("a, b and c", Text.list(List.of("a", "b", "c")));
    String twelve = "u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12";
    assertEquals(twelve + " and u13", Text.list(units(13)));
    assertEquals(twelve + " and 2 more", Text.list(units(14)));
  }

  @Test
  void countsAndVerbsAgreeInNumber() {
    assertEquals("1 unit", Text.count(1, "unit"));
    assertEquals("0 units", Text.count(0, "unit"));
    assertEquals("is", Text.is(List.of("a")));
    assertEquals("are", Text.is(List.of("a", "b")));
  }

  @Test
  void activatorsComeFirstAndTheOthersKeepTheirOrder() {
    assertEquals(
        List.of("a.socket", "b.timer", "b.service", "a.service"),
        ActivatorsFirst.of(List.of("b.service", "a.socket", "a.service", "b.timer")));
  }

  @Test
  void aUnitThatIsDeadCountsAsUpOnlyWhileItsJobIsWaitedFor() {
    State down = new State("loaded", "inactive", "dead", 7);
    State up = new State("loaded", "active", "running", 0);
    Map<String, State> states = Map.of("a.service", down, "b.service", up);
    assertEquals(List.of("b.service"), ActivatorsFirst.up(states, Set.of()));
    assertEquals(2, ActivatorsFirst.up(states, Set.of("a.service")).size());
  }

  private static State down(String load, String active, String sub, Unit unit, boolean masked) {
    return Forecast.down(new State(load, active, sub, 3), unit, masked);
  }

  private static Unit oneshot() {
    return new Unit(
        "a.service",
        List.of("a.service"),
        State.NOT_FOUND,
        Unit.File.NONE,
        Map.of(),
        new Unit.Traits("", "oneshot", "", "", false, 0, false, List.of(), false, false));
  }

  @Test
  void aStoppedUnitIsForecastDeadAndOneThatFailedStaysFailed() {
    assertEquals(
        new State("masked", "inactive", "dead", 0),
        down("loaded", "active", "running", null, true));
    assertEquals(
        new State("not-found", "inactive", "dead", 0),
        down("loaded", "active", "running", null, false));
    assertEquals(
        new State("loaded", "inactive", "dead", 0),
        down("loaded", "inactive", "dead", null, false));
    assertEquals(
        new State("masked", "failed", "failed", 0), down("loaded", "failed", "failed", null, true));
  }

  @Test
  void aOneshotThatIsCutShortIsForecastFailed() {
    assertEquals("failed", down("loaded", "activating", "start", oneshot(), true).active());
    assertEquals("inactive", down("loaded", "activating", "start-pre", oneshot(), true).active());
    assertEquals("inactive", down("loaded", "active", "start", oneshot(), true).active());
    Unit simple = Unit.notFound("a.service");
    assertEquals("inactive", down("loaded", "activating", "start", simple, true).active());
  }

  @Test
  void whatIsStartedIsForecastByItsKindAndByWhatItWakes() {
    Map<String, String> alone =
        Map.of(
            "a.service", "running",
            "a.socket", "listening",
            "a.path", "waiting",
            "a.automount", "waiting",
            "a.timer", "waiting",
            "a.mount", "mounted",
            "a.scope", "running",
            "a.target", "active");
    for (Map.Entry<String, String> one : alone.entrySet()) {
      State up = Forecast.up(one.getKey(), "running", List.of("b.service"), Set.of());
      assertEquals("active", up.active());
      assertEquals(one.getValue(), up.sub(), one.getKey());
    }
    for (String unit : List.of("a.socket", "a.path", "a.automount")) {
      assertEquals(
          "running", Forecast.up(unit, "running", List.of("b.service"), Set.of("b.service")).sub());
    }
    assertEquals(
        "waiting", Forecast.up("a.timer", "x", List.of("b.service"), Set.of("b.service")).sub());
    assertEquals("exited", Forecast.up("a.service", "exited", List.of(), Set.of()).sub());
  }

  @Test
  void aUnitThatTheHostDependsOnIsProtectedByItsNameItsTemplateOrThisProcess() {
    ProtectedUnits system = new ProtectedUnits(false, "/system.slice/deploy.service");
    assertNotNull(system.reason("sshd.service"));
    assertNotNull(system.reason("sshd@1-2.service"));
    assertNotNull(system.reason("systemd-logind.service"));
    assertNotNull(system.reason("user@1000.service"));
    assertNotNull(system.reason("user-1000.slice"));
    assertNotNull(system.reason("deploy.service"));
    assertNotNull(system.reason("system.slice"));
    assertNull(system.reason("ploy.service"));
    assertNull(system.reason("a.service"));
    assertNull(system.reason("a@1.service"));
    ProtectedUnits user = new ProtectedUnits(true, "/user.slice/app.slice/run.scope");
    assertNotNull(user.reason("dbus.service"));
    assertNotNull(user.reason("app.slice"));
    assertNotNull(user.reason("run.scope"));
    assertNull(user.reason("sshd.service"));
    assertNull(user.reason("sshd@1.service"));
    assertNull(user.reason("systemd-tmpfiles-clean.timer"));
    assertNull(user.reason("user@1.service"));
    assertNull(user.reason("user-x.service"));
  }
}
