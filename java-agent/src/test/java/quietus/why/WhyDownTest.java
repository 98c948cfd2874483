// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Crafted journals of ends, with older ends and other people's commands in them. */
class WhyDownTest {
  private static final long END = 1_795_532_317_000_000L;
  private static final long MS = 1000;

  private final Map<String, Object> unit = new HashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private boolean complete = true;
  private Held held = Held.NOT;

  WhyDownTest() {
    unit.put("ActiveState", "inactive");
    unit.put("InactiveExitTimestamp", END - 60_000 * MS);
    unit.put("InactiveEnterTimestamp", END);
    unit.put("Result", "success");
  }

  private void forgotten() {
    unit.remove("InactiveExitTimestamp");
    unit.remove("InactiveEnterTimestamp");
  }

  private Ending ending() {
    return WhyDown.of(
        new Facts("w.service", unit),
        new Reading(entries, complete),
        List.of(new Facts("w.socket", Map.of("ActiveState", "active"))),
        held,
        END + 60_000 * MS);
  }

  private void is(String text, Certainty certainty) {
    Ending ending = ending();
    assertTrue(ending.text().contains(text), ending.toString());
    assertEquals(certainty, ending.certainty(), ending.toString());
  }

  private void systemd(String about, long ms, String type, long job, String message) {
    entries.add(
        new Entry(END + ms * MS, "systemd", "systemd", 1, 0, "", about, type, job, 0, message));
  }

  private void sudo(long ms, String command) {
    entries.add(
        new Entry(
            END + ms * MS,
            "sudo",
            "sudo",
            7,
            0,
            "",
            "",
            "",
            0,
            0,
            " deploy : PWD=/ ; USER=root ; COMMAND=/bin/" + command));
  }

  private void started(long ms, long job) {
    systemd("w.service", ms, "start", job, "Started w.service.");
  }

  private void stopped(long ms, long job) {
    systemd("w.service", ms - 3, "stop", job, "Stopping w.service...");
    systemd("w.service", ms - 1, "", 0, "w.service: Deactivated successfully.");
    systemd("w.service", ms, "stop", job, "Stopped w.service.");
  }

  private void refused(long ms, long job) {
    systemd(
        "w.service",
        ms,
        "start",
        job,
        "w.service was skipped because of an unmet condition check (ConditionPathExists=/x).");
  }

  @Test
  void sudoIsKnown() {
    sudo(-40, "systemctl stop w");
    stopped(0, 9);
    is("was stopped on request of deploy by sudo", Certainty.KNOWN);
    complete = false;
    is("was stopped on request of deploy by sudo", Certainty.INFERRED);
  }

  @Test
  void twoWhoAskedAreNotDecidedBetween() {
    sudo(-40, "systemctl stop w");
    entries.add(
        new Entry(
            END - 30 * MS,
            "cron",
            "CRON",
            8,
            0,
            "",
            "",
            "",
            0,
            0,
            "(root) CMD (systemctl stop w)"));
    stopped(0, 9);
    is("one of several who asked", Certainty.INFERRED);
    assertEquals("", ending().who());
  }

  @Test
  void aRequestFromBeforeTheStartIsNotTheStopsCause() {
    unit.put("InactiveExitTimestamp", END - 2000 * MS);
    sudo(-2100, "systemctl restart w");
    started(-2000, 8);
    stopped(0, 9);
    is("who asked for it is not recorded", Certainty.INFERRED);
  }

  @Test
  void theStopOfWhatItRequiresTakesItAlong() {
    unit.put("Requires", List.of("base.service"));
    systemd("base.service", -10, "stop", 8, "Stopping base.service...");
    stopped(0, 9);
    is("along with base.service", Certainty.INFERRED);
    sudo(-40, "systemctl stop w");
    is("several causes", Certainty.UNKNOWN);
  }

  @Test
  void anOlderStopOfWhatItRequiresDidNot() {
    unit.put("Requires", List.of("base.service"));
    unit.put("InactiveExitTimestamp", END - 2000 * MS);
    systemd("base.service", -3000, "stop", 7, "Stopped base.service.");
    sudo(-40, "systemctl stop w");
    stopped(0, 9);
    is("was stopped on request of deploy by sudo", Certainty.KNOWN);
  }

  @Test
  void aLaterStopOfWhatItRequiresDidNot() {
    unit.put("Requires", List.of("base.service"));
    stopped(0, 9);
    systemd("base.service", 1, "stop", 10, "Stopped base.service.");
    is("who asked for it is not recorded", Certainty.INFERRED);
  }

  @Test
  void aFailureIsKnownByItsMessage() {
    unit.put("Result", "signal");
    systemd("w.service", 0, "", 0, "w.service: Failed with result 'signal'.");
    is("ended without a stop job and failed (signal)", Certainty.KNOWN);
  }

