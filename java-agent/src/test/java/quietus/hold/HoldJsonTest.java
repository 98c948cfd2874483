// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.family.Door;
import quietus.family.Role;
import quietus.unit.State;

class HoldJsonTest {
  private static final Hold HOLD =
      new Hold(
          "a.service",
          List.of("a.service", "a.socket"),
          Until.RELEASED,
          Instant.parse("2026-11-22T03:02:11Z"),
          new Holder("admin", "admin@ctl", "window-1"),
          "migration \"42\" \u00e9",
          new Lease(Instant.parse("2026-11-22T04:02:11Z"), "a-boot", 120, 3600),
          List.of(
              new HeldMember(
                  "a.service",
                  Role.SUBJECT,
                  "it is what was named",
                  List.of(),
                  "a.service",
                  true,
                  new State("loaded", "active", "running", 0),
                  true,
                  "/system.slice/a.service",
                  List.of("Stream 0.0.0.0:80"),
                  List.of("b.service"),
                  List.of("c.service"))),
          List.of(new Door(Door.Kind.RESTART, "a.service", "Restart=always", Door.Closed.STOP)),
          List.of(new Hold.Inexact("a.service", "text")));

  @Test
  void aHoldIsReadAsItWasWritten() {
    assertEquals(HOLD, HoldJson.read(HoldJson.write(HOLD)));
  }

  @Test
  void aRecordOfAnotherVersionIsRefused() {
    String json =
        new String(HoldJson.write(HOLD), StandardCharsets.UTF_8)
            .replace("\"version\":1", "\"version\":2");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> HoldJson.read(json.getBytes(StandardCharsets.UTF_8)))
            .getMessage();
    assertTrue(message.contains("version 2"), message);
  }

  @Test
  void noTornRecordIsTaken() {
    byte[] whole = HoldJson.write(HOLD);
    for (int length = 0; length < whole.length; length++) {
      byte[] torn = java.util.Arrays.copyOf(whole, length);
      assertThrows(IllegalArgumentException.class, () -> HoldJson.read(torn));
    }
  }

  private static void assertRefused(String what, String by) {
    String json = new String(HoldJson.write(HOLD), StandardCharsets.UTF_8);
    assertTrue(json.contains(what), what);
    byte[] changed = json.replace(what, by).getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> HoldJson.read(changed), by);
  }

  @Test
  void whatARecordNamesAreUnits() {
    for (String bad :
        List.of("", "../../etc/x.service", "a b.service", "a", "a*.service", "/x.service", "-.")) {
      assertRefused("\"unit\":\"a.service\",\"role\"", "\"unit\":\"" + bad + "\",\"role\"");
      assertRefused("\"cover\":\"a.service\"", "\"cover\":\"" + bad + "\"");
      assertRefused("\"subject\":\"a.service\"", "\"subject\":\"" + bad + "\"");
      assertRefused("\"a.socket\"", "\"" + bad + "\"");
      assertRefused("\"b.service\"", "\"" + bad + "\"");
      assertRefused("\"c.service\"", "\"" + bad + "\"");
    }
    for (String bad : List.of("system.slice", "/system.slice/../..", "/a\\nb")) {
      assertRefused("\"/system.slice/a.service\"", "\"" + bad + "\"");
    }
    assertRefused("Stream 0.0.0.0:80", "Stream\\n0.0.0.0:80");
  }
}
