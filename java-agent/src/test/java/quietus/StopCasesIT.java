// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** A stop that takes its time, that leaves something behind, or that is disturbed. */
class StopCasesIT extends Cases {
  private static final String DEAF =
      "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 0.1; done'\nTimeoutStopSec=300";

  @Test
  void aUnitThatIgnoresItsStopFailsAtTheTimeoutAndIsNamedAndTheHoldStays() {
    service("deaf.service", "", DEAF);
    start("deaf.service");
    String pid = host.show("deaf.service", "MainPID");
    Host.Answer failed = quiesce("deaf", "'timeout':1");
    assertEquals(1, failed.status());
    assertTrue(failed.failed() && failed.changed());
    assertSays(
        failed.msg(), "deaf.service", "did not stop within 1 s", pid, "release 'deaf.service'");
    assertEquals(List.of("deaf.service"), failed.units());
    assertEquals(
        "deactivating", failed.member("deaf.service").get("after").get("active").textValue());
    assertEquals(pid, failed.report().get("evidence").get("processes").get(0).get("pid").asText());
    assertEquals("held", failed.report().get("holds").get(0).get("phase").textValue());
    host.sh("kill -KILL " + pid).ok();
    await("[ $(systemctl show --value -p ActiveState deaf.service) = failed ]");
    attack("deaf.service");
    assertEquals(1, starts("deaf.service"));
    quiesce("deaf").ok();
    release("deaf").ok();
    assertEquals("active", active("deaf.service"));
  }

  @Test
  void aReleaseWhileAStopIsStillUnderWayWaitsForIt() {
    service("deaf.service", "", DEAF.replace("300", "2"));
    start("deaf.service");
    assertTrue(quiesce("deaf", "'timeout':1").failed());
    release("deaf").ok();
    assertEquals("active", active("deaf.service"));
    assertEquals(2, starts("deaf.service"));
  }

  @Test
  void aStopThatDoesNotEndInTheReleasesTimeIsCancelledAndTheUnitComesBack() {
    service("deaf.service", "", DEAF.replace("300", "8"));
    unit("deaf.timer", "[Timer]\nOnCalendar=daily\n");
    start("deaf.timer deaf.service");
    assertTrue(quiesce("deaf", "'timeout':1").failed());
    Host.Answer released = release("deaf", "'timeout':4");
    // the timer's own stop may have waited for the service's
    assertSays(warnings(released), "deaf.service", "still being stopped after 4 s", "cancelled");
    if (released.failed()) { // where the rest of the stop took longer, on a slow machine
      assertSays(released.msg(), "still being stopped", "The gates are open", "release 'deaf");
      released = release("deaf");
    }
    released.ok();
    assertEquals("active active", active("deaf.service", "deaf.timer"));
    assertEquals(2, starts("deaf.service"));
    assertEquals("Nothing is held on this host.", quietus("holds").ok());
  }

  @Test
  void aSocketWhoseServiceIsStillBeingStoppedComesBackWithItAndTheRecordIsKept() {
    service("deaf.service", "", DEAF.replace("300", "60"));
    unit("deaf.socket", "[Socket]\nListenStream=127.0.0.1:7104\n");
    start("deaf.socket deaf.service");
    assertTrue(quiesce("deaf", "'timeout':1").failed());
    Host.Answer failed = release("deaf", "'timeout':1");
    assertTrue(failed.failed(), failed.msg());
    // The socket's stop waits for the service's, and then the socket stays up and the release goes
    // on; or it has run before that was queued, and then the hold stays.
    assertSays(
        failed.msg(),
        "deaf.service is still being stopped",
        "(deactivating/stop-sigterm)",
        "TimeoutStopSec=",
        "release 'deaf.service'");
    assertEquals(1, failed.report().get("holds").size());
    host.sh("systemctl kill --signal=KILL deaf.service").ok();
    release("deaf").ok();
    assertEquals("active active", active("deaf.service", "deaf.socket"));
    assertEquals(2, starts("deaf.service"));
    assertEquals("Nothing is held on this host.", quietus("holds").ok());
  }

