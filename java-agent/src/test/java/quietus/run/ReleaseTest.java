// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.Report;

/** What a release, and a start of what is not held, does and says, in cases made by hand. */
class ReleaseTest extends StageCase {
  private void assertNothingIsLeft() {
    assertEquals(List.of(), stage.holds());
    for (String dir : List.of("etc", "run")) {
      assertFalse(stage.exists(dir + "/systemd/system.control/a.service"));
      assertFalse(stage.exists(dir + "/systemd/system.control/a.service.d"));
    }
  }

  @Test
  void aReleaseRestoresWhatWasUpAndLeavesTheRestDown() {
    withSocket().unit("a.timer", "[Timer]\nOnCalendar=daily\n").boot("a.socket", "a.service");
    stage.quiesce("a.service").ok();
    Report report = stage.release("a.service").checked();
    assertTrue(report.changed());
    assertEquals("a.service is released: 2 units are back.", report.msg());
    assertEquals(
        Map.of(
            "a.service", "subject inactive > loaded active, restored",
            "a.socket", "activator inactive > loaded active, restored",
            "a.timer", "activator inactive > loaded inactive"),
        Stage.members(report));
    assertEquals(List.of(), report.holds());
    assertEquals("active/running", stage.is("a.socket"));
    assertNothingIsLeft();
  }

