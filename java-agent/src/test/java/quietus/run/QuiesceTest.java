// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.model.Adversary;
import quietus.protocol.Report;

/** What a quiesce does and says, in cases made by hand. */
class QuiesceTest extends StageCase {
  private static final String GATE =
      "etc/systemd/system.control/a.service.d/zz-quietus-a.service.conf";

  private Hold hold(String subject) {
    for (var found : stage.holds()) {
      if (found.hold().subject().equals(subject)) {
        return found.hold();
      }
    }
    throw new AssertionError("no hold on " + subject);
  }

  @Test
  void aFamilyIsStoppedMaskedAndRemembered() {
    withSocket()
        .unit("a.timer", "[Timer]\nOnCalendar=daily\nPersistent=yes\n")
        .unit("b.service", "[Unit]\nRequires=a.service\nAfter=a.service\n" + Stage.SIMPLE)
        .boot("a.socket", "a.service", "b.service");
    Report report = stage.quiesce("a.service").checked();
    assertTrue(report.changed());
    assertEquals("a.service is quiesced: 4 units stay down until released.", report.msg());
    assertEquals(
        Map.of(
            "a.service", "subject active > masked inactive, restored",
            "a.socket", "activator active > masked inactive, restored",
            "a.timer", "activator inactive > masked inactive",
            "b.service", "dependent active > masked inactive, restored"),
        Stage.members(report));
    assertEquals(Phase.HELD, report.holds().get(0).phase());
    assertEquals(0, report.evidence().refused());
    assertEquals(List.of(), report.evidence().processes());
    Report again = stage.quiesce("a.service").checked();
    assertFalse(again.changed());
    assertEquals("a.service is already quiesced: 4 units stay down until released.", again.msg());
    assertEquals(List.of("lock", "look"), Stage.steps(again), "it is decided before a search");
  }

  @Test
  void oneUnitUntilRebootIsSaidInTheSingular() {
    one();
    Report report = stage.quiesce("a.service").until(Until.REBOOT).checked();
    assertEquals(
        "a.service is quiesced: 1 unit stays down until released or the next boot.", report.msg());
    assertTrue(stage.exists("run/quietus/holds/a.service"));
    assertFalse(stage.exists("etc/quietus/holds/a.service"));
    stage
        .quiesce("a.service")
        .until(Until.RELEASED)
        .fails(
            "a.service is held until the next boot, and a hold keeps its lifetime",
            "until released");
    stage.release("a.service").ok();
    stage.quiesce("a.service").ok();
    stage.quiesce("a.service").until(Until.REBOOT).fails("held until released", "until reboot");
  }

  @Test
  void aHoldWithoutALeaseGetsOneAndLosesIt() {
    one();
    stage.quiesce("a.service").ok();
    assertEquals(null, hold("a.service").lease());
    assertFalse(stage.quiesce("a.service").lease(Duration.ZERO).checked().changed());
    assertTrue(stage.quiesce("a.service").lease(Duration.ofHours(1)).checked().changed());
    Duration lease = Duration.between(hold("a.service").since(), hold("a.service").lease().end());
    assertEquals(60, lease.toMinutes());
    assertFalse(stage.quiesce("a.service").checked().changed(), "a present hold keeps its lease");
    assertEquals("active/waiting", stage.is("quietus-lease.timer"));
    assertTrue(stage.quiesce("a.service").lease(Duration.ZERO).checked().changed());
    assertEquals(null, hold("a.service").lease());
    assertEquals("inactive/dead", stage.is("quietus-lease.timer"));
  }

  @Test
  void aLeaseIsRenewedWhenATenthOfItIsOver() {
    one();
    stage.quiesce("a.service").lease(Duration.ofMinutes(60)).ok();
    var first = hold("a.service").lease();
    stage.pass(5 * 60);
    assertFalse(stage.quiesce("a.service").lease(Duration.ofMinutes(60)).checked().changed());
    assertEquals(first, hold("a.service").lease());
    stage.pass(2 * 60);
    assertTrue(stage.quiesce("a.service").lease(Duration.ofMinutes(60)).checked().changed());
    assertTrue(hold("a.service").lease().end().isAfter(first.end()));
    assertTrue(
        stage.quiesce("a.service").lease(Duration.ofMinutes(30)).checked().changed(), "shorter");
    assertTrue(
        stage.quiesce("a.service").lease(Duration.ofMinutes(90)).checked().changed(), "longer");
  }

