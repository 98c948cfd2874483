package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import quietus.lab.Host;

/** Holds that end by themselves. */
class LeaseCasesIT extends Cases {
  private void held(String lease) {
    service("let.service");
    unit("let.socket", "[Socket]\nListenStream=/run/let.sock\n");
    start("let.socket let.service");
    quiesce("let", "'lease':" + lease, "'reason':'a lease'").ok();
  }

  private static void ended() {
    await(
        "[ ! -e /etc/quietus/holds/let.service -a ! -e /etc/quietus/releasing/let.service ] &&"
            + " systemctl is-active -q let.service let.socket");
    await(
        "[ -z \"$(find /etc/systemd/system /var/lib/quietus -name '*let.service*.timer' -o -name"
            + " 'let.service.jar')\" ]");
    assertEquals("", host.sh("find /etc/systemd/system.control -not -type d").out());
    assertFalse(release("let").ok().changed());
  }

  @Test
  void aLeaseReleasesByItself() {
    held("1");
    ended();
    assertEquals(2, starts("let.service"));
  }

  @Test
  void aLeaseThatEndedWhileTheHostWasOffReleasesAtTheBoot() {
    held("3");
    // The moment passes while the timer cannot fire: as on a host that is off.
    host.sh(
            "systemctl stop quietus-lease-let.service.timer; while [ $(date +%s) -le $(date -d"
                + " \"$(sed -n 's/OnCalendar=//p'"
                + " /etc/systemd/system/quietus-lease-let.service.timer)\" +%s) ]; do sleep 0.1;"
                + " done")
        .ok();
    assertEquals("inactive inactive", active("let.service", "let.socket"));
    host.reboot();
    await("systemctl is-active -q let.service");
    await("[ ! -e /etc/quietus/holds/let.service ]");
    await("[ -z \"$(find /etc/systemd/system.control -not -type d)\" ]");
    assertEquals("active active", active("let.service", "let.socket"));
  }

  @Test
  void aLeaseCountsOnAcrossAReboot() {
    held("600");
    host.reboot();
    attack("let.service", "let.socket");
    assertEquals(
        "inactive inactive active",
        active("let.service", "let.socket", "quietus-lease-let.service.timer"));
    Host.Answer same = quiesce("let", "'lease':600").ok();
    assertFalse(same.changed());
    release("let").ok();
    assertEquals(
        "",
        host.sh(
                "find /etc/systemd/system /run/systemd/system /var/lib/quietus -not -type d -a '('"
                    + " -name '*quietus*' -o -name '*.jar' ')'")
            .out());
    assertEquals("inactive", active("quietus-lease-let.service.timer"));
  }

  @Test
  void whenALeaseEndsIsShown() {
    held("600");
    String lease =
        host.agent("info", "{\"names\":[\"let\"]}")
            .report()
            .get("holds")
            .get(0)
            .get("lease")
            .textValue();
    assertSays(quietus("holds").ok(), "let.service", "a lease", lease);
    assertSays(quietus("status let").ok(), "at the latest " + lease);
    release("let").ok();
  }

  @Test
  void aLeaseIsShortened() {
    held("600");
    Host.Answer shortened = quiesce("let", "'lease':1").ok();
    assertTrue(shortened.changed());
    ended();
  }

  @Test
  void aLeaseIsRenewedAndTakenAway() {
    held("30");
    Host.Answer renewed = quiesce("let", "'lease':600").ok();
    assertTrue(renewed.changed());
    String until = renewed.report().get("holds").get(0).get("lease").textValue();
    assertTrue(java.time.Instant.parse(until).isAfter(java.time.Instant.now().plusSeconds(500)));
    assertSays(
        host.sh("systemctl cat quietus-lease-let.service.timer").ok(), until.substring(0, 10));
    Host.Answer away = quiesce("let", "'lease':0").ok();
    assertTrue(away.changed());
    assertTrue(away.report().get("holds").get(0).get("lease").isNull());
    assertEquals("inactive", active("quietus-lease-let.service.timer"));
    assertFalse(quiesce("let").ok().changed());
    assertEquals("inactive", active("let.service"));
    release("let").ok();
  }

  @Test
  void aLeaseUntilRebootLeavesNothingUnderEtc() {
    service("let.service");
    start("let.service");
    quiesce("let", "'lease':2", "'until':'reboot'").ok();
    assertEquals(
        "",
        host.sh(
                "find /etc/systemd/system -name 'quietus*'; find /etc/systemd/system.control -not"
                    + " -type d 2>/dev/null")
            .out());
    await("systemctl is-active -q let.service");
    await("[ ! -e /run/quietus/holds/let.service -a ! -e /run/quietus/releasing/let.service ]");
  }

  @Test
  void aLeaseThatSomebodyTookAwayIsPutBack() {
    held("600");
    host.sh(
        "rm /etc/systemd/system/quietus-lease-let.service.timer; systemctl daemon-reload; systemctl"
            + " stop quietus-lease-let.service.timer");
    assertTrue(quiesce("let").ok().changed());
    assertEquals("active", active("quietus-lease-let.service.timer"));
    assertNotNull(release("let").ok().member("let.service"));
  }
}