  @Test
  void aSocketWhoseServiceWasDownListensAgain() {
    withSocket()
        .unit("a.path", "[Path]\nPathExists=/run/nothing\n")
        .unit("a.timer", "[Timer]\nOnCalendar=daily\n")
        .boot("a.socket", "a.path", "a.timer");
    stage.quiesce("a.service").ok();
    assertEquals(
        "a.service is released: 3 units are back.", stage.release("a.service").checked().msg());
    assertEquals("active/listening", stage.is("a.socket"));
    assertEquals("active/waiting", stage.is("a.path"));
    assertEquals("active/waiting", stage.is("a.timer"));
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void oneUnitIsSaidInTheSingularAndNoneInItsOwnWords() {
    one();
    stage.quiesce("a.service").ok();
    assertEquals(
        "a.service is released: 1 unit is back.", stage.release("a.service").checked().msg());
    stage.systemd.outside().stop("a.service");
    stage.pass(1);
    stage.quiesce("a.service").ok();
    Report report = stage.release("a.service").checked();
    assertEquals("a.service is released: nothing had to be started.", report.msg());
    assertTrue(report.changed());
    assertNothingIsLeft();
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void aReleaseByAGlobOrByAnActivatorEndsThoseHolds() {
    withSocket().simple("b.service").boot("a.socket", "a.service", "b.service");
    stage.quiesce("a.service", "b.service").ok();
    assertEquals("a.service is released: 2 units are back.", stage.release("a.socket").ok().msg());
    assertEquals(1, stage.holds().size());
    stage.quiesce("a.service").ok();
    assertEquals(
        "a.service and b.service are released: 3 units are back.",
        stage.release("?.service").checked().msg());
  }

  @Test
  void aNameTwiceIsOneRelease() {
    one();
    stage.quiesce("a.service").ok();
    assertEquals(
        "a.service is released: 1 unit is back.",
        stage.release("a.service", "a.service", "a*.service").checked().msg());
  }

  @Test
  void aMemberOfAnotherFamilysHoldIsNotRunByItself() {
    stage
        .simple("a.service")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .boot("b.service");
    stage.quiesce("a.service").ok();
    stage
        .release("b.service")
        .fails(
            "b.service has no hold of its own, but is held along with another family; release that"
                + " one: a.service");
    assertEquals("inactive/dead", stage.is("b.service"));
    Report both = stage.release("b.service", "a.service").checked();
    assertEquals("a.service is released: 2 units are back.", both.msg());
  }

  @Test
  void anAdministratorsMaskIsNamedAndTheHoldStays() {
    stage.write("usr/lib/systemd/system/a.service", Stage.SIMPLE).boot("a.service");
    stage.quiesce("a.service").ok();
    stage.link("etc/systemd/system/a.service", "/dev/null");
    stage
        .release("a.service")
        .fails(
            "a.service is masked by an administrator (",
            "The hold of a.service stays; ",
            "systemctl unmask a.service, then run again");
    assertEquals(Phase.HELD, stage.holds().get(0).phase());
    stage.delete("etc/systemd/system/a.service");
    assertEquals("a.service is released: 1 unit is back.", stage.release("a.service").ok().msg());
  }

  @Test
  void aSubjectThatWasMaskedBeforeIsRefusedByNameAndNotByAGlob() {
    stage.write("usr/lib/systemd/system/a.service", Stage.SIMPLE);
    stage.link("etc/systemd/system/a.service", "/dev/null").boot();
    stage.quiesce("a.service").ok();
    stage.release("a.service").fails("a.service is masked by an administrator");
    assertFalse(stage.release("a*.service").checked().failed());
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void whatIsNotOnTheHostAnyMoreIsNamed() {
    stage.simple("a.service", "b.service");
    stage.boot("a.service", "b.service");
    stage.quiesce("a.service", "b.service").ok();
    stage.delete("etc/systemd/system/a.service");
    Report report = stage.release("a.service", "b.service").checked();
    assertEquals("a.service and b.service are released: 1 unit is back.", report.msg());
    assertEquals(1, report.warnings().size());
    assertTrue(
        report
            .warnings()
            .get(0)
            .startsWith(
                "a.service was up when the hold began and is not on this host any more (its"
                    + " package was removed?), so it was not started"),
        report.warnings().toString());
  }

  @Test
  void aServiceThatKeepsItsSocketDownIsStoppedAndStartedWithIt() {
    withSocket().boot("a.socket", "a.service");
    stage.quiesce("a.service").ok();
    for (String path : List.of("a.service", "a.service.d/zz-quietus-a.service.conf")) {
      stage.delete("etc/systemd/system.control/" + path);
    }
    stage.systemd.outside().reload();
    stage.systemd.outside().start("a.service");
    stage.pass(1);
    assertEquals("active/running", stage.is("a.service"));
    Report report = stage.release("a.service").checked();
    assertEquals(
        List.of(
            "a.service was up though held, and no socket can start to listen while its service is"
                + " up: they are stopped and started again with their sockets"),
        report.warnings());
    assertEquals("active/running", stage.is("a.socket"));
    assertEquals("active/running", stage.is("a.service"));
  }

  @Test
  void whatFailsAtItsStartIsNamedAndTheRecordIsKept() {
    stage
        .unit("a.service", "[Service]\nType=exec\nExecStart=/bin/sleep infinity\n")
        .simple("b.service")
        .boot("a.service", "b.service");
    stage.quiesce("a.service", "b.service").ok();
    stage.unit("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/false\n");
    Report report =
        stage
            .release("a.service", "b.service")
            .fails(
                "a.service did not come up (failed/failed",
                "The gates are open, and the record of what was up is kept",
                "quietus release 'a.service'");
    assertTrue(report.changed());
    assertEquals(2, stage.holds().size());
    assertEquals(Phase.RELEASING, stage.holds().get(0).phase());
    assertEquals("active/running", stage.is("b.service"));
    stage.simple("a.service");
    stage.systemd.outside().reload();
    assertFalse(stage.release("a.service", "b.service").checked().failed());
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void whatIsStillOnItsWayAtTheTimeoutIsNamed() {
    stage
        .unit("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 3\n")
        .boot("a.service");
    stage.quiesce("a.service").ok();
    Report report =
        stage
            .release("a.service")
            .timeout(1)
            .fails(
                "a.service did not come up within 1 s and is still starting; see: systemctl"
                    + " status a.service.",
                "The gates are open");
    assertEquals(Phase.RELEASING, report.holds().get(0).phase());
    assertFalse(stage.release("a.service").ok().failed());
    assertEquals("active/exited", stage.is("a.service"));
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void onlyLeasesThatAreOverAreReleasedWhereThatIsAsked() {
    stage.simple("a.service", "b.service");
    stage.boot("a.service", "b.service");
    stage.quiesce("a.service").lease(Duration.ofHours(1)).ok();
    stage.quiesce("b.service").ok();
    Report early = stage.release("a.service", "b.service").expiredOnly().checked();
    assertEquals("No lease has ended.", early.msg());
    assertFalse(early.changed());
    stage.pass(3600);
    Report report = stage.release("a.service", "a.service", "b.service").expiredOnly().checked();
    assertTrue(report.changed());
    assertEquals("active/running", stage.is("a.service"));
    assertEquals("inactive/dead", stage.is("b.service"));
    assertFalse(stage.exists("etc/systemd/system/quietus-lease.timer"));
  }

  @Test
  void aReleaseTakesTheLeaseAway() {
    one();
    stage.quiesce("a.service").lease(Duration.ofHours(1)).ok();
    assertEquals("active/waiting", stage.is("quietus-lease.timer"));
    stage.release("a.service").ok();
    assertFalse(stage.systemd.peek("quietus-lease.timer").isFound());
    assertFalse(stage.exists("etc/systemd/system/quietus-lease.timer"));
  }

  @Test
  void holdsOfBothLifetimesAreReleasedInOneRun() {
    stage.simple("a.service", "b.service");
    stage.boot("a.service", "b.service");
    stage.quiesce("a.service").ok();
    stage.quiesce("b.service").until(Until.REBOOT).ok();
    assertEquals(
        "a.service and b.service are released: 2 units are back.",
        stage.release("a.service", "b.service").checked().msg());
    assertFalse(stage.exists("run/systemd/system.control/b.service"));
    assertNothingIsLeft();
  }

  @Test
  void aMaskThatAnotherHoldNeedsStays() {
    stage
        .simple("a.service")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .boot("b.service");
    stage.quiesce("b.service").ok();
    stage.quiesce("a.service").ok();
    Report report = stage.release("a.service").checked();
    assertFalse(stage.systemd.outside().start("b.service"));
    assertTrue(stage.exists("etc/systemd/system.control/b.service"));
    assertEquals("active/running", stage.is("a.service"));
    assertEquals(1, report.warnings().size());
  }

  @Test
  void aDeathAfterAnyStepOfAReleaseLosesNothing() {
    for (String step : List.of("unmask", "open", "start", "verify", "gates", "journal")) {
      Stage other =
          new Stage(root.resolve(step))
              .simple("a.service")
              .unit("a.socket", "[Socket]\nListenStream=/run/a.sock\n")
              .boot("a.socket", "a.service");
      other.quiesce("a.service").ok();
      other.release("a.service").dieAfter(step);
      other.release("a.service").ok();
      assertEquals("active/running", other.is("a.service"), step);
      assertEquals("active/running", other.is("a.socket"), step);
      assertEquals(List.of(), other.holds(), step);
      assertFalse(other.exists("etc/systemd/system.control/a.service.d"), step);
      assertFalse(other.exists("etc/systemd/system.control/a.service"), step);
    }
  }

  @Test
  void whatWasDisabledWhileItWasHeldIsStartedAndTheWarningSaysSo() {
    stage
        .unit("a.service", Stage.SIMPLE + "[Install]\nWantedBy=multi-user.target\n")
        .wanted("a.service", "multi-user.target")
        .boot("a.service");
    stage.quiesce("a.service").ok();
    stage.delete("etc/systemd/system/multi-user.target.wants/a.service");
    Report released = stage.release("a.service").checked();
    assertEquals(
        List.of(
            "a.service was disabled while it was held: it was up, so it is started, and a boot does"
                + " not start it any more"),
        released.warnings());
    assertEquals("active/running", stage.is("a.service"));
    assertFalse(stage.exists("etc/systemd/system/multi-user.target.wants/a.service"));
  }

  @Test
  void whatWasEnabledWhileItWasHeldIsToldAndWhatWasNotChangedIsNot() {
    stage
        .unit("a.service", Stage.SIMPLE + "[Install]\nWantedBy=multi-user.target\n")
        .unit("b.service", Stage.SIMPLE + "[Install]\nAlias=c.service\n")
        .link("etc/systemd/system/c.service", "b.service")
        .boot("a.service", "b.service");
    stage.quiesce("a.service", "b.service").ok();
    assertEquals(List.of(), stage.release("a.service", "b.service").checked().warnings());
    stage.quiesce("a.service", "b.service").ok();
    stage.wanted("a.service", "multi-user.target");
    assertEquals(
        List.of("a.service was enabled while it was held: a boot starts it from now on"),
        stage.release("a.service", "b.service").checked().warnings());
  }

  @Test
  void whatWasEnabledOrDisabledOfAnyMemberIsTold() {
    String socket = "[Socket]\nListenStream=/run/a.sock\n[Install]\nWantedBy=sockets.target\n";
    String timer = "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n";
    stage
        .unit("a.service", Stage.SIMPLE)
        .unit("a.socket", socket)
        .wanted("a.socket", "sockets.target")
        .unit("a.timer", timer)
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .boot("a.socket", "a.service", "b.service");
    stage.quiesce("a.service").ok();
    assertEquals(List.of(), stage.release("a.service").checked().warnings());
    stage.quiesce("a.service").ok();
    stage.delete("etc/systemd/system/sockets.target.wants/a.socket");
    stage.wanted("a.timer", "timers.target").wanted("b.service", "multi-user.target");
    List<String> told = new java.util.ArrayList<>(stage.release("a.service").checked().warnings());
    told.sort(null);
    assertEquals(
        List.of(
            "a.socket was disabled while it was held: it was up, so it is started, and a boot does"
                + " not start it any more",
            "a.timer was enabled while it was held: a boot starts it from now on",
            "b.service was enabled while it was held: a boot starts it from now on"),
        told);
  }

  @Test
  void aMaskThatAnAdministratorMadeMeanwhileOfWhatWasDownIsKeptAndTold() {
    stage
        .simple("a.service")
        .write("usr/lib/systemd/system/a.timer", "[Timer]\nOnCalendar=daily\n")
        .boot("a.service");
    stage.quiesce("a.service").ok();
    stage.link("etc/systemd/system/a.timer", "/dev/null");
    Report released = stage.release("a.service").checked();
    assertEquals(1, released.warnings().size(), released.warnings().toString());
    assertTrue(
        released.warnings().get(0).startsWith("a.timer was masked by an administrator while"),
        released.warnings().toString());
    assertTrue(stage.exists("etc/systemd/system/a.timer"));
  }

  @Test
  void aReleaseWaitsForAStopThatIsUnderWay() {
    stage
        .unit(
            "a.service",
            "[Service]\nExecStart=/bin/sh -c \"trap 'sleep 3; exit 0' TERM; sleep infinity\"\n")
        .boot("a.service");
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    Report released = stage.release("a.service").ok();
    assertEquals(List.of(), released.warnings());
    assertEquals("active/running", stage.is("a.service"));
  }

  @Test
  void aStopThatDoesNotEndInTimeIsCancelledAndTheUnitComesBackWhenItHasStopped() {
    stage
        .unit("a.service", Stage.STUBBORN.replace("600", "5"))
        .unit("a.timer", "[Timer]\nOnCalendar=daily\n")
        .boot("a.timer", "a.service");
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    Report released = stage.release("a.service").timeout(3).ok();
    assertEquals(1, released.warnings().size());
    assertTrue(
        released.warnings().get(0).startsWith("a.service was still being stopped after 3 s"),
        released.warnings().toString());
    assertEquals("active/running", stage.is("a.service"));
    assertEquals("active/waiting", stage.is("a.timer"));
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void aSocketWhoseServiceIsStillBeingStoppedKeepsTheHold() {
    stage
        .unit("a.service", Stage.STUBBORN.replace("600", "5"))
        .unit("a.socket", "[Socket]\nListenStream=127.0.0.1:7000\n")
        .boot("a.socket", "a.service");
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    stage
        .release("a.service")
        .timeout(1)
        .fails(
            "a.service is still being stopped after 1 s (deactivating/stop-sigterm)",
            "a.socket cannot listen",
            "nothing was released",
            "release 'a.service'");
    assertEquals(Phase.HELD, stage.holds().get(0).phase());
    assertEquals(List.of(), stage.release("a.service").ok().warnings());
    assertEquals("active/running", stage.is("a.service"));
    assertEquals("active/running", stage.is("a.socket"));
  }

  @Test
  void aStopThatGoesOnIsToldAndTheRecordIsKeptUntilTheUnitIsBack() {
    stage.unit("a.service", Stage.STUBBORN.replace("600", "20")).boot("a.service");
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    stage
        .release("a.service")
        .timeout(1)
        .fails(
            "a.service did not come up within 1 s",
            "still being stopped (deactivating/stop-sigterm)",
            "The gates are open",
            "release 'a.service'");
    assertEquals(Phase.RELEASING, stage.holds().get(0).phase());
    stage.release("a.service").ok();
    assertEquals("active/running", stage.is("a.service"));
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void aUnitWhoseStopIsStillQueuedStaysUp() {
    stage
        .simple("a.service")
        .unit("b.service", "[Unit]\nRequires=a.service\nAfter=a.service\n" + Stage.STUBBORN)
        .boot("a.service", "b.service");
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    long mark = stage.systemd.history().mark();
    stage.release("a.service").timeout(1).fails("b.service did not come up within 1 s");
    assertEquals("active/running", stage.is("a.service"));
    assertEquals(0, stage.starts(mark, "a.service"));
  }

  @Test
  void withoutAHoldWhatABootWouldStartIsStarted() {
    stage
        .unit("a.service", Stage.SIMPLE + "[Install]\nWantedBy=multi-user.target\n")
        .wanted("a.service", "multi-user.target")
        .boot();
    stage.systemd.outside().stop("a.service");
    stage.pass(1);
    Report report = stage.release("a.service").checked();
    assertTrue(report.changed());
    assertEquals("a.service is running: started a.service.", report.msg());
    assertEquals("active/running", stage.is("a.service"));
    Report again = stage.release("a.service").checked();
    assertFalse(again.changed());
    assertEquals("a.service is not held, and everything that is enabled is up.", again.msg());
  }

  @Test
  void withoutAHoldWhatNoBootWouldStartStaysDown() {
    stage
        .unit("off.service", Stage.SIMPLE + "[Install]\nWantedBy=multi-user.target\n")
        .simple("static.service")
        .unit("job.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n")
        .wanted("job.service", "multi-user.target")
        .unit("puller.service", "[Unit]\nWants=static.service\n" + Stage.SIMPLE)
        .boot();
    stage.pass(1);
    for (String unit : List.of("off.service", "static.service", "job.service")) {
      Report report = stage.release(unit).checked();
      assertFalse(report.changed(), report.msg());
    }
  }

  @Test
  void withoutAHoldDependentsAreNotStarted() {
    stage
        .simple("a.service")
        .wanted("a.service", "multi-user.target")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .wanted("b.service", "multi-user.target")
        .boot();
    stage.systemd.outside().stop("b.service");
    stage.systemd.outside().stop("a.service");
    stage.pass(1);
    assertEquals(
        "a.service is running: started a.service.", stage.release("a.service").checked().msg());
    assertEquals("inactive/dead", stage.is("b.service"));
  }

  @Test
  void anEnabledSocketWhoseServiceIsUpIsNamedAndNotTried() {
    withSocket().wanted("a.socket", "sockets.target").boot();
    stage.systemd.outside().stop("a.socket");
    stage.systemd.outside().start("a.service");
    stage.pass(1);
    Report report = stage.release("a.service").checked();
    assertFalse(report.changed(), report.msg());
    assertEquals(
        List.of(
            "a.socket is enabled and does not listen, and cannot start to while a.service is up;"
                + " to have both: systemctl stop a.service; systemctl start a.socket a.service"),
        report.warnings());
  }

  @Test
  void withoutAHoldWhatFailsAtItsStartIsNamed() {
    stage
        .unit("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/false\n")
        .wanted("a.service", "multi-user.target")
        .boot();
    stage.pass(1);
    Report report = stage.release("a.service").fails("a.service did not come up (failed/failed");
    assertTrue(report.changed());
    assertFalse(report.msg().contains("The gates are open"), report.msg());
  }

  @Test
  void gatesAndMasksWithoutARecordAreTakenAway() {
    stage.simple("a.service").wanted("a.service", "multi-user.target").boot();
    stage.quiesce("a.service").ok();
    stage.delete("etc/quietus/holds/a.service");
    Report report = stage.release("a.service").checked();
    assertTrue(report.changed());
    assertEquals("a.service is running: started a.service.", report.msg());
    assertEquals("active/running", stage.is("a.service"));
    assertNothingIsLeft();
  }

  @Test
  void strayGatesOfAUnitThatNoBootStartsAreTakenAwayToo() {
    one();
    stage.quiesce("a.service").ok();
    stage.delete("etc/quietus/holds/a.service");
    Report report = stage.release("a.service").checked();
    assertTrue(report.changed(), report.msg());
    assertNothingIsLeft();
    assertEquals("loaded", report.members().get(0).after().load());
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void aStrayMaskThatAnotherHoldNeedsStays() {
    stage
        .simple("a.service")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .boot("b.service");
    stage.quiesce("a.service").ok();
    stage.quiesce("b.service").ok();
    stage.delete("etc/quietus/holds/a.service");
    assertFalse(stage.release("a.service").checked().failed());
    assertTrue(stage.exists("etc/systemd/system.control/b.service"));
    assertFalse(stage.exists("etc/systemd/system.control/a.service"));
  }

  @Test
  void aMaskedUnitWithoutAHoldIsNamed() {
    stage.write("usr/lib/systemd/system/a.service", Stage.SIMPLE);
    stage.link("etc/systemd/system/a.service", "/dev/null").boot();
    stage
        .release("a.service")
        .fails("a.service is masked by an administrator", "systemctl unmask a.service");
  }

  @Test
  void aHeldAndAnUnheldNameAreReportedTogether() {
    stage
        .simple("a.service", "b.service")
        .wanted("b.service", "multi-user.target")
        .boot("a.service");
    stage.systemd.outside().stop("b.service");
    stage.pass(1);
    stage.quiesce("a.service").ok();
    Report report = stage.release("a.service", "b.service").checked();
    assertEquals(
        "a.service is released: 1 unit is back. b.service is running: started b.service.",
        report.msg());
    assertEquals(2, report.members().size());
  }

  @Test
  void whatIsNotHeldIsLeftAsItIsWhereOnlyHeldUnitsAreReleased() {
    stage
        .unit("a.service", Stage.SIMPLE)
        .unit("b.service", Stage.SIMPLE)
        .wanted("b.service", "multi-user.target")
        .boot("a.service");
    stage.systemd.outside().stop("b.service");
    stage.pass(1);
    stage.quiesce("a.service").ok();
    Report released = stage.release("a.service", "b.service").heldOnly().checked();
    assertTrue(released.changed());
    assertEquals("a.service is released: 1 unit is back.", released.msg());
    assertEquals("inactive/dead", stage.is("b.service"));
    Report again = stage.release("a.service", "b.service").heldOnly().checked();
    assertFalse(again.changed());
    assertEquals("a.service and b.service are not held, and nothing was started.", again.msg());
    assertEquals("inactive/dead", stage.is("b.service"));
    assertEquals(List.of(), again.members());
  }

  @Test
  void aUnitThatDoesNotExistIsAClearError() {
    stage.boot();
    stage.release("nothing.service").fails("there is no unit nothing.service on this host");
    stage.quiesce("nothing.service").fails("there is no unit nothing.service on this host");
  }

  @Test
  void anOpenThatFailsLeavesTheHold() {
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
    assertTrue(report.failed());
    assertTrue(
        report.msg().startsWith("the gates of a.service could not be opened: "), report.msg());
  }
}