  @Test
  void aNewHoldWithALeaseOfZeroHasNone() {
    one();
    stage.quiesce("a.service").lease(Duration.ZERO).checked();
    assertEquals(null, hold("a.service").lease());
  }

  @Test
  void aLeaseThatSomebodyTookAwayIsWrittenAgain() {
    one();
    stage.quiesce("a.service").lease(Duration.ofHours(1)).ok();
    stage.delete("etc/systemd/system/quietus-lease.timer");
    assertTrue(stage.quiesce("a.service").checked().changed());
    assertTrue(stage.exists("etc/systemd/system/quietus-lease.timer"));
  }

  @Test
  void anotherReasonIsAChangeAndNoneKeepsIt() {
    one();
    stage.quiesce("a.service").reason("first").ok();
    assertFalse(stage.quiesce("a.service").reason(null).checked().changed());
    assertEquals("first", hold("a.service").reason());
    assertTrue(stage.quiesce("a.service").reason("second").checked().changed());
    assertEquals("second", hold("a.service").reason());
  }

  @Test
  void aNewHoldWithoutAReasonHasAnEmptyOne() {
    one();
    stage.quiesce("a.service").reason(null).ok();
    assertEquals("", hold("a.service").reason());
  }

  @Test
  void aGateThatSomebodyTookAwayIsPutBackAndThatIsSaid() {
    one();
    stage.quiesce("a.service").ok();
    assertTrue(stage.exists(GATE), "the gate is where this test deletes it");
    stage.delete(GATE);
    Report report = stage.quiesce("a.service").checked();
    assertTrue(report.changed());
    assertEquals(
        List.of("the gate of a.service was missing while a.service was held; it was written again"),
        report.warnings());
    assertTrue(stage.exists(GATE));
  }

  @Test
  void aMaskThatSomebodyTookAwayIsPutBackAndThatIsSaid() {
    one();
    stage.quiesce("a.service").ok();
    stage.delete("etc/systemd/system.control/a.service");
    Report report = stage.quiesce("a.service").checked();
    assertTrue(report.changed());
    assertEquals(
        List.of(
            "the mask of a.service was missing while a.service was held (somebody removed it, or"
                + " an earlier run ended before it was written); it was written again"),
        report.warnings());
    assertTrue(stage.exists("etc/systemd/system.control/a.service"));
  }

  @Test
  void aMemberThatWasStartedPastItsGateIsStoppedAgainAndThatIsSaid() {
    stage
        .simple("a.service")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .boot("a.service", "b.service");
    stage.quiesce("a.service").ok();
    for (String unit : List.of("a.service", "b.service")) {
      stage.delete("etc/systemd/system.control/" + unit);
      stage.delete("etc/systemd/system.control/" + unit + ".d/zz-quietus-a.service.conf");
    }
    stage.systemd.outside().reload();
    stage.systemd.outside().start("b.service");
    stage.pass(1);
    assertEquals("active/running", stage.is("a.service"));
    Report report = stage.quiesce("a.service").checked();
    assertTrue(report.changed());
    assertTrue(
        report.warnings().stream()
            .anyMatch(
                text ->
                    text.startsWith(
                        "a.service and b.service were up though a.service was held (somebody")),
        report.warnings().toString());
    assertEquals("inactive/dead", stage.is("a.service"));
  }

  @Test
  void whatTheHostStandsOnIsRefusedUnlessItIsAllowed() {
    stage.simple("ssh.service").boot("ssh.service");
    Report report =
        stage
            .quiesce("ssh.service")
            .fails(
                "to quiesce ssh.service would stop ssh.service",
                "remote access, the message bus or the boot depends on it; nothing was touched");
    assertFalse(report.changed());
    assertEquals("active/running", stage.is("ssh.service"));
    stage.quiesce("ssh.service").allowProtected().ok();
    assertEquals("inactive/dead", stage.is("ssh.service"));
  }