  @Test
  void aStopThatContinuesAfterItsJobIsCancelledIsReportedAndTheNextReleaseSucceeds() {
    service("deaf.service", "", DEAF.replace("300", "20"));
    start("deaf.service");
    assertTrue(quiesce("deaf", "'timeout':1").failed());
    Host.Answer failed = release("deaf", "'timeout':1");
    assertTrue(failed.failed(), failed.msg());
    assertSays(
        failed.msg(),
        "deaf.service did not come up within 1 s",
        "still being stopped (deactivating/stop-sigterm)",
        "The gates are open",
        "release 'deaf.service'");
    assertEquals("releasing", failed.report().get("holds").get(0).get("phase").textValue());
    release("deaf").ok();
    assertEquals("active", active("deaf.service"));
    assertEquals(2, starts("deaf.service"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "none"})
  void processesThatKillModeLetsLiveAreNamedAndTheFamilyIsNotQuiesced(String mode) {
    service(
        "leaves.service",
        "",
        "Type=forking\nKillMode="
            + mode
            + "\nExecStart=/bin/sh -c 'sleep 54321 & sleep 54322 & exit 0'");
    start("leaves.service");
    Host.Answer failed = quiesce("leaves");
    assertTrue(failed.failed() && failed.changed());
    assertSays(failed.msg(), "leaves.service", "sleep 5432", "KillMode");
    assertTrue(failed.report().get("evidence").get("processes").size() > 0);
    assertTrue(quiesce("leaves").failed(), "it is not quiesced the second time either");
    host.sh(
            "pkill -f 'sleep 5432[12]'; while pgrep -f 'sleep 5432[12]' >/dev/null; do sleep 0.05;"
                + " done")
        .ok();
    quiesce("leaves").ok();
    release("leaves").ok();
    host.sh("pkill -f 'sleep 5432[12]'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Type=forking\nExecStart=/bin/false\nRestart=always\nRestartSec=300",
        "ExecStart=/bin/false\nRestart=always\nRestartSec=0.2",
        "ExecStart=/bin/true\nRestart=always\nRestartSec=300",
        "ExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=0"
      })
  void aUnitThatRestartsIsDownOnlyWhenItWillNotStartAgain(String how) {
    service("again.service", "StartLimitIntervalSec=0", how);
    host.sh("systemctl daemon-reload; systemctl start again.service");
    if (!how.contains("infinity")) {
      await("systemctl show -p SubState again.service | grep -q auto-restart");
    }
    Host.Answer held = quiesce("again").ok();
    assertSays(doors(held), "restart: Restart=always");
    int counted = starts("again.service");
    assertFalse(active("again.service").contains("activating"));
    attack("again.service");
    assertFalse(quiesce("again", "'settle':1").ok().changed());
    assertEquals(counted, starts("again.service"));
    Host.Answer released = release("again");
    assertTrue(
        how.contains("RestartSec=0.2") || starts("again.service") == counted + 1,
        "one start at the release");
    if (how.contains("forking")) {
      assertSays(warnings(released.ok()), "not up when the hold began but restarting");
    }
    // One that fails every 200 ms may have been caught while it ran; then a release that finds it
    // failing says so, and keeps the record until it is put right.
    host.sh(
            "mkdir -p /run/systemd/system/again.service.d; printf '[Service]\\n"
                + "Type=simple\\n"
                + "ExecStart=\\n"
                + "ExecStart=/bin/sleep infinity\\n"
                + "' >/run/systemd/system/again.service.d/right.conf; systemctl daemon-reload;"
                + " systemctl restart again.service")
        .ok();
    release("again").ok();
    assertEquals("active", active("again.service"));
    host.sh("rm -r /run/systemd/system/again.service.d").ok();
  }

  @Test
  void aServiceWhoseRestartWaitsInTheQueueIsDownOnlyWhenItWillNotStartAgain() {
    service(
        "blocker.service",
        "",
        "Type=oneshot\nExecStart=/bin/sh -c 'until [ -e /run/unblock ]; do sleep 0.05; done'");
    service(
        "queued.service",
        "After=blocker.service\nStartLimitIntervalSec=0",
        "ExecStart=/bin/sh -c '[ -e /run/unblock ] && exec sleep infinity; exit 1'\n"
            + "Restart=always\nRestartSec=0.1");
    host.sh(
        "rm -f /run/unblock; systemctl daemon-reload; systemctl start queued.service; systemctl"
            + " start --no-block blocker.service");
    await(
        "[ \"$(systemctl show --value -p Job queued.service)\" != '' ] || systemctl show -p"
            + " SubState queued.service | grep -q queued");
    quiesce("queued").ok();
    int counted = starts("queued.service");
    host.sh("touch /run/unblock").ok();
    await("[ $(systemctl is-active blocker.service) = inactive ]");
    assertEquals(counted, starts("queued.service"));
    assertEquals("masked", host.show("queued.service", "LoadState"));
    release("queued").ok();
  }

  @Test
  void aServiceThatDiedAndIsAboutToRestartIsRestored() {
    service(
        "dying.service",
        "",
        "Restart=always\nExecStopPost=/bin/sh -c 'until [ -e /run/may-die ]; do sleep 0.02; done'");
    host.sh("rm -f /run/may-die").ok();
    start("dying.service");
    host.sh("kill -KILL $(systemctl show --value -p MainPID dying.service)").ok();
    await("[ $(systemctl show --value -p SubState dying.service) = stop-post ]");
    host.sh(
        "(until [ -e /etc/quietus/holds/dying.service ]; do sleep 0.02; done; touch /run/may-die)"
            + " >/dev/null 2>&1 &");
    quiesce("dying").ok();
    assertFalse(active("dying.service").startsWith("activ"));
    release("dying").ok();
    assertEquals("active", active("dying.service"));
    assertEquals(2, starts("dying.service"));
  }

  @Test
  void aDrainLetsAOneshotFinish() {
    service(
        "batch.service",
        "",
        "Type=oneshot\nExecStart=/bin/sh -c 'sleep 1; echo finished >>/var/lib/cases/batch'");
    unit("batch.timer", "[Timer]\nOnActiveSec=0.01\nOnUnitInactiveSec=0.01\nAccuracySec=1ms\n");
    host.sh("systemctl daemon-reload; systemctl start batch.timer").ok();
    await("[ $(systemctl is-active batch.service) = activating ]");
    Host.Answer held = quiesce("batch", "'drain':20").ok();
    assertEquals(
        starts("batch.service") + "",
        host.sh("wc -l </var/lib/cases/batch").ok(),
        "every run that began has finished");
    assertFalse(warnings(held).contains("in flight"), warnings(held));
    release("batch").ok();
    assertEquals("active", active("batch.timer"));
  }

  @Test
  void workThatIsInFlightTooLongIsStoppedWithAWarning() {
    service("batch.service", "", "Type=oneshot\nExecStart=/bin/sleep 600");
    host.sh("systemctl daemon-reload; systemctl start --no-block batch.service").ok();
    await("[ $(systemctl is-active batch.service) = activating ]");
    Host.Answer held = quiesce("batch", "'drain':1").ok();
    assertSays(warnings(held), "in flight after 1 s", "batch.service");
    assertSays(held.report().get("inexact").toString(), "in the middle of a run");
    assertEquals("leave", held.member("batch.service").get("restore").textValue());
    release("batch").ok();
    assertFalse(
        active("batch.service").contains("activ") && active("batch.service").startsWith("activ"));
  }

  @Test
  void aDrainLetsAnAcceptedConnectionFinish() {
    unit(
        "line@.service",
        "[Service]\n"
            + "ExecStart=-/bin/sh -c 'read a; read b; echo got $a $b'\n"
            + "StandardInput=socket\n");
    unit("line.socket", "[Socket]\nListenStream=127.0.0.1:7101\nAccept=yes\n");
    start("line.socket");
    host.sh(
        "rm -f /run/line.out; (echo one; until systemctl show -p LoadState line.socket | grep -q"
            + " masked || [ -e /run/go ]; do sleep 0.05; done; echo two) | nc -N 127.0.0.1 7101"
            + " >/run/line.out 2>&1 &");
    await("systemctl list-units --plain --no-legend 'line@*' | grep -q running");
    host.sh(
        "rm -f /run/go; (while systemctl is-active -q line.socket; do sleep 0.05; done; touch"
            + " /run/go) >/dev/null 2>&1 &");
    Host.Answer held = quiesce("line.socket", "'drain':20").ok();
    assertFalse(warnings(held).contains("in flight"), warnings(held));
    await("grep -q 'got one two' /run/line.out");
    release("line.socket").ok();
    assertEquals("active", active("line.socket"));
    host.sh("rm -f /run/go");
  }

  @Test
  void aFamilyThatStaysDownSettles() {
    service("calm.service");
    unit("calm.socket", "[Socket]\nListenStream=127.0.0.1:7102\n");
    start("calm.socket calm.service");
    Host.Answer held = quiesce("calm", "'settle':1").ok();
    assertEquals(
        "{\"processes\":[],\"listeners\":[],\"refused\":0}",
        held.report().get("evidence").toString());
    release("calm").ok();
  }

  @Test
  void aMemberThatChangesItsStateWhileItIsWatchedFailsTheRun() {
    service("moves.service");
    start("moves.service");
    host.sh(
        "(until [ -L /etc/systemd/system.control/moves.service ]; do sleep 0.02; done; until ["
            + " $(systemctl show --value -p LoadState moves.service) = masked ]; do sleep 0.05;"
            + " done; rm -r /etc/systemd/system.control/moves.service*; systemctl daemon-reload;"
            + " systemctl start moves.service) >/dev/null 2>&1 &");
    Host.Answer failed = quiesce("moves", "'settle':30");
    assertTrue(failed.failed());
    assertSays(failed.msg(), "moves.service");
    quiesce("moves").ok();
    release("moves").ok();
  }

  @Test
  void aForeignListenerOnTheFamilysAddressFailsTheRunAndIsInTheEvidence() {
    service("port.service");
    unit("port.socket", "[Socket]\nListenStream=127.0.0.1:7103\n");
    start("port.socket");
    host.sh("(until nc -l 127.0.0.1 7103; do sleep 0.01; done) >/dev/null 2>&1 &");
    Host.Answer failed = quiesce("port", "'settle':2");
    host.sh("pkill -f 'nc -[l] 127.0.0.1 7103'");
    assertTrue(failed.failed(), failed.report().toPrettyString());
    assertSays(failed.msg(), "7103", "listens");
    assertSays(failed.report().get("evidence").get("listeners").toString(), "7103");
    release("port").ok();
    assertEquals("active", active("port.socket"));
  }

  @Test
  void refusedStartsAreCounted() {
    service("wanted.service");
    unit(
        "hasty.timer",
        "[Timer]\nOnActiveSec=0.01\nOnUnitInactiveSec=0.01\nAccuracySec=1ms\nUnit=hasty.service\n");
    service("hasty.service", "Wants=wanted.service", "Type=oneshot\nExecStart=/bin/true");
    start("wanted.service hasty.timer");
    quiesce("wanted", "'settle':1").ok();
    assertEquals("inactive", active("wanted.service"));
    host.sh("systemctl stop hasty.timer").ok();
    release("wanted").ok();
  }

  @ParameterizedTest
  @ValueSource(strings = {"restart", "start"})
  void aUnitThatSomebodyJustTriesToBringUpIsRestored(String verb) {
    // its stop ends when it is held
    service(
        "slow.service",
        "",
        "ExecStop=/bin/sh -c 'until [ -e /etc/quietus/holds/slow.service -o -e /run/may-stop ]; do"
            + " sleep 0.02; done'");
    host.sh("rm -f /run/may-stop").ok();
    start("slow.service");
    if (verb.equals("start")) {
      host.sh("systemctl stop --no-block slow.service").ok();
    }
    host.sh("systemctl " + verb + " --no-block slow.service").ok();
    await("[ $(systemctl show --value -p ActiveState slow.service) = deactivating ]");
    Host.Answer held = quiesce("slow").ok();
    assertEquals("start", held.member("slow.service").get("restore").textValue());
    attack("slow.service");
    assertEquals(1, starts("slow.service"));
    release("slow").ok();
    assertEquals("active", active("slow.service"));
    assertEquals(2, starts("slow.service"));
    host.sh("touch /run/may-stop").ok();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "always"})
  void aUnitThatDoesNotStayUpFailsAReleaseThatSettles(String restart) {
    service(
        "brief.service",
        "StartLimitIntervalSec=0",
        "Restart="
            + restart
            + "\nRestartSec=50ms\nExecStart=/bin/sh -c 'test -e /run/brief || exec sleep infinity;"
            + " printf \"disk \\033[31mfull\\n\"; sleep 0.4; exit 3'");
    host.sh("rm -f /run/brief").ok();
    start("brief.service");
    quiesce("brief").ok();
    host.sh("touch /run/brief").ok();
    Host.Answer failed = release("brief", "'settle':5");
    assertEquals(1, failed.status());
    assertSays(
        failed.msg(),
        "brief.service came back and did not stay up",
        "exit-code",
        "exit status 3",
        "disk ",
        "full",
        "quietus",
        "release 'brief.service'");
    assertFalse(failed.msg().contains("\033"), failed.msg());
    assertFalse(failed.msg().contains("Quietus holds"), failed.msg());
    assertEquals("releasing", failed.report().get("holds").get(0).get("phase").textValue());
    assertTrue(quietus("release --settle 2s brief").status() == 1, "it fails the second time too");
    host.sh("rm /run/brief; systemctl restart brief.service").ok();
    assertSays(quietus("release --settle 1s brief").ok(), "released");
    assertEquals("active", active("brief.service"));
    assertEquals("Nothing is held on this host.", quietus("holds").ok());
  }

