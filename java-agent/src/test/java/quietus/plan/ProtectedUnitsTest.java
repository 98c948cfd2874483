// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class ProtectedUnitsTest {
  private static final ProtectedUnits SYSTEM =
      new ProtectedUnits(false, "/system.slice/ansible.service");
  private static final ProtectedUnits USER =
      new ProtectedUnits(true, "/user.slice/user@1000.service/app.slice/run.service");

  @Test
  void eachReasonIsGiven() {
    String way = "remote access, the message bus or the boot depends on it";
    assertEquals(way, SYSTEM.reason("sshd.service"));
    assertEquals(way, SYSTEM.reason("sshd@3.service"));
    assertEquals("it is a part of systemd itself", SYSTEM.reason("systemd-logind.service"));
    assertEquals("it is a part of systemd itself", SYSTEM.reason("user-1000.slice"));
    assertEquals("this run of Quietus is one of its processes", SYSTEM.reason("ansible.service"));
    assertNull(SYSTEM.reason("myapi.service"));
  }

  @Test
  void aContainerIsNoPartOfSystemdWhateverItsTemplateIsCalled() {
    assertNull(SYSTEM.reason("systemd-nspawn@box.service"));
    assertNull(SYSTEM.reason("systemd-nspawn@.service"));
    assertNull(SYSTEM.reason("systemd-vmspawn@box.service"));
    assertEquals("it is a part of systemd itself", SYSTEM.reason("systemd-machined.service"));
    assertEquals("it is a part of systemd itself", SYSTEM.reason("systemd-nspawn.service"));
    assertEquals(
        "this run of Quietus is one of its processes",
        new ProtectedUnits(false, "/machine.slice/systemd-nspawn@ctl.service/payload")
            .reason("systemd-nspawn@ctl.service"));
  }

  @Test
  void aUserManagerHasFewerOfThem() {
    assertNull(USER.reason("sshd.service"));
    assertNull(USER.reason("systemd-mine.service"));
    assertNull(USER.reason("dbus@1.service"));
    assertEquals(
        "remote access, the message bus or the boot depends on it", USER.reason("app.slice"));
    assertEquals("this run of Quietus is one of its processes", USER.reason("run.service"));
  }
}