  @Test
  void activeDependentsAreRefusedWhereThatIsAsked() {
    stage
        .simple("a.service")
        .unit("b.service", "[Unit]\nRequires=a.service\n" + Stage.SIMPLE)
        .unit("c.service", "[Unit]\nBindsTo=a.service\nAfter=a.service\n" + Stage.SIMPLE)
        .boot("a.service", "b.service");
    stage
        .quiesce("a.service")
        .refuseDependents()
        .fails("b.service is up and would be stopped along with a.service", "Stop it first");
    stage.systemd.outside().start("c.service");
    stage.pass(1);
    stage
        .quiesce("a.service")
        .refuseDependents()
        .fails("b.service and c.service are up", "Stop them first");
    stage.systemd.outside().stop("b.service");
    stage.systemd.outside().stop("c.service");
    stage.pass(1);
    stage.quiesce("a.service").refuseDependents().ok();
  }

  @Test
  void severalNamesAndTheirAliasesAreSeveralHoldsInOneRun() {
    stage
        .simple("a.service", "b.service")
        .link("etc/systemd/system/other.service", "a.service")
        .boot("a.service", "b.service");
    Report report = stage.quiesce("a.service", "b.service", "other.service").checked();
    assertEquals(
        "a.service and b.service are quiesced: 2 units stay down until released.", report.msg());
    assertEquals(2, stage.holds().size());
    Report again = stage.quiesce("other.service", "b.service").checked();
    assertFalse(again.changed());
    assertEquals(
        "a.service and b.service are already quiesced: 2 units stay down until released.",
        again.msg());
  }

  @Test
  void aGlobHoldsWhatItMatchesAndTakesInWhatComesLater() {
    stage.simple("q1.service", "q2.service").boot("q1.service");
    Report report = stage.quiesce("q*.service").checked();
    assertEquals(2, report.holds().size(), report.msg());
    assertFalse(stage.quiesce("q*.service").checked().changed());
    stage.simple("q3.service");
    assertEquals(3, stage.quiesce("q*.service").checked().holds().size());
    stage.quiesce("x*.service").fails("no unit on this host matches");
  }

  @Test
  void aNewActivatorOfAHeldFamilyIsTakenIn() {
    one();
    stage.quiesce("a.service").ok();
    stage.unit("a.timer", "[Timer]\nOnCalendar=daily\n");
    // the names alone tell the hold, so a glob makes the agent look
    Report report = stage.quiesce("a*.service").checked();
    assertTrue(report.changed());
    assertEquals(2, hold("a.service").members().size());
  }

  @Test
  void whatCannotComeBackIsSaidForEachKind() {
    stage
        .unit("a.service", "[Unit]\nWants=helper.service\n" + Stage.SIMPLE)
        .simple("helper.service")
        .unit("a.socket", "[Socket]\nListenStream=0\n")
        .unit("a.timer", "[Timer]\nOnCalendar=daily\nPersistent=yes\n")
        .unit("late.timer", "[Timer]\nOnActiveSec=1h\nUnit=a.service\n")
        .boot("a.socket", "a.timer", "late.timer", "a.service");
    stage.systemd.outside().stop("helper.service");
    stage.pass(1);
    List<String> said = Stage.inexact(stage.quiesce("a.service").checked());
    assertTrue(
        said.contains(
            "helper.service: it is down now, and a release starts it along with a.service, which"
                + " wants it"),
        said.toString());
    assertTrue(said.stream().anyMatch(one -> one.startsWith("a.timer: it is a persistent timer")));
    assertTrue(said.stream().anyMatch(one -> one.startsWith("late.timer: it counts from the")));
    assertFalse(said.stream().anyMatch(one -> one.startsWith("a.service:")), said.toString());
  }

  @Test
  void nothingIsSaidOfAMemberThatIsDown() {
    stage
        .unit("a.service", "[Unit]\nRequires=helper.service\n" + Stage.SIMPLE)
        .simple("helper.service")
        .unit("a.timer", "[Timer]\nOnActiveSec=1h\n")
        .boot();
    assertEquals(List.of(), Stage.inexact(stage.quiesce("a.service").checked()));
  }

