// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.hold.Phase;
import quietus.protocol.Report;

/** What a step does and says when the host is not as the plan has it, or somebody interferes. */
class StepsTest extends StageCase {
  private static final String MASK = "etc/systemd/system.control/a.service";
  private static final String GATE = MASK + ".d/zz-quietus-a.service.conf";
  private static final String FAILS =
      "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/false\n";

  @Test
  void nothingIsStoppedWhenSystemdDoesNotReadTheGates() {
    one();
    Report report =
        stage
            .quiesce("a.service")
            .run(
                step -> {
                  if (step.equals("gates")) {
                    stage.delete(GATE);
                  }
                });
    assertTrue(report.failed());
    assertTrue(
        report
            .msg()
            .startsWith(
                "systemd did not read the gates of a.service though it was told to reload; nothing"
                    + " was stopped. See: journalctl -b _PID=1"),
        report.msg());
    assertEquals("active/running", stage.is("a.service"));
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void aHostWhereTheCommandCannotBeLeftIsHeldAllTheSame() {
    one().write("var/lib/quietus", "a file where a directory has to be");
    Report report = stage.quiesce("a.service").ok();
    assertEquals(1, report.warnings().size(), report.warnings().toString());
    assertTrue(
        report
            .warnings()
            .get(0)
            .startsWith(
                "the command that releases the hold could not be left on this host, so release it"
                    + " from elsewhere, or with java -jar "),
        report.warnings().toString());
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void aMaskThatGoesWhileTheFamilyIsWatchedFailsTheRun() {
    one();
    Report report =
        stage
            .quiesce("a.service")
            .settle(5)
            .run(
                step -> {
                  if (step.equals("verify")) {
                    stage.delete(MASK);
                    stage.systemd.outside().reload();
                  }
                });
    assertTrue(report.failed());
    assertTrue(
        report
            .msg()
            .startsWith(
                "a state changed while the family was watched: the mask of a.service is gone"),
        report.msg());
  }

  @Test
  void aFileInThePlaceOfAMaskFailsTheRunAndTheHoldStays() {
    one();
    stage
        .quiesce("a.service")
        .run(
            step -> {
              if (step.equals("stop")) {
                stage.write(MASK, Stage.SIMPLE);
              }
            });
    stage.quiesce("a.service").fails("a.service is there and is no mask");
    assertEquals("inactive/dead", stage.is("a.service"));
    assertEquals(1, stage.holds().size());
  }

  @Test
  void whatIsNotHeldIsNotStartedWhenTheReleaseFails() {
    stage
        .unit("a.service", "[Service]\nType=exec\nExecStart=/bin/sleep infinity\n")
        .simple("b.service")
        .wanted("b.service", "multi-user.target")
        .boot("a.service");
    stage.systemd.outside().stop("b.service");
    stage.pass(1);
    stage.quiesce("a.service").ok();
    stage.unit("a.service", FAILS);
    stage.release("a.service", "b.service").fails("a.service did not come up (failed/failed");
    assertEquals("inactive/dead", stage.is("b.service"));
    stage.simple("a.service");
    stage.systemd.outside().reload();
    Report report = stage.release("a.service", "b.service").ok();
    assertEquals(
        "a.service is released: 1 unit is back. b.service is running: started b.service.",
        report.msg());
  }

  @Test
  void aReleaseThatGoesOnStartsWhatIsDownAndLeavesTheRest() {
    withSocket().boot("a.socket", "a.service");
    stage.quiesce("a.service").ok();
    stage.release("a.service").dieAfter("open");
    stage.pass(1);
    stage.systemd.outside().stop("a.service");
    stage.pass(1);
    assertEquals("active/listening", stage.is("a.socket"));
    long mark = stage.systemd.history().mark();
    stage.release("a.service").ok();
    assertEquals("active/running", stage.is("a.service"));
    assertEquals(1, stage.starts(mark, "a.service"));
    assertEquals(0, stage.starts(mark, "a.socket"));
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void anOpenThatFailsSaysHowTheOneshotEnded() {
    one();
    stage.quiesce("a.service").ok();
    Report report =
        stage
            .release("a.service")
            .run(
                step -> {
                  if (step.equals("unmask")) {
                    stage.delete("etc/quietus/holds/a.service");
                  }
                });
    assertTrue(report.msg().contains(" ended with 'failed'. The hold stays; see: "), report.msg());
  }

  @Test
  void stopsOfSeveralUnitsThatDoNotEndInTimeAreCancelledTogether() {
    String stubborn = Stage.STUBBORN.replace("600", "5");
    stage
        .unit("a.service", stubborn)
        .unit("b.service", "[Unit]\nRequires=a.service\n" + stubborn)
        .boot("a.service", "b.service");
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    List<String> warnings = stage.release("a.service").timeout(3).ok().warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(
        warnings
            .get(0)
            .endsWith(
                "were still being stopped after 3 s: the stop jobs were cancelled, and what had"
                    + " begun to stop starts again when its stop has ended"),
        warnings.toString());
    assertEquals("active/running", stage.is("a.service"));
    assertEquals("active/running", stage.is("b.service"));
  }

  @Test
  void ofSeveralThatAreLateTheOneThatIsStillBeingStoppedIsNamed() {
    stage
        .unit("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 9\n")
        .unit("b.service", Stage.STUBBORN.replace("600", "50"))
        .boot("a.service", "b.service");
    stage.pass(10);
    stage.quiesce("a.service", "b.service").timeout(1).fails("b.service did not stop within 1 s");
    Report report =
        stage
            .release("a.service", "b.service")
            .timeout(1)
            .fails(
                "a.service and b.service did not come up within 1 s and are still starting:"
                    + " b.service is still being stopped (deactivating/stop-sigterm)",
                "see: systemctl status b.service.");
    assertTrue(report.changed());
    assertEquals(Phase.RELEASING, stage.holds().get(0).phase());
  }

  @Test
  void aServiceThatSystemdRestartedWhileItWasWatchedIsNamedWithItsRestarts() {
    stage
        .unit(
            "a.service",
            "[Service]\nRestart=always\nRestartSec=100ms\nExecStart=/bin/sleep infinity\n")
        .boot("a.service");
    stage.quiesce("a.service").ok();
    stage.unit(
        "a.service", "[Service]\nRestart=always\nRestartSec=100ms\nExecStart=/bin/sleep 2\n");
    stage
        .release("a.service")
        .settle(5)
        .fails("a.service came back and did not stay up (", "see: journalctl -b -u a.service");
  }

  @Test
  void aRenewedLeaseCountsFromItsRenewal() {
    one();
    Duration hour = Duration.ofHours(1);
    stage.quiesce("a.service").lease(hour).ok();
    long mark = stage.systemd.history().mark();
    stage.pass(3000);
    assertTrue(stage.quiesce("a.service").lease(hour).ok().changed());
    stage.pass(3000);
    assertEquals(0, stage.starts(mark, "quietus-lease.service"), "the first hour is over");
    stage.pass(1000);
    assertTrue(stage.starts(mark, "quietus-lease.service") > 0, "the second hour is over");
  }

  @Test
  void theTimerOfALeaseThatARunLeftIsStopped() {
    stage.simple("a.service", "b.service").boot("a.service", "b.service");
    stage.quiesce("a.service").lease(Duration.ofHours(1)).dieAfter("reload");
    assertEquals("active/waiting", stage.is("quietus-lease.timer"));
    stage.quiesce("b.service").ok();
    assertFalse(stage.systemd.peek("quietus-lease.timer").isFound());
    assertFalse(stage.systemd.peek("quietus-lease.timer").isUp());
    assertEquals("active/running", stage.is("a.service"));
  }

  @Test
  void anActivatorOfWhatIsDrainedIsStoppedOnlyWhenItIsUp() {
    withSocket().unit("a.timer", "[Timer]\nOnCalendar=daily\n").boot("a.service");
    Report report = stage.quiesce("a.service").drain(5).ok();
    assertEquals(List.of(), report.warnings());
    assertTrue(Stage.steps(report).contains("drain"));
    assertEquals("inactive/dead", stage.is("a.service"));
  }
}
