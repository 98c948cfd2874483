// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** quietus run: a command under a hold. */
class RunIT extends Cases {
  private static final String SAYS = "/var/lib/cases/says";

  private void family() {
    service("myapi.service", "", "");
    unit("myapi.socket", "[Socket]\nListenStream=/run/myapi.sock\nService=myapi.service\n");
    start("myapi.socket", "myapi.service");
  }

  private static void assertBack() {
    assertEquals("active active", active("myapi.service", "myapi.socket"));
    assertEquals("Nothing is held on this host.", quietus("holds").ok());
  }

  /** Starts it where no terminal is; its exit status goes to a file. */
  private static void background(String arguments) {
    host.write(
        "/var/lib/cases/go",
        QUIETUS
            + " run "
            + arguments
            + " >"
            + SAYS
            + " 2>&1\necho $? >/var/lib/cases/status.new\n"
            + "mv /var/lib/cases/status.new /var/lib/cases/status\n",
        0755);
    // not with &, by which a shell makes its commands ignore SIGINT
    host.sh("systemd-run --quiet --collect sh /var/lib/cases/go").ok();
  }

  private static String ended() {
    await("[ -e /var/lib/cases/status ]");
    return host.sh("cat /var/lib/cases/status").ok();
  }

  /** The JVM's process. */
  private static String jvm() {
    return host.sh("pgrep -o -f 'quietus[.]jar run'").ok();
  }

  @Test
  void theCommandRunsWhileTheFamilyIsDownAndItsExitStatusIsReturned() {
    family();
    Host.Result ran =
        quietus(
            "run --reason 'migration 42' myapi -- sh -c 'systemctl is-active myapi.service"
                + " myapi.socket; systemctl start myapi.service 2>/dev/null || echo refused; cat"
                + " /etc/quietus/holds/myapi.service >/var/lib/cases/record; exit 7' -- --json");
    assertEquals("inactive\ninactive\nrefused\n", ran.out());
    assertEquals(7, ran.status(), ran.err());
    assertSays(
        host.sh("cat /var/lib/cases/record").ok(),
        "migration 42",
        "quietus run",
        "\"token\":\"run-");
    assertBack();
    assertEquals(2, starts("myapi.service"));
  }

  @Test
  void whatCannotBeStartedTouchesNothing() {
    family();
    String before = host.traces();
    host.write("/var/lib/cases/text", "text\n", 0644);
    for (String[] line :
        new String[][] {
          {"127", "run myapi -- no-such-command"},
          {"126", "run myapi -- /var/lib/cases/text"},
          {"125", "run myapi"},
          {"125", "run -- true"},
          {"125", "run myapi --lease x -- true"}
        }) {
      Host.Result refused = quietus(line[1]);
      assertEquals(line[0], Integer.toString(refused.status()), line[1] + refused.err());
    }
    assertEquals(before, host.traces());
    Host.Result nowhere = quietus("run nowhere -- touch /var/lib/cases/ran");
    assertEquals(121, nowhere.status(), nowhere.err());
    assertSays(nowhere.err(), "there is no unit nowhere.service");
    assertEquals("", host.sh("ls /var/lib/cases/ran 2>/dev/null").out());
    assertBack();
  }

  @Test
  void whatDoesNotStopKeepsTheCommandFromBeingStarted() {
    service(
        "stubborn.service",
        "",
        "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'\n"
            + "TimeoutStopSec=infinity\n");
    service("other.service");
    start("stubborn.service", "other.service");
    Host.Result refused = quietus("run --timeout 2 other stubborn -- touch /var/lib/cases/ran");
    host.sh("systemctl kill --signal=KILL stubborn.service");
    assertSays(refused.err(), "stubborn.service did not stop", "'touch' was not started");
    assertTrue(refused.status() == 121, refused.toString());
    assertEquals("", host.sh("ls /var/lib/cases/ran 2>/dev/null").out());
    await("systemctl is-active --quiet stubborn.service other.service");
    quietus("release stubborn other").ok();
  }

  @Test
  void aHoldOfSomebodyElseIsLeftAlone() {
    family();
    quietus("quiesce --reason 'new disks' myapi").ok();
    Host.Result refused = quietus("run myapi -- touch /var/lib/cases/ran");
    assertEquals(121, refused.status(), refused.err());
    assertSays(refused.err(), "myapi.service is held by", "new disks", "was not started");
    assertEquals("", host.sh("ls /var/lib/cases/ran 2>/dev/null").out());
    assertEquals("inactive inactive", active("myapi.service", "myapi.socket"));
    quietus("release myapi").ok();
    assertBack();
  }