  @Test
  void withoutAMessageAnEndIsUnknown() {
    is("neither systemd nor the journal says how", Certainty.UNKNOWN); // Result is always there
    systemd("w.service", -5, "", 0, "w.service: Consumed 2s CPU time.");
    is("neither systemd nor the journal says how", Certainty.UNKNOWN);
  }

  @Test
  void whereAStopMayBeMissingItDidNotEndByItself() {
    unit.put("Result", "signal");
    systemd("w.service", 0, "", 0, "w.service: Failed with result 'signal'.");
    unit.put("LogLevelMax", 4L); // systemd's own words about its stop are dropped
    is("whether a job stopped it is not recorded", Certainty.UNKNOWN);
    unit.put("LogLevelMax", -1L);
    is("ended without a stop job", Certainty.KNOWN);
    complete = false;
    is("whether a job stopped it is not recorded", Certainty.UNKNOWN);
  }

  @Test
  void aStopByItsHoldIsKnown() {
    held = new Held(END - 500 * MS, true, true);
    stopped(0, 9);
    is("was stopped by its hold", Certainty.KNOWN);
    assertEquals(List.of(), ending().next(), "a held unit is started by nothing");
  }

  @Test
  void aStopInTheSecondBeforeTheHoldIsNotItsOwn() {
    held = new Held(END - 500 * MS, false, true); // the hold found it down
    sudo(-40, "systemctl stop w");
    stopped(0, 9);
    is("deploy by sudo", Certainty.KNOWN);
    held = new Held(END + 500 * MS, true, true);
    is("deploy by sudo", Certainty.KNOWN);
  }

  @Test
  void aStartThatPassedTheHoldEndsTheHoldsPart() {
    held = new Held(END - 30_000 * MS, true, true);
    unit.put("InactiveExitTimestamp", END - 20_000 * MS);
    stopped(0, 9);
    is("who asked for it is not recorded", Certainty.INFERRED);
  }

  @Test
  void aForgottenUnitsNewestEndCounts() {
    forgotten();
    sudo(-90_010, "systemctl stop w");
    stopped(-90_000, 7);
    started(-60_000, 8);
    stopped(0, 9);
    is("who asked for it is not recorded", Certainty.INFERRED);
    assertEquals(END, ending().at());
    held = new Held(END - 500 * MS, true, true);
    is("was stopped by its hold", Certainty.KNOWN);
  }

  @Test
  void whatRefusedAForgottenUnitIsNotItsEnd() {
    forgotten();
    started(-60_000, 8);
    stopped(0, 9);
    for (int i = 1; i < 30; i++) {
      refused(i * 100L, 9 + i);
    }
    assertEquals(END, ending().at());
    is("who asked for it is not recorded", Certainty.INFERRED);
  }

  @Test
  void aForgottenUnitThatWasStartedAfterItsLastEndIsUnknown() {
    forgotten();
    stopped(-90_000, 7);
    started(-60_000, 8);
    is("was started, and how it ended is not recorded", Certainty.UNKNOWN);
    assertEquals(0, ending().at(), "never the old one");
  }

  @Test
  void twoEndsOfAForgottenUnitWithoutAStartBetweenAreNotTakenForOne() {
    forgotten();
    started(-60_000, 7);
    systemd("w.service", -9000, "", 0, "w.service: Failed with result 'signal'.");
    is("ended without a stop job", Certainty.KNOWN);
    systemd("w.service", 0, "", 0, "w.service: Failed with result 'signal'."); // LogLevelMax=
    is("its last start is not recorded", Certainty.UNKNOWN);
    assertEquals(END, ending().at());
    started(100, 8);
    stopped(200, 9);
    is("who asked for it is not recorded", Certainty.INFERRED);
  }

  @Test
  void aForgottenOneshotEndsBeforeItIsFinished() {
    forgotten();
    systemd("w.service", -5, "start", 8, "Starting w.service...");
    systemd("w.service", 0, "", 0, "w.service: Deactivated successfully.");
    systemd("w.service", 1, "start", 8, "Finished w.service.");
    is("ended without a stop job", Certainty.KNOWN);
    assertEquals(END, ending().at());
  }

  @Test
  void withoutAnyRecordItWasNotUpOnlyWhereTheJournalIsWhole() {
    forgotten();
    is("has not been up since the boot, as far as is recorded", Certainty.INFERRED);
    refused(0, 5);
    is("has not been up since the boot, as far as is recorded", Certainty.INFERRED);
    complete = false;
    is("went down or was never up", Certainty.UNKNOWN);
  }

  @Test
  void whoMayNotReadTheHoldsIsToldNothingOfWhatComesNext() {
    stopped(0, 9);
    assertEquals(List.of("a connection to w.socket"), ending().next());
    held = Held.NOT_READABLE;
    assertEquals(List.of(), ending().next());
  }
}