  @Test
  void aOneshotInTheMiddleOfItsRunIsNotStartedAgain() {
    stage.unit("job.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n").boot();
    stage.systemd.start(List.of("job.service"));
    stage.pass(1);
    Report report = stage.quiesce("job.service").ok();
    assertEquals(
        List.of(
            "job.service: it is in the middle of a run, which ends; a release does not start it"
                + " again"),
        Stage.inexact(report));
    assertFalse(report.members().get(0).restore());
    assertEquals(
        "job.service is released: nothing had to be started.",
        stage.release("job.service").checked().msg());
  }

  @Test
  void aOneshotThatStaysUpIsRestored() {
    stage
        .unit("job.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n")
        .boot("job.service");
    Report report = stage.quiesce("job.service").checked();
    assertEquals(
        Map.of("job.service", "subject active > masked inactive, restored"), Stage.members(report));
    stage.release("job.service").checked();
    assertEquals("active/exited", stage.is("job.service"));
  }

  @Test
  void aTransientUnitIsHeldByItsGateAloneAndNotRestored() {
    stage.boot();
    stage.systemd.outside().startTransient("run-1.service", Stage.SIMPLE);
    stage.pass(1);
    Report report = stage.quiesce("run-1.service").checked();
    assertTrue(
        Stage.inexact(report).get(0).startsWith("run-1.service: it is transient and vanishes"),
        report.inexact().toString());
    assertFalse(report.members().get(0).restore());
    assertFalse(stage.exists("etc/systemd/system.control/run-1.service"));
    assertFalse(hold("run-1.service").member("run-1.service").masked());
    assertFalse(stage.quiesce("run-1.service").checked().changed());
  }

  @Test
  void connectionsOfAnAcceptingSocketEndAndAreNotRestored() {
    stage
        .unit("echo.socket", "[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n")
        .simple("echo@.service")
        .boot("echo.socket");
    stage.systemd.outside().connect("echo.socket");
    stage.pass(0.1);
    Report report = stage.quiesce("echo.socket").checked();
    assertTrue(
        Stage.inexact(report).stream()
            .anyMatch(one -> one.contains("it serves an accepted connection, which ends")),
        report.inexact().toString());
    assertEquals(1, report.members().stream().filter(Report.Member::restore).count());
    assertEquals(Map.of(), stage.systemd.loaded("echo@*.service"));
  }

  @Test
  void aConnectionThatComesBeforeTheInstantOfClosingIsHeldToo() {
    stage
        .unit("echo.socket", "[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n")
        .simple("echo@.service")
        .boot("echo.socket");
    Report report =
        stage
            .quiesce("echo.socket")
            .run(
                step -> {
                  if (step.equals("reload")) {
                    stage.systemd.outside().connect("echo.socket");
                    stage.pass(0.1);
                  }
                });
    assertFalse(report.failed(), report.msg());
    List<Report.Member> spawned =
        report.members().stream().filter(one -> one.unit().matches("echo@.+[.]service")).toList();
    assertEquals(1, spawned.size(), report.members().toString());
    assertEquals("it is an instance of echo@.service", spawned.get(0).reason());
    assertFalse(spawned.get(0).restore());
    assertEquals(Map.of(), stage.systemd.loaded("echo@*.service"));
  }

  @Test
  void aTemplateMeansItsInstances() {
    stage.simple("w@.service").boot("w@1.service", "w@2.service");
    Report report = stage.quiesce("w@.service").checked();
    assertEquals(
        Map.of(
            "w@.service", "subject inactive > template inactive",
            "w@1.service", "instance active > masked inactive, restored",
            "w@2.service", "instance active > masked inactive, restored"),
        Stage.members(report));
    assertFalse(stage.systemd.outside().start("w@3.service"));
    assertFalse(stage.quiesce("w@.service").checked().changed());
    assertEquals(
        "w@.service is released: 2 units are back.", stage.release("w@.service").checked().msg());
    assertEquals("active/running", stage.is("w@2.service"));
    assertEquals("inactive/dead", stage.is("w@3.service"));
  }

  @Test
  void aUnitThatIsAboutToRestartIsRestored() {
    stage
        .unit("a.service", "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=100\n")
        .boot("a.service");
    stage.pass(1);
    assertEquals("activating/auto-restart", stage.is("a.service"));
    Report report = stage.quiesce("a.service").checked();
    assertTrue(report.members().get(0).restore());
    Report released = stage.release("a.service").run();
    assertFalse(released.failed(), released.msg());
    assertEquals(1, released.warnings().size(), released.warnings().toString());
    assertTrue(
        released
            .warnings()
            .get(0)
            .startsWith(
                "a.service was not up when the hold began but restarting, and is again; see:"
                    + " journalctl -b -u a.service"),
        released.warnings().toString());
  }

