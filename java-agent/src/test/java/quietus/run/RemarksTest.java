// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.protocol.Report;

/** What a run says of units in unusual states, and what it refuses. */
class RemarksTest extends StageCase {
  @Test
  void aServiceThatSystemdIsAboutToRestartIsRestored() {
    stage
        .unit(
            "a.service",
            "[Service]\n"
                + "ExecStart=/bin/sleep infinity\n"
                + "ExecStopPost=/bin/sleep 5\n"
                + "Restart=always\n")
        .boot("a.service");
    stage.systemd.outside().kill("a.service");
    stage.pass(1);
    assertEquals("deactivating/stop-post", stage.is("a.service"));
    assertTrue(stage.quiesce("a.service").ok().members().get(0).restore());
    stage.release("a.service").ok();
    assertEquals("active/running", stage.is("a.service"));
  }

  @Test
  void aServiceThatSomebodyStopsIsNotRestored() {
    stage
        .unit(
            "a.service",
            "[Service]\n"
                + "ExecStart=/bin/sleep infinity\n"
                + "ExecStopPost=/bin/sleep 5\n"
                + "Restart=on-failure\n")
        .boot("a.service");
    stage.systemd.outside().stop("a.service");
    stage.pass(1);
    assertEquals("deactivating/stop-post", stage.is("a.service"));
    assertEquals(false, stage.quiesce("a.service").ok().members().get(0).restore());
  }

  @Test
  void aUnitThatRunsThoughItIsMaskedIsNamed() {
    stage.write("usr/lib/systemd/system/a.service", Stage.SIMPLE).boot("a.service");
    stage.systemd.outside().link("etc/systemd/system/a.service", "/dev/null");
    stage.systemd.outside().reload();
    Report report = stage.quiesce("a.service").checked();
    assertEquals(
        List.of(
            "a.service: it runs though it is masked; a release cannot start it before it is"
                + " unmasked"),
        Stage.inexact(report));
  }

  @Test
  void descriptorsThatSystemdKeepsAndAPortOfTheKernelAreNamed() {
    stage
        .unit("a.service", Stage.SIMPLE + "FileDescriptorStoreMax=3\n")
        .unit("a.socket", "[Socket]\nListenStream=127.0.0.1:0\n")
        .boot("a.socket", "a.service");
    assertEquals(
        List.of(
            "a.service: systemd keeps 3 file descriptors for it, which are closed",
            "a.socket: it listens on a port that the kernel chose, and may get another one after a"
                + " release"),
        Stage.inexact(stage.quiesce("a.service").checked()));
  }

  @Test
  void whatADamagedRecordHoldsIsRefusedByEachNameAndByAGlob() {
    one();
    stage.quiesce("a.service").ok();
    stage.write("etc/quietus/holds/a.service", "damaged");
    for (String name : List.of("a.service", "?.service")) {
      stage.quiesce(name).fails("a.service cannot be read");
      stage.release(name).fails("a.service cannot be read");
    }
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void ofTheLeasesThatHaveEndedOnlyTheNamedOneIsReleased() {
    stage.simple("a.service", "b.service").boot("a.service", "b.service");
    stage.quiesce("a.service", "b.service").lease(Duration.ofSeconds(100)).timeout(90).ok();
    stage.pass(200);
    stage.release("b.service").expiredOnly().ok();
    assertEquals(1, stage.holds().size());
    assertEquals("a.service", stage.holds().get(0).hold().subject());
  }

  @Test
  void aLeaseIsTooShortOnlyWhenItIsShorterThanTheTimeout() {
    one();
    Duration lease = Duration.ofSeconds(100);
    assertEquals(List.of(), stage.quiesce("a.service").lease(lease).timeout(100).ok().warnings());
    stage.release("a.service").ok();
    Report report = stage.quiesce("a.service").lease(lease).timeout(101).ok();
    assertTrue(
        report
            .warnings()
            .get(0)
            .startsWith("the lease of 100 s is shorter than the timeout of 101"),
        report.warnings().toString());
  }

  @Test
  void aProtectedUnitThatIsNamedIsNotSaidToMatchAGlob() {
    stage.boot();
    Report report = stage.quiesce("dbus.service", "d*.service").fails("dbus.service");
    assertTrue(report.msg().contains("If that is what you want"), report.msg());
    assertTrue(
        stage.quiesce("d*.service").fails("dbus.service").msg().contains("Give a narrower glob"));
  }

  @Test
  void aUnitThatWasStartedPastItsGateIsStoppedAgainAndNamed() {
    one();
    stage.quiesce("a.service").ok();
    stage.delete("etc/systemd/system.control/a.service");
    stage.delete("etc/systemd/system.control/a.service.d/zz-quietus-a.service.conf");
    stage.systemd.outside().reload();
    stage.systemd.outside().start("a.service");
    stage.pass(1);
    assertEquals("active/running", stage.is("a.service"));
    Report report = stage.quiesce("a.service").checked();
    assertTrue(
        report.warnings().stream().anyMatch(one -> one.startsWith("a.service was up though")),
        report.warnings().toString());
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void aStartThatWasQueuedBeforeTheHoldIsCancelled() {
    stage
        .unit("b.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n")
        .unit("a.service", "[Unit]\nAfter=b.service\n" + Stage.SIMPLE)
        .boot();
    stage.systemd.start(List.of("b.service"));
    stage.systemd.start(List.of("a.service"));
    assertTrue(stage.systemd.peek("a.service").job() != 0);
    Report report = stage.quiesce("a.service").ok();
    assertTrue(report.changed());
    assertEquals(0, stage.systemd.peek("a.service").job());
    assertEquals(false, stage.quiesce("a.service").checked().changed());
  }

  @Test
  void theStartsOfAReleaseThatIsUnderWayAreNotTakenForJobsOfAnotherRun() {
    stage
        .unit("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 9\n")
        .boot("a.service");
    stage.pass(10);
    stage.quiesce("a.service").ok();
    for (int i = 0; i < 2; i++) {
      stage.release("a.service").timeout(1).fails("a.service did not come up within 1 s");
    }
    Report report = stage.release("a.service").ok();
    assertEquals(List.of(), report.warnings());
    assertEquals(false, Stage.steps(report).contains("jobs"));
    assertEquals("active/exited", stage.is("a.service"));
  }
}