  @Test
  void aServiceThatDiesAndIsBackBeforeAnybodyLooksDidNotStayUp() {
    service(
        "flash.service",
        "StartLimitIntervalSec=0",
        "Restart=always\nRestartSec=0\nExecStart=/bin/sh -c 'test -e /run/flash || exec sleep"
            + " infinity; rm /run/flash; sleep 0.5; exit 3'");
    host.sh("rm -f /run/flash").ok();
    start("flash.service");
    quiesce("flash").ok();
    host.sh("touch /run/flash").ok();
    Host.Answer failed = release("flash", "'settle':3");
    assertTrue(failed.failed(), failed.msg());
    assertSays(failed.msg(), "flash.service came back and did not stay up");
    release("flash", "'settle':1").ok();
    assertEquals("active", active("flash.service"));
  }

  @Test
  void aStartThatFailsSaysHowAndWhatTheUnitWroteLast() {
    service("breaks.service", "", "Type=exec\nExecStart=/bin/sleep infinity");
    start("breaks.service");
    quiesce("breaks").ok();
    service(
        "breaks.service",
        "",
        "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo no" + " database; exit 7'");
    Host.Answer failed = release("breaks");
    assertTrue(failed.failed(), failed.msg());
    assertSays(
        failed.msg(), "breaks.service did not come up (failed/failed", "status 7", "no database");
    service("breaks.service", "", "ExecStart=/bin/sleep infinity");
    host.sh("systemctl daemon-reload").ok();
    release("breaks").ok();
  }