  @Test
  void aUnitThatDoesNotStopInTimeIsNamedWithItsProcesses() {
    stage.unit("a.service", Stage.STUBBORN).simple("b.service").boot("a.service", "b.service");
    Report report =
        stage
            .quiesce("a.service", "b.service")
            .timeout(1)
            .fails(
                "a.service did not stop within 1 s, these processes are left: a.service: ",
                "The hold stays",
                "quietus release 'a.service'");
    assertTrue(report.changed());
    assertEquals(2, report.holds().size());
    assertEquals("a.service", report.evidence().processes().get(0).unit());
    assertFalse(stage.exists("etc/systemd/system.control/a.service"), "it is not masked yet");
    stage.pass(700);
    assertTrue(stage.quiesce("a.service", "b.service").checked().changed());
  }

  @Test
  void processesThatOutliveTheStopAreNamed() {
    stage
        .unit(
            "a.service",
            "[Service]\nKillMode=process\nExecStart=/bin/sh -c 'sleep infinity & wait'\n")
        .boot("a.service");
    Report report =
        stage
            .quiesce("a.service")
            .fails(
                "systemd stopped a.service, but processes of the family are left", "a.service: ");
    assertEquals(1, report.evidence().processes().size());
    assertTrue(report.changed());
  }

  @Test
  void aDrainStopsActivatorsFirstAndLetsARunEnd() {
    stage
        .unit("job.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 5\n")
        .unit("job.socket", "[Socket]\nListenStream=/run/job.sock\n")
        .boot("job.socket");
    stage.systemd.start(List.of("job.service"));
    stage.pass(1);
    long mark = stage.systemd.history().mark();
    Report report = stage.quiesce("job.service").drain(60).run();
    assertFalse(report.failed(), report.msg());
    assertEquals(List.of(), report.warnings());
    assertTrue(Stage.steps(report).contains("drain"));
    assertTrue(
        stage.systemd.history().first(mark, "job.socket", quietus.model.History.Kind.DOWN)
            < stage.systemd.history().first(mark, "job.service", quietus.model.History.Kind.DOWN));
    assertEquals("inactive", report.members().get(0).after().active(), "it ended by itself");
  }

  @Test
  void workThatOutlastsTheDrainIsStoppedAndThatIsSaid() {
    stage.unit("job.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n").boot();
    stage.systemd.start(List.of("job.service"));
    stage.pass(1);
    Report report = stage.quiesce("job.service").drain(3).run();
    assertEquals(
        List.of("work was still in flight after 3 s and was stopped: job.service"),
        report.warnings());
    assertTrue(stage.systemd.peek("job.service").isDown());
  }

  @Test
  void withoutADrainThereIsNoSuchStep() {
    one();
    List<String> steps = Stage.steps(stage.quiesce("a.service").ok());
    assertFalse(steps.contains("drain"), steps.toString());
    assertFalse(steps.contains("settle"), steps.toString());
  }

  @Test
  void aDrainWaitsForAnAcceptedConnection() {
    stage
        .unit("echo.socket", "[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n")
        .unit("echo@.service", "[Service]\nExecStart=/bin/sleep 5\n")
        .boot("echo.socket");
    stage.systemd.outside().connect("echo.socket");
    stage.pass(0.1);
    long began = stage.systemd.now();
    Report report = stage.quiesce("echo.socket").drain(60).run();
    assertEquals(List.of(), report.warnings());
    assertTrue(stage.systemd.now() - began > 4_000_000, "it had its time");
    stage.release("echo.socket").ok();
    stage.systemd.outside().connect("echo.socket");
    stage.pass(0.1);
    Report late = stage.quiesce("echo.socket").drain(2).run();
    assertEquals(1, late.warnings().size(), late.warnings().toString());
  }

  @Test
  void aFamilyThatStaysDownSettles() {
    one();
    Report report = stage.quiesce("a.service").settle(5).run();
    assertFalse(report.failed(), report.msg());
    assertTrue(Stage.steps(report).contains("settle"));
  }

