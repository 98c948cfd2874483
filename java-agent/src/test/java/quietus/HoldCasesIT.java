// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** Several holds, several runs, and hosts that change under a hold. */
class HoldCasesIT extends Cases {
  private static final String[] OVERLAPPING = {
    "one.service", "two.service", "shared.service", "shared.socket"
  };

  private void overlap() {
    service("one.service");
    service("two.service");
    service(
        "shared.service", "Requires=one.service two.service\nAfter=one.service two.service", "");
    unit("shared.socket", "[Socket]\nListenStream=/run/shared.sock\n");
    start("one.service two.service shared.socket shared.service");
  }

  @Test
  void statusAndReleaseListAttemptsToStartAHeldUnit() {
    service("wanted.service");
    unit(
        "wants.service",
        "[Unit]\nWants=wanted.service\n[Service]\nType=oneshot\nExecStart=/bin/true\n");
    unit("fails.service", "[Unit]\nOnFailure=wanted.service\n[Service]\nExecStart=/bin/false\n");
    start("wanted.service");
    quiesce("wanted").ok();
    // what is asked in the second of the hold may have been before it: the time itself is awaited
    String entries =
        "sleep 1.1; journalctl --sync; journalctl -b _PID=1 UNIT=wanted.service | wc -l";
    String before = host.sh(entries).ok();
    host.sh("systemctl start wanted; systemctl start wants");
    assertEquals(before, host.sh(entries).ok(), "systemd wrote down a start that a mask refused");
    assertFalse(
        quietus("status wanted").ok().contains("Attempts to start it"),
        "what a mask refuses leaves no trace");
    // journald reads who wrote an entry from /proc, and on a loaded host sudo has ended by then
    host.sh(
        "for i in $(seq 20); do runuser -u deploy -- sudo systemctl start wanted; journalctl"
            + " --sync; [ $(journalctl -b _COMM=sudo -o cat | grep -c 'COMMAND=.*start wanted') -ge"
            + " 2 ] && break; done; systemctl start fails; journalctl --sync");
    String page = quietus("status wanted").ok();
    assertSays(
        page,
        "Attempts to start it since the hold:",
        "asked for by deploy by sudo",
        "by systemd for fails.service");
    assertTrue(page.matches("(?s).*wanted.service: [0-9]+ attempts, the last at .*"), page);
    // without the mask, as after a failed run, the gate alone refuses it, and systemd says so; what
    // fails there within a second of a request counts as that request
    host.sh(
        "rm /etc/systemd/system.control/wanted.service; sleep 1.1; systemctl daemon-reload;"
            + " systemctl start wants; journalctl --sync");
    assertSays(quietus("status --json wanted").ok(), "\"how\":\"gate\",\"by\":null,\"count\":1");
    Host.Answer released = release("wanted").ok();
    String attempts = released.report().get("start_attempts").toString();
    assertTrue(
        attempts.matches(
            ".*\"how\":\"request\",\"by\":\"deploy by sudo\",\"count\":([2-9]|1[0-9]|20)[,.].*"),
        attempts);
    assertSays(
        attempts, "\"how\":\"mask\",\"by\":\"fails.service\",\"count\":1", "\"how\":\"gate\"");
    assertTrue(released.report().get("start_attempts_complete").booleanValue());
    assertFalse(release("wanted").ok().report().has("start_attempts"), "nothing was released");
    host.sh("systemctl restart wanted").ok();
    Host.Answer told =
        host.agent("info", "{\"names\":[\"wanted\"],\"started_by\":true,\"graph\":\"mermaid\"}");
    assertEquals(
        "request", told.member("wanted.service").get("started_by").get("kind").textValue());
    assertSays(
        told.report().get("graph").textValue(),
        "flowchart LR\n  n0[\"wanted.service<br/>active, running\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"one two", "two one"})
  void overlappingHoldsReleasedInEitherOrderEndInTheOriginalState(String order) {
    overlap();
    String before = states(OVERLAPPING);
    quiesce("one").ok();
    quiesce("two").ok();
    attack(OVERLAPPING);
    assertEquals("inactive inactive inactive inactive", active(OVERLAPPING));
    String first = order.split(" ")[0];
    String second = order.split(" ")[1];
    Host.Answer half = release(first).ok();
    assertSays(warnings(half), "shared.service", "another family");
    attack(second, "shared.service", "shared.socket");
    assertEquals(
        "active inactive inactive inactive",
        active(first, second, "shared.service", "shared.socket"));
    assertEquals(
        "masked masked", host.sh("systemctl is-enabled shared.service shared.socket | xargs").ok());
    release(second).ok();
    assertEquals(before, states(OVERLAPPING));
    assertEquals(2, starts("shared.service"));
    assertEquals(2, starts("one.service"));
  }

  /** Enabled units stay in systemd's memory, and a quiesce does not reload it for their masks. */
  private void enabled() {
    service("kept.service");
    unit(
        "kept.socket",
        "[Socket]\nListenStream=127.0.0.1:7201\n[Install]\nWantedBy=sockets.target\n");
    host.sh("systemctl daemon-reload && systemctl enable kept.service kept.socket").ok();
    start("kept.socket kept.service");
  }

  private static String loaded() {
    return host.sh("systemctl show --value -p LoadState kept.service kept.socket | xargs").ok();
  }

  @Test
  void anEnabledUnitIsClosedByItsGateUntilSomebodyReloads() {
    enabled();
    String before = states("kept.service", "kept.socket");
    Host.Answer held = quiesce("kept").ok();
    assertEquals("loaded loaded", loaded());
    assertEquals("masked", host.show("kept.service", "UnitFileState"));
    assertEquals("no", host.show("kept.service", "NeedDaemonReload"));
    assertEquals(
        "masked", held.report().get("members").get(0).get("after").get("load").textValue());
    Host.Result start = host.sh("systemctl start kept.service");
    assertTrue(start.status() != 0, start.out());
    attack("kept.service", "kept.socket");
    host.sh("echo | nc -N 127.0.0.1 7201");
    assertEquals("inactive inactive", active("kept.service", "kept.socket"));
    assertFalse(quiesce("kept").ok().changed());
    host.sh("systemctl daemon-reload").ok();
    assertEquals("masked masked", loaded());
    attack("kept.service", "kept.socket");
    assertFalse(quiesce("kept").ok().changed());
    assertEquals(1, starts("kept.service"));
    release("kept").ok();
    assertEquals(before, states("kept.service", "kept.socket"));
    assertEquals(2, starts("kept.service"));
  }

  @Test
  void aUnitThatAnotherUpholdsIsMaskedAtOnceSoThatSystemdEndsItsAttempts() {
    upheld();
    quiesce("kept").ok();
    assertEquals("masked", host.show("kept.service", "LoadState"));
    isTriedNoMoreAndComesBack();
  }

  @Test
  void aRunThatWasKilledBeforeTheReloadForAnUpheldUnitIsMadeUpForByTheNext() {
    upheld();
    dieBeforeTheMaskIsRead("kept");
    Host.Answer check = quiesce("kept", "'check':true").ok();
    assertEquals("loaded", host.show("kept.service", "LoadState"));
    Host.Answer again = quiesce("kept").ok();
    assertTrue(again.changed());
    assertTrue(check.changed());
    assertTrue(check.msg().endsWith(again.msg()), check.msg());
    assertEquals("masked", host.show("kept.service", "LoadState"));
    assertFalse(quiesce("kept").ok().changed());
    isTriedNoMoreAndComesBack();
  }

  /** kept.service, enabled and up, with a target that upholds it. */
  private void upheld() {
    needs(251, "UpheldBy");
    service("kept.service");
    unit("keeps.target", "[Unit]\nUpholds=kept.service\n");
    host.sh("systemctl daemon-reload && systemctl enable --now kept.service").ok();
    start("keeps.target");
  }

  private void isTriedNoMoreAndComesBack() {
    String count = "journalctl --sync; journalctl -b -o cat _PID=1 UNIT=kept.service | wc -l";
    String before = host.sh("sleep 1; " + count).ok();
    assertEquals(before, host.sh("sleep 3; " + count).ok(), "systemd tries no more");
    assertEquals(1, starts("kept.service"));
    release("kept").ok();
    assertEquals("active", active("kept.service"));
    host.sh("systemctl stop keeps.target").ok(); // it would start what the clean-up stops
  }

  @Test
  void aReleaseStartsWhatIsOnTheDiskThoughNobodyReloaded() {
    enabled();
    String before = states("kept.service", "kept.socket");
    quiesce("kept").ok();
    assertEquals("loaded loaded", loaded());
    host.sh(
            "sleep 1.1; sed -i 's/^ExecStart=.*/ExecStart=sleep 1000000/'"
                + " /etc/systemd/system/kept.service")
        .ok();
    Host.Answer back = release("kept").ok();
    assertSays(warnings(back), "edits", "kept.service");
    assertEquals(before, states("kept.service", "kept.socket"));
    assertTrue(
        host.sh("tr '\\0' ' ' </proc/$(systemctl show --value -p MainPID kept.service)/cmdline")
            .ok()
            .contains("1000000"));
  }

  @Test
  void overlappingHoldsOfDifferentLifetimesEndInTheOriginalState() {
    overlap();
    unit(
        "shared.socket",
        "[Socket]\nListenStream=/run/shared.sock\n[Install]\nWantedBy=sockets.target\n");
    host.sh("systemctl enable one.service two.service shared.service shared.socket").ok();
    String before = states(OVERLAPPING);
    quiesce("one", "'until':'reboot'").ok();
    quiesce("two").ok();
    host.reboot();
    attack("one.service");
    assertEquals("active inactive inactive inactive", active(OVERLAPPING));
    release("two").ok();
    assertEquals(before, states(OVERLAPPING));
    host.sh("systemctl disable one.service two.service shared.service shared.socket").ok();
  }

  @Test
  void aHoldOfAMemberOutlivesTheHoldOfTheWholeFamily() {
    overlap();
    String before = states(OVERLAPPING);
    quiesce("shared.service").ok();
    quiesce("one").ok();
    release("one").ok();
    assertEquals("active active inactive inactive", active(OVERLAPPING));
    release("shared").ok();
    assertEquals(before, states(OVERLAPPING));
    quiesce("one").ok();
    quiesce("shared.socket").ok();
    release("shared").ok();
    assertEquals("inactive active inactive inactive", active(OVERLAPPING));
    release("one").ok();
    assertEquals(before, states(OVERLAPPING));
  }

  @Test
  void aListOfOverlappingNamesIsHeldAndReleasedInOneRun() {
    overlap();
    String before = states(OVERLAPPING);
    Host.Answer held =
        host.agent(
                "apply",
                "{\"names\":[\"one\",\"two.service\",\"shared.socket\"],\"state\":\"quiesced\"}")
            .ok();
    assertEquals(3, held.report().get("holds").size());
    attack(OVERLAPPING);
    assertEquals("inactive inactive inactive inactive", active(OVERLAPPING));
    assertFalse(
        host.agent("apply", "{\"names\":[\"two\",\"one\",\"shared\"],\"state\":\"quiesced\"}")
            .ok()
            .changed());
    Host.Answer released =
        host.agent("apply", "{\"names\":[\"one\",\"two\",\"shared\"],\"state\":\"running\"}").ok();
    assertEquals("[]", released.report().get("warnings").toString());
    assertEquals(before, states(OVERLAPPING));
    assertEquals(2, starts("shared.service"));
  }

  @Test
  void aMemberOfAnotherFamilysHoldCannotBeRunByItself() {
    overlap();
    quiesce("one").ok();
    Host.Answer refused = release("shared");
    assertTrue(refused.failed());
    assertSays(refused.msg(), "shared.service", "one.service");
    release("one").ok();
  }

  @Test
  void unitsThatWereDownOrFailedAreSoAfterwards() {
    service("failed.service", "", "ExecStart=/bin/false\nType=oneshot");
    service("down.service", "", "");
    unit("down.timer", "[Timer]\nOnCalendar=2099-01-01\n");
    unit("down.path", "[Path]\nPathExists=/run/never-there\n");
    host.sh("systemctl daemon-reload; systemctl start failed.service; systemctl start down.timer");
    String before = states("failed.service", "down.service", "down.timer", "down.path");
    assertSays(before, "failed.service loaded failed failed", "down.timer loaded active waiting");
    quiesce("failed").ok();
    quiesce("down").ok();
    attack("failed.service", "down.service", "down.timer", "down.path");
    assertEquals(1, starts("failed.service"));
    release("down").ok();
    release("failed").ok();
    assertEquals(before, states("failed.service", "down.service", "down.timer", "down.path"));
    assertEquals(0, starts("down.service"));
  }

  @Test
  void aSecondRunWaitsForTheFirstOrSaysWhoIsAtWork() {
    service(
        "slow.service",
        "",
        "ExecStop=/bin/sh -c 'touch /run/stopping; until [ -e /run/may-stop ]; do sleep 0.05;"
            + " done'");
    service("quick.service");
    start("slow.service quick.service");
    host.sh("rm -f /run/stopping /run/may-stop").ok();
    Thread first = new Thread(() -> quiesce("slow").ok());
    first.start();
    await("[ -e /run/stopping ]");
    Host.Answer refused = quiesce("quick", "'lock_timeout':0");
    assertTrue(refused.failed());
    assertSays(refused.msg(), "another run", "slow", "nothing was touched");
    assertEquals("active", active("quick.service"));
    Host.Answer[] waited = new Host.Answer[1];
    Thread second = new Thread(() -> waited[0] = quiesce("quick"));
    second.start();
    await("[ $(pgrep -fc 'quietus.jar appl[y]') -ge 2 ]");
    host.sh("touch /run/may-stop").ok();
    join(first);
    join(second);
    waited[0].ok();
    assertEquals("inactive inactive", active("slow.service", "quick.service"));
    release("slow").ok();
    release("quick").ok();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aMemberWhoseFileIsGoneDoesNotKeepTheOthersDown() {
    service("gone.service");
    service("needs-gone.service", "Wants=gone.service\nPartOf=gone.service", "");
    start("gone.service needs-gone.service");
    quiesce("gone").ok();
    host.sh("rm /etc/systemd/system/gone.service; systemctl daemon-reload").ok();
    assertFalse(quiesce("gone").failed());
    Host.Answer released = release("gone").ok();
    assertSays(warnings(released), "gone.service", "not on this host any more");
    assertEquals("active", active("needs-gone.service"));
    assertFalse(
        host.sh(
                    "test -e /etc/systemd/system.control/gone.service -o -L"
                        + " /etc/systemd/system.control/gone.service")
                .status()
            == 0);
  }

  @Test
  void aMemberThatIsUpgradedMeanwhileComesBackAsItIsNow() {
    service("grown.service");
    start("grown.service");
    quiesce("grown").ok();
    service("grown.service", "", "ExecStart=/bin/sleep 12345");
    service("grown-more.service", "BindsTo=grown.service", "");
    unit("grown.timer", "[Timer]\nOnActiveSec=0.1\nOnUnitInactiveSec=0.1\n");
    host.sh(
        "systemctl daemon-reload; systemctl restart grown.service grown-more.service; systemctl"
            + " start grown.timer");
    assertEquals(1, starts("grown.service"));
    assertFalse(quiesce("grown").failed());
    release("grown").ok();
    assertSays(host.show("grown.service", "ExecStart"), "12345");
    assertEquals("active", active("grown.service"));
    host.sh("systemctl stop grown.timer");
  }

  @Test
  void aNewActivatorOfAHeldFamilyIsTakenIn() {
    service("later.service");
    start("later.service");
    quiesce("later").ok();
    unit("later.socket", "[Socket]\nListenStream=/run/later.sock\n");
    host.sh("systemctl daemon-reload; systemctl start later.socket");
    Host.Answer again = quiesce("later", "'reason':'taken in'").ok();
    assertNotNull(again.member("later.socket"), again.units().toString());
    assertEquals("inactive inactive", active("later.service", "later.socket"));
    release("later").ok();
    assertEquals("active inactive", active("later.service", "later.socket"));
  }

  @Test
  void withoutAHoldRunningStartsWhatIsEnabledActivatorsFirstAndNoTimersRun() {
    service("plain.service", "", "");
    unit(
        "plain.socket",
        "[Socket]\nListenStream=/run/plain.sock\n[Install]\nWantedBy=sockets.target\n");
    service("job.service", "", "Type=oneshot\nExecStart=/bin/true");
    unit("job.timer", "[Timer]\nOnCalendar=2099-01-01\n[Install]\nWantedBy=timers.target\n");
    service("off.service");
    host.sh("systemctl daemon-reload; systemctl enable plain.service plain.socket job.timer").ok();
    Host.Answer predicted = release("plain", "'check':true").ok();
    assertTrue(predicted.changed());
    Host.Answer started = release("plain").ok();
    assertTrue(started.changed());
    assertEquals("active active", active("plain.service", "plain.socket"));
    assertTrue(
        Long.parseLong(host.show("plain.socket", "ActiveEnterTimestampMonotonic"))
            < Long.parseLong(host.show("plain.service", "ExecMainStartTimestampMonotonic")));
    assertFalse(release("plain").ok().changed());
    release("job").ok();
    assertEquals("active inactive", active("job.timer", "job.service"));
    assertEquals(0, starts("job.service"));
    assertFalse(release("off").ok().changed());
    assertEquals("inactive", active("off.service"));
    host.sh("systemctl disable --now plain.service plain.socket job.timer").ok();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gates", "hold", "stop"})
  void aRebootInTheMiddleStartsNothingOrEverything(String step) {
    service("middle.service", "", "Restart=always");
    unit(
        "middle.timer",
        "[Timer]\nOnBootSec=0\nOnUnitInactiveSec=0.1\n[Install]\nWantedBy=timers.target\n");
    host.sh("systemctl daemon-reload; systemctl enable --now middle.service middle.timer").ok();
    assertEquals(
        137,
        host.agent("apply", Host.request("middle", "quiesced"), "-Dquietus.kill-after=" + step)
            .status());
    int counted = starts("middle.service");
    host.reboot();
    attack("middle.service");
    assertEquals(step.equals("gates") ? counted + 1 : counted, starts("middle.service"));
    release("middle").ok();
    assertEquals(counted + 1, starts("middle.service"));
    assertEquals("active active", active("middle.service", "middle.timer"));
    host.sh("systemctl disable --now middle.service middle.timer").ok();
  }

  @Test
  void aRecordThatNobodyCanReadConcernsItsOwnFamilyAlone() {
    overlap();
    service("alone.service");
    start("alone.service");
    String before = states("alone.service");
    quiesce("one").ok();
    String record = "/etc/quietus/holds/one.service";
    host.sh("cp -p " + record + " /root/kept && echo nonsense >" + record).ok();
    Host.Answer other = quiesce("alone").ok();
    assertSays(warnings(other), record, "cannot be read");
    assertFalse(release("alone").ok().failed());
    assertEquals(before, states("alone.service"));
    for (Host.Answer refused :
        new Host.Answer[] {quiesce("one"), release("one"), release("shared"), quiesce("shared")}) {
      assertTrue(refused.failed() && !refused.changed(), refused.msg());
      assertSays(refused.msg(), record, "cannot be read", "stays down");
    }
    Host.Result listed = quietus("holds");
    assertEquals(1, listed.status());
    assertSays(listed.err(), record);
    attack("one.service", "shared.service");
    assertEquals("inactive active inactive inactive", active(OVERLAPPING));
    host.sh("mv /root/kept " + record).ok();
    release("one").ok();
    assertEquals("active active active active", active(OVERLAPPING));
  }

  @Test
  void aReleaseIsNotRefusedForTheStartLimit() {
    service("limited.service", "StartLimitIntervalSec=1h\nStartLimitBurst=1", "");
    host.sh("systemctl daemon-reload; systemctl enable limited.service").ok();
    start("limited.service");
    host.sh("systemctl stop limited.service; systemctl start limited.service");
    assertEquals(
        "failed start-limit-hit",
        host.sh("systemctl show --value -p ActiveState -p Result limited.service | sort | xargs")
            .ok());
    host.sh("systemctl reset-failed limited.service; systemctl start limited.service").ok();
    quiesce("limited").ok();
    release("limited").ok();
    assertEquals("active", active("limited.service"));
    assertEquals(3, starts("limited.service"));
  }
}