  @Test
  void aServiceWhoseDescriptorsSystemdKeepsIsQuiesced() {
    stores();
    start("stores.service");
    assertEquals("1", host.show("stores.service", "NFileDescriptorStore"));
    Host.Answer held = quiesce("stores", "'timeout':12").ok();
    assertTrue(held.changed());
    assertSays(held.report().get("inexact").toString(), "stores.service", "1 file descriptor");
    assertFalse(quiesce("stores").ok().changed());
    attack("stores.service");
    assertEquals(1, starts("stores.service"));
    assertEquals("0", host.show("stores.service", "NFileDescriptorStore"), "they are closed");
    release("stores").ok();
    assertEquals("active", active("stores.service"));
    host.sh("systemctl stop stores.service; systemctl clean --what=fdstore stores.service");
  }

  @Test
  void aRunThatWasKilledBeforeTheReloadThatClosesDescriptorsIsMadeUpForByTheNext() {
    stores();
    host.sh("systemctl daemon-reload; systemctl enable --now stores.service").ok();
    dieBeforeTheMaskIsRead("stores");
    assertEquals("dead-resources-pinned", host.show("stores.service", "SubState"));
    Host.Answer check = quiesce("stores", "'check':true").ok();
    assertEquals("1", host.show("stores.service", "NFileDescriptorStore"));
    Host.Answer again = quiesce("stores").ok();
    assertTrue(again.changed());
    assertTrue(check.changed());
    assertTrue(check.msg().endsWith(again.msg()), check.msg());
    assertEquals("0", host.show("stores.service", "NFileDescriptorStore"), "they are closed");
    assertFalse(quiesce("stores").ok().changed());
    assertEquals(1, starts("stores.service"));
    release("stores").ok();
    assertEquals("active", active("stores.service"));
    host.sh("systemctl disable --now stores.service");
    host.sh("systemctl clean --what=fdstore stores.service");
  }