  @Test
  void aListenerOnTheFamilysAddressFailsASettlingRun() {
    stage
        .simple("a.service")
        .unit("a.socket", "[Socket]\nListenStream=127.0.0.1:8080\n")
        .boot("a.socket");
    // 127.0.0.1:8080 in the kernel's form, in state LISTEN
    stage.write(
        "proc/net/tcp",
        "  sl  local_address rem_address   st\n   0: 0100007F:1F90 00000000:0000 0A\n");
    stage
        .quiesce("a.service")
        .settle(5)
        .fails("another process still listens where the family did: ", "127.0.0.1:8080");
  }

  @Test
  void aMemberThatMovesWhileItIsWatchedFailsTheRun() {
    one();
    Report report =
        stage
            .quiesce("a.service")
            .settle(5)
            .run(
                step -> {
                  if (step.equals("verify")) {
                    stage.delete("etc/systemd/system.control/a.service");
                    stage.delete(GATE);
                    stage.systemd.outside().reload();
                    stage.systemd.adversary(
                        (outside, moment) -> {
                          if (moment.equals("while waiting")) {
                            outside.start("a.service");
                          }
                        });
                  }
                });
    stage.systemd.adversary(Adversary.NONE);
    assertTrue(report.failed(), report.msg());
    assertTrue(
        report.msg().startsWith("a state changed while the family was watched: "), report.msg());
    assertTrue(report.members().get(0).after().isUp());
  }

  @Test
  void aFamilyThatIsBeingReleasedIsClosedAgain() {
    one();
    stage.quiesce("a.service").ok();
    stage.release("a.service").dieAfter("start");
    assertEquals(Phase.RELEASING, stage.holds().get(0).phase());
    Report report = stage.quiesce("a.service").checked();
    assertTrue(report.changed());
    assertEquals(Phase.HELD, stage.holds().get(0).phase());
    assertEquals("inactive/dead", stage.is("a.service"));
    assertTrue(hold("a.service").member("a.service").restore(), "the first snapshot counts");
  }

  @Test
  void aDeathAfterAnyStepLeavesWhatTheNextRunFinishes() {
    for (String step : List.of("gates", "reload", "hold", "stop", "mask", "verify", "journal")) {
      Path own = root.resolve(step);
      Stage other =
          new Stage(own)
              .simple("a.service")
              .unit("a.socket", "[Socket]\nListenStream=/run/a.sock\n")
              .boot("a.socket", "a.service");
      other.quiesce("a.service").dieAfter(step);
      other.quiesce("a.service").ok();
      assertEquals("inactive/dead", other.is("a.service"), step);
      assertTrue(other.exists("etc/systemd/system.control/a.socket"), step);
      assertEquals(
          "a.service is released: 2 units are back.", other.release("a.service").ok().msg(), step);
      assertEquals("active/running", other.is("a.service"), step);
      assertFalse(other.exists("etc/systemd/system.control/a.service.d"), step);
    }
  }

  /** A unit outside upholds it: systemd tries to start it until it has read the mask. */
  @Test
  void aDeathBeforeTheReloadForTheMasksOfAnUpheldUnitIsMadeUpForByTheNextRun() {
    stage
        .simple("a.service")
        .unit("keeps.target", "[Unit]\nUpholds=a.service\n")
        .boot("a.service", "keeps.target");
    makesUpForTheReload();
    stage.pass(20); // the attempts come in rounds of 10 s, and the mask ends the next one
    long mark = stage.systemd.history().mark();
    stage.pass(30);
    assertEquals(
        List.of(),
        stage.systemd.history().since(mark).stream()
            .filter(entry -> entry.unit().equals("a.service"))
            .toList(),
        "systemd tries no more");
    stage.release("a.service").ok();
    assertEquals("active/running", stage.is("a.service"));
  }