  @Test
  void nobodyElseReleasesItWithoutTakingItOver() {
    family();
    background("myapi -- sh -c 'touch /var/lib/cases/began; sleep infinity'");
    await("[ -e /var/lib/cases/began ]");
    for (String asking : new String[] {"'by':'ansible from a@ctl'", "'token':'window-1'"}) {
      Host.Answer refused = release("myapi", asking);
      assertTrue(refused.failed(), refused.msg());
      assertSays(refused.msg(), "(quietus run)", "takeover");
    }
    assertEquals("inactive", active("myapi.service"));
    host.sh("kill -TERM " + jvm()).ok();
    assertEquals("143", ended());
    assertBack();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void aSignalEndsTheCommandAndItsProcessesAndThenTheHold(String signal) {
    family();
    // a shell that dies of the signal at once, above a program that takes its time
    background(
        "myapi -- sh -c 'sh -c \"trap \\\"echo down; sleep 1; systemctl is-active myapi; exit\\\""
            + " TERM; touch /var/lib/cases/began; while :; do sleep 0.1; done\"; true'");
    await("[ -e /var/lib/cases/began ]");
    host.sh("kill -" + signal + " " + jvm()).ok();
    assertEquals("143", ended(), host.sh("cat " + SAYS).out());
    assertSays(host.sh("cat " + SAYS).ok(), "down\ninactive\n");
    assertBack();
  }

  @Test
  void whatIsKilledIsReleasedByItsLease() {
    family();
    background("--lease 4s myapi -- sh -c 'touch /var/lib/cases/began; exec sleep 1000'");
    await("[ -e /var/lib/cases/began ]");
    host.sh("kill -KILL " + jvm()).ok();
    assertEquals("137", ended());
    await(
        "systemctl is-active --quiet myapi.service && [ ! -e /etc/quietus/releasing/myapi.service ]"
            + " && [ ! -e /etc/systemd/system/quietus-lease.timer ]");
    host.sh("pkill -f 'sleep [1]000'");
    assertBack();
  }

  @Test
  void theLeaseIsRenewedWhileTheCommandRuns() {
    family();
    Host.Result ran =
        quietus(
            "run --lease 16s myapi -- sh -c 'l() { sed \"s/.*\\\"lease\\\":{\\([^}]*\\).*/\\1/\""
                + " /etc/quietus/holds/myapi.service; }; first=$(l); while [ \"$(l)\" = \"$first\""
                + " ]; do sleep 0.2; done; systemctl is-active myapi'");
    assertEquals("inactive\n", ran.out(), ran.err());
    assertBack();
    assertEquals(2, starts("myapi.service"));
  }

  @Test
  void aHoldThatEndsBeforeTheCommandIsReported() {
    family();
    Host.Result ran = quietus("run myapi -- sh -c '" + QUIETUS + " release myapi'");
    assertEquals(123, ran.status(), ran.err());
    assertSays(ran.err(), "myapi.service was not held until the end", "exit status of 'sh' was 0");
    assertBack();
  }

  @Test
  void aUnitThatDoesNotComeBackIsReported() {
    service("frail.service", "", "ExecStartPre=/bin/sh -c '[ ! -e /var/lib/cases/broken ]'\n");
    start("frail.service");
    Host.Result ran = quietus("run frail -- touch /var/lib/cases/broken");
    assertEquals(122, ran.status(), ran.err());
    assertSays(ran.err(), "frail.service did not come up", "exit status of 'touch' was 0");
    host.sh("rm /var/lib/cases/broken");
    quietus("release frail").ok();
  }

  @Test
  void theCommandHasTheTerminalAndWhatIsTypedThere() {
    family();
    host.write(
        "/var/lib/cases/command",
        "trap 'echo interrupted; touch /var/lib/cases/ended; sleep 1; exit 5' INT\n"
            + "[ -t 0 ] && echo terminal\n"
            + "touch /var/lib/cases/began\nwhile :; do sleep 0.1; done\n",
        0755);
    Host.Result ran =
        host.sh(
            "for i in began ended; do until [ -e /var/lib/cases/$i ]; do sleep 0.05; done; [ $i ="
                + " ended ] || printf '\\003'; done | script -qec 'exec "
                + QUIETUS
                + " run myapi -- bash /var/lib/cases/command' /dev/null");
    assertEquals(5, ran.status(), ran.toString());
    assertEquals(1, ran.out().split("interrupted", -1).length - 1, ran.out());
    assertSays(ran.out(), "terminal");
    assertBack();
  }
}