  /** A service for which systemd keeps a descriptor when it is down. */
  private void stores() {
    needs(254, "FileDescriptorStorePreserve=yes");
    host.write(
        "/run/stores.py",
        "import array, os, socket, time\n"
            + "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
            + "s.connect(os.environ['NOTIFY_SOCKET'])\n"
            + "fd = os.open('/dev/null', os.O_RDWR)\n"
            + "s.sendmsg([b'FDSTORE=1\\nFDNAME=x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,"
            + " array.array('i', [os.memfd_create('x')]))])\n"
            + "s.send(b'READY=1')\n"
            + "time.sleep(100000)\n",
        0644);
    service(
        "stores.service",
        "",
        "Type=notify\nFileDescriptorStoreMax=8\nFileDescriptorStorePreserve=yes\n"
            + "ExecStart=/usr/bin/python3 /run/stores.py");
  }

  @Test
  void aSocketNameThatForgesALineOfTheKernelsTableIsNotBelieved() {
    service("forged.service");
    unit("forged.socket", "[Socket]\nListenStream=/run/forged.sock\n");
    start("forged.socket forged.service");
    String forge =
        "import os, socket, time\n"
            + "line = '\\n0000000000000000: 00000002 00000000 00010000 0001 01 %s"
            + " /run/forged.sock'\n"
            + "os.setuid(65534)\n"
            + "keep = []\n"
            + "for inode in ('99999999', None):\n"
            + "  s = socket.socket(socket.AF_UNIX)\n"
            + "  s.bind('\\0x' + line % (inode or os.fstat(s.fileno()).st_ino))\n"
            + "  keep.append(s)\n"
            + "open('/tmp/forged', 'w').close()\n"
            + "time.sleep(100000)\n";
    host.write("/run/forge.py", forge, 0644);
    host.sh("rm -f /tmp/forged; systemd-run --unit=forger /usr/bin/python3 /run/forge.py").ok();
    await("[ -e /tmp/forged ]");
    try {
      await("[ $(grep -c /run/forged.sock /proc/net/unix) = 3 ]");
      Host.Answer held = quiesce("forged", "'settle':1").ok();
      assertEquals(
          2, Integer.parseInt(host.sh("grep -c /run/forged.sock /proc/net/unix").out().strip()));
      assertEquals("[]", held.report().get("evidence").get("listeners").toString());
      host.sh(
              "systemd-run --unit=impostor socat UNIX-LISTEN:/run/forged.sock,unlink-early,fork"
                  + " /dev/null")
          .ok();
      await("[ $(grep -c /run/forged.sock /proc/net/unix) = 3 ]");
      // only a run that has something to do watches: here it puts the mask back
      host.sh("rm /etc/systemd/system.control/forged.socket").ok();
      assertSays(
          quiesce("forged", "'settle':1").report().toString(), "another process still listens");
    } finally {
      host.sh("systemctl stop forger.service impostor.service; rm -f /tmp/forged");
    }
    release("forged").ok();
  }
}