  /** systemd keeps descriptors for it, and closes them when it has read the mask. */
  @Test
  void aDeathBeforeTheReloadForTheMaskThatClosesDescriptorsIsMadeUpForByTheNextRun() {
    stage
        .unit(
            "a.service",
            Stage.SIMPLE + "FileDescriptorStoreMax=2\nFileDescriptorStorePreserve=yes\n")
        .wanted("a.service", "multi-user.target")
        .boot(257);
    stage.quiesce("a.service").dieBeforeReload(2);
    assertEquals("inactive/dead-resources-pinned", stage.is("a.service"));
    stage.release("a.service").ok();
    assertEquals("active/running", stage.is("a.service"));
    makesUpForTheReload();
    assertEquals("inactive/dead", stage.is("a.service"));
    stage.release("a.service").ok();
    assertEquals("active/running", stage.is("a.service"));
  }

  /** Dies before the reload for the mask of a.service, and quiesces again. */
  private void makesUpForTheReload() {
    stage.quiesce("a.service").dieBeforeReload(2);
    assertTrue(stage.exists("etc/systemd/system.control/a.service"));
    assertEquals("loaded", stage.systemd.peek("a.service").load());
    long mark = stage.systemd.history().mark();
    int[] reloads = {0};
    stage.systemd.adversary(
        (outside, moment) -> reloads[0] += moment.equals("before reload") ? 1 : 0);
    Report again = stage.quiesce("a.service").checked();
    assertEquals(1, reloads[0]);
    assertTrue(again.changed());
    assertEquals("a.service is quiesced: 1 unit stays down until released.", again.msg());
    assertEquals(List.of(), again.warnings());
    assertEquals("masked", stage.systemd.peek("a.service").load());
    assertFalse(stage.quiesce("a.service").checked().changed());
    assertEquals(1, reloads[0], "a third run does nothing");
    stage.systemd.adversary(Adversary.NONE);
    assertEquals(0, stage.starts(mark, "a.service"));
  }

  @Test
  void aRecordThatCannotBeReadConcernsItsOwnFamilyAlone() {
    stage.simple("a.service", "b.service").boot("a.service", "b.service");
    stage.quiesce("a.service").ok();
    stage.write("etc/quietus/holds/a.service", "{");
    stage.quiesce("a.service").fails("cannot be read");
    stage.release("a.service").fails("cannot be read");
    Report other = stage.quiesce("b.service").checked();
    assertFalse(other.failed(), other.msg());
    assertEquals(1, other.warnings().size(), other.warnings().toString());
    assertTrue(other.warnings().get(0).contains("cannot be read"), other.warnings().toString());
  }

  @Test
  void aMemberThatAnotherHoldHasKeepsTheOlderSnapshot() {
    stage
        .simple("a.service", "b.service")
        .unit("c.service", "[Unit]\nRequires=a.service b.service\n" + Stage.SIMPLE)
        .boot("c.service");
    stage.quiesce("a.service").ok();
    assertTrue(hold("a.service").member("c.service").restore());
    stage.quiesce("b.service").ok();
    assertTrue(hold("b.service").member("c.service").restore());
    Report first = stage.release("a.service").checked();
    assertEquals(
        List.of("c.service is held by another family too, and comes back when that is released"),
        first.warnings());
    assertEquals("inactive/dead", stage.is("c.service"));
    stage.release("b.service").checked();
    assertEquals("active/running", stage.is("c.service"));
  }

  @Test
  void waitingEditsAreNamed() {
    one();
    stage.pass(2);
    stage.write("etc/systemd/system/a.service.d/edit.conf", "[Unit]\nDescription=edited\n");
    Report report = stage.quiesce("a.service").run();
    assertEquals(
        List.of("the reload took in edits that were waiting for one: a.service"),
        report.warnings());
  }

  @Test
  void theReportTellsWhichHoldsThisRunBegan() {
    stage
        .unit("a.service", Stage.SIMPLE)
        .unit("b.service", Stage.SIMPLE)
        .boot("a.service", "b.service");
    assertEquals(List.of("a.service true"), begun(stage.quiesce("a.service").check()));
    assertEquals(List.of("a.service true"), begun(stage.quiesce("a.service").run()));
    assertEquals(
        List.of("a.service false", "b.service true"),
        begun(stage.quiesce("a.service", "b.service").run()));
    assertEquals(
        List.of("a.service false"),
        begun(stage.quiesce("a.service").lease(Duration.ofHours(1)).run()));
  }

  private static List<String> begun(Report report) {
    return report.holds().stream()
        .map(line -> line.hold().subject() + " " + line.begun())
        .sorted()
        .toList();
  }
}
