// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
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

  private static void ended(String... units) {
    for (String unit : units) {
      await(
          "[ ! -e /etc/quietus/holds/"
              + unit
              + " -a ! -e /etc/quietus/releasing/"
              + unit
              + " ] && systemctl is-active -q "
              + unit);
    }
    await(
        "[ -z \"$(find /etc/systemd/system /run/systemd/system -name 'quietus-lease*'; find"
            + " /var/lib/quietus -name '*.jar'"
            + BUT_LAUNCHER
            + ")\" ]");
    assertEquals("", host.sh("find /etc/systemd/system.control -not -type d").out());
    assertFalse(release(units[0]).ok().changed());
  }

  @Test
  void aLeaseReleasesByItself() {
    held("1");
    ended("let.service", "let.socket");
    assertEquals(2, starts("let.service"));
  }

  @Test
  void aLeaseThatEndedWhileTheHostWasOffReleasesAtTheBoot() {
    held("3");
    // The moment passes while the timer cannot fire: as on a host that is off.
    host.sh("systemctl stop quietus-lease.timer").ok();
    await("java -jar /opt/quietus.jar holds 2>&1 | grep -q 'overdue since'");
    assertSays(quietus("status let").ok(), "overdue since", "quietus-lease.service");
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
        "inactive inactive active", active("let.service", "let.socket", "quietus-lease.timer"));
    Host.Answer same = quiesce("let", "'lease':600").ok();
    assertFalse(same.changed());
    release("let").ok();
    assertEquals(
        "",
        host.sh(
                "find /etc/systemd/system /run/systemd/system /var/lib/quietus -not -type d -a '('"
                    + " -name '*quietus*' -o -name '*.jar' ')'"
                    + BUT_LAUNCHER)
            .out());
    assertEquals("inactive", active("quietus-lease.timer"));
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
    ended("let.service", "let.socket");
  }

  @Test
  void aLeaseIsRenewedAndRemoved() {
    held("30");
    Host.Answer renewed = quiesce("let", "'lease':600").ok();
    assertTrue(renewed.changed());
    String until = renewed.report().get("holds").get(0).get("lease").textValue();
    assertTrue(java.time.Instant.parse(until).isAfter(java.time.Instant.now().plusSeconds(500)));
    // a second or more may pass between the lease and its timer
    String timer = host.sh("systemctl cat quietus-lease.timer").ok();
    assertTrue(timer.matches("(?s).*\nOnActiveSec=(?:59\\d|600)\n.*"), timer);
    Host.Answer away = quiesce("let", "'lease':0").ok();
    assertTrue(away.changed());
    assertTrue(away.report().get("holds").get(0).get("lease").isNull());
    assertEquals("inactive", active("quietus-lease.timer"));
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
  void aDeletedLeaseIsPutBack() {
    held("600");
    host.sh(
        "rm /etc/systemd/system/quietus-lease.timer; systemctl daemon-reload; systemctl"
            + " stop quietus-lease.timer");
    assertTrue(quiesce("let").ok().changed());
    assertEquals("active", active("quietus-lease.timer"));
    assertNotNull(release("let").ok().member("let.service"));
  }

  private static String count(String command) {
    return host.sh(command + " | wc -l").ok();
  }

  /** A lease of two minutes, of which the quiesce itself takes a part on a slow machine. */
  @Test
  void twoHundredInstancesHaveOneRunner() {
    unit("pool@.service", "[Service]\nExecStart=/bin/sleep infinity\n");
    start("$(seq -f pool@%g.service 200)");
    StringBuilder names = new StringBuilder();
    for (int i = 1; i <= 200; i++) {
      names.append(i == 1 ? "" : ",").append("\"pool@").append(i).append(".service\"");
    }
    String request = "{\"state\":\"quiesced\",\"names\":[" + names + "],\"lease\":";
    // this test's part of the journal; the runner is that of all cases of this host
    String since = " --since=@" + host.sh("date +%s").ok();
    host.agent("apply", request + "3600}").ok();
    assertEquals("200", count("ls /etc/quietus/holds"));
    assertEquals("1", count("find /var/lib/quietus /run/quietus -name '*.jar'" + BUT_LAUNCHER));
    assertEquals(
        "2", count("find /etc/systemd/system /run/systemd/system -type f -name 'quietus-lease*'"));
    assertEquals("1", count("systemctl list-timers --all --no-legend 'quietus-*'"));
    assertEquals("0", count("journalctl -o cat -u quietus-lease.service" + since));
    host.agent("apply", request + "1}").ok();
    await("[ -z \"$(find /etc/quietus/holds /etc/quietus/releasing -type f)\" ]");
    ended("pool@1.service", "pool@200.service");
    assertEquals("200", count("systemctl list-units --no-legend --state=active 'pool@*'"));
    assertEquals(
        "1",
        count(
            "journalctl -o json -u quietus-lease.service"
                + since
                + " | grep -o"
                + " '\"INVOCATION_ID\" *: *\"[0-9a-f]*\"' | sort -u"));
    host.sh("systemctl stop 'pool@*.service'").ok();
  }

  @Test
  void filesThatAKillLeavesAreNamedAndRemoved() {
    service("other.service");
    start("other.service");
    service("let.service");
    start("let.service");
    int left = 0;
    for (String step :
        List.of("lock", "look", "resolve", "gates", "reload", "hold", "stop", "mask", "verify")) {
      host.agent(
          "apply",
          Host.request("let", "quiesced", "\"lease\":600"),
          "-Dquietus.kill-after=" + step);
      if (host.sh("[ -e /etc/quietus/holds/let.service ]").status() == 0) {
        assertSays(quietus("holds").ok(), "let.service");
        assertEquals("active", active("quietus-lease.timer"), step);
        release("let").ok();
      } else if (host.sh(
                  "[ -e /var/lib/quietus ] && find /var/lib/quietus -type f"
                      + BUT_LAUNCHER
                      + "| grep .")
              .status()
          == 0) {
        left++;
        for (String told : List.of(warnings(info("other")), quietus("holds").err())) {
          assertSays(told, "quietus-lease.timer", ".jar", "gates of let.service");
        }
      }
      quiesce("other").ok();
      assertFalse(quietus("holds").err().contains("left"), step);
      release("other").ok();
      assertEquals(
          "",
          host.sh(
                  "find /etc/systemd/system.control /etc/quietus /var/lib/quietus -not -type d"
                      + BUT_LAUNCHER
                      + ";"
                      + " find /etc/systemd/system /run/systemd/system -name 'quietus-*'")
              .out(),
          step);
      assertEquals("active active", active("let.service", "other.service"), step);
    }
    assertTrue(left >= 1, "a step leaves files of a lease without a hold");
  }

  private static Host.Answer info(String unit) {
    return host.agent("info", "{\"names\":[\"" + unit + "\"]}").ok();
  }
}
