// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Crafted evidence, as systemd 252 and 257 leave it, also such that contradicts itself. */
class WhyUpTest {
  private static final long BEGIN = 1_795_532_317_000_000L;
  private static final long MS = 1000;

  private final Map<String, Object> unit = new HashMap<>();
  private final Map<String, Facts> others = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Long> connects = new HashMap<>();
  private boolean complete = true;

  WhyUpTest() {
    unit.put("ActiveState", "active");
    unit.put("InactiveEnterTimestamp", BEGIN - 900 * MS);
    unit.put("ConditionTimestamp", BEGIN);
    unit.put("InactiveExitTimestamp", BEGIN + 20 * MS);
    job("w.service", 21, "start", 500);
  }

  private Answer answer() {
    entries.sort((one, other) -> Long.compare(one.at(), other.at()));
    return WhyUp.of(
        new Evidence(
            new Facts("w.service", unit),
            others,
            entries,
            complete,
            new Evidence.Boot(257, BEGIN - 100_000_000, "graphical.target"),
            connects));
  }

  private void is(Kind kind, Certainty certainty) {
    Answer answer = answer();
    assertEquals(kind, answer.cause().kind(), answer.toString());
    assertEquals(certainty, answer.cause().certainty(), answer.toString());
  }

  private void other(String name, Object... pairs) {
    Map<String, Object> values = new HashMap<>();
    values.put("LoadState", "loaded");
    values.put("ActiveState", "active");
    for (int i = 0; i < pairs.length; i += 2) {
      values.put((String) pairs[i], pairs[i + 1]);
    }
    others.put(name, new Facts(name, values));
  }

  private void entry(String source, String of, long uid, long ms, String message) {
    entries.add(new Entry(BEGIN + ms * MS, source, source, 77, uid, of, "", "", 0, 0, message));
  }

  private void job(String about, long ms, String type, long id) {
    entries.add(
        new Entry(
            BEGIN + ms * MS,
            "systemd",
            "systemd",
            1,
            0,
            "",
            about,
            type,
            id,
            0,
            type + " " + about));
  }

  private void said(String about, long ms, String message) {
    entries.add(
        new Entry(BEGIN + ms * MS, "systemd", "systemd", 1, 0, "", about, "", 0, 0, message));
  }

  private void timer(long ms) {
    unit.put("TriggeredBy", List.of("w.timer"));
    other("w.timer", "LastTriggerUSec", BEGIN + ms * MS);
  }

  private void details(String by, long ms) {
    unit.put(
        "ActivationDetails",
        List.of("trigger_unit", by, "trigger_timer_realtime_usec", "" + (BEGIN + ms * MS)));
  }

  private void socket(String sub) {
    unit.put("TriggeredBy", List.of("w.socket"));
    other(
        "w.socket",
        "SubState",
        sub,
        "InactiveExitTimestamp",
        BEGIN - 500 * MS,
        "StateChangeTimestamp",
        BEGIN + 21 * MS);
  }

  @Test
  void withNothingElseItWasARequest() {
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void withoutAReadableJournalARequestIsNotInferred() {
    complete = false;
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void withoutAJobARequestIsNotInferred() {
    entries.clear();
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void aTimerIsKnownByItsTime() {
    timer(-7);
    details("w.timer", -7);
    is(Kind.TIMER, Certainty.KNOWN);
  }

  @Test
  void aTimerOfAnOlderSystemdIsInferred() {
    timer(-7);
    is(Kind.TIMER, Certainty.INFERRED);
  }

  @Test
  void detailsOfAnEarlierStartAreStale() {
    timer(-2000); // systemd keeps ActivationDetails when the unit ends and is started by hand
    details("w.timer", -2000);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aTimerThatElapsedAfterTheStartIsNone() {
    timer(3);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aPathIsKnownWhenItFiredJustBefore() {
    unit.put("TriggeredBy", List.of("w.path"));
    details("w.path", 0);
    other("w.path", "SubState", "running", "StateChangeTimestamp", BEGIN - 12 * MS);
    is(Kind.PATH, Certainty.KNOWN);
    other("w.path", "SubState", "waiting", "StateChangeTimestamp", BEGIN - 12 * MS);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aConnectionToASocketsFileIsInferredFromItsTime() {
    socket("running");
    connects.put("w.socket", BEGIN - 4 * MS);
    is(Kind.SOCKET, Certainty.INFERRED);
  }

  @Test
  void anArmedSocketWithoutAConnectionIsExcluded() {
    socket("running");
    connects.put("w.socket", 0L);
    is(Kind.REQUEST, Certainty.INFERRED);
    connects.put("w.socket", BEGIN + 30 * MS);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aSocketThatTellsNothingLeavesItUnknown() {
    socket("running");
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
    assertEquals(2, answer().candidates().size(), answer().toString());
    connects.put("w.socket", BEGIN - 600_000 * MS); // the first connection was long before
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void sudoWithAnUndecidedSocketIsInferredOnly() {
    socket("running");
    entry(
        "sudo",
        "",
        0,
        -40,
        "  deploy : PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl start w.service");
    is(Kind.REQUEST, Certainty.INFERRED);
    assertEquals("deploy by sudo", answer().cause().who());
  }

  @Test
  void sudoIsKnown() {
    entry(
        "sudo",
        "",
        0,
        -40,
        " deploy : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w");
    is(Kind.REQUEST, Certainty.KNOWN);
  }

  @Test
  void whatSudoRefusedIsNoRequest() {
    entry(
        "sudo",
        "",
        0,
        -40,
        " deploy : command not allowed ; PWD=/ ; COMMAND=/bin/systemctl start w");
    assertEquals("", answer().cause().who());
  }

  @Test
  void sudoForAnotherUnitOrVerbIsNoRequest() {
    entry("sudo", "", 0, -40, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w2");
    entry("sudo", "", 0, -30, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl status w");
    entry("sudo", "", 0, -20, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/cat start w");
    assertEquals("", answer().cause().who());
  }

  @Test
  void twoWhoAskedAreNotDecidedBetween() {
    entry("sudo", "", 0, -40, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w");
    entry("sudo", "", 0, -30, " admin : PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w");
    is(Kind.REQUEST, Certainty.KNOWN);
    assertEquals("", answer().cause().who());
  }

  @Test
  void whatAnyUserWroteIntoTheJournalDoesNotCount() {
    entry("ansible-systemd", "", 1001, -40, "Invoked with name=w state=started");
    entry("sudo", "", 1001, -40, " root : PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w");
    entry(
        "dbus-daemon",
        "session-1.scope",
        1001,
        -5,
        "Activating via systemd: service name='a.b' unit='w.service' requested by ':1.1'");
    is(Kind.REQUEST, Certainty.INFERRED);
    assertEquals("", answer().cause().who());
  }

  @Test
  void ansibleIsKnownByItsModulesWord() {
    entry(
        "ansible-ansible.legacy.systemd",
        "",
        0,
        -600,
        "Invoked with name=w state=started enabled=None");
    is(Kind.REQUEST, Certainty.KNOWN);
    assertEquals("Ansible", answer().cause().who());
  }

  @Test
  void aBusCallIsKnownByTheBusDaemon() {
    entry(
        "dbus-daemon",
        "dbus.service",
        100,
        -10,
        "[system] Activating via systemd: service name='a.b' unit='w.service' requested by ':1.34'"
            + " (uid=0 pid=831 comm=\"busctl call\")");
    is(Kind.BUS, Certainty.KNOWN);
    assertTrue(answer().cause().who().contains("busctl"), answer().toString());
  }

  @Test
  void theFirstCallOfABusThatSystemdIsNotOnYetIsKnownToo() {
    entry(
        "dbus-daemon",
        "dbus.service",
        1001,
        -10,
        "[session uid=1001 pid=7] Activating systemd to hand-off: service name='a.b'"
            + " unit='w.service' requested by ':1.1' (uid=1001 pid=8 comm=\"busctl\")");
    is(Kind.BUS, Certainty.KNOWN);
  }

  @Test
  void whatAnotherUnitPulledInFollowsItsJob() {
    unit.put("RequiredBy", List.of("r.service"));
    other(
        "r.service",
        "ConditionTimestamp",
        BEGIN + 30 * MS,
        "InactiveExitTimestamp",
        BEGIN + 31 * MS);
    job("r.service", 31, "start", 450);
    is(Kind.DEPENDENCY, Certainty.KNOWN);
  }

  @Test
  void aUnitWithALaterJobPulledNothingIn() {
    unit.put("RequiredBy", List.of("r.service"));
    other("r.service", "ConditionTimestamp", BEGIN + 30 * MS);
    job("r.service", 31, "start", 501);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aUnitThatWasStartedWhileThisOneWasUpPulledNothingIn() {
    unit.put("RequiredBy", List.of("r.service"));
    other("r.service", "ConditionTimestamp", BEGIN - 1000 * MS);
    job("r.service", -1000, "start", 300);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void anUnrelatedUnitOfTheSameMillisecondPulledNothingIn() {
    other("noise.service");
    job("noise.service", 0, "start", 499);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aUnitThatIsGoneLeavesItUnknown() {
    other("gone.service", "LoadState", "not-found");
    job("gone.service", 0, "start", 499);
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void aFailureOfAnotherUnitIsKnown() {
    unit.put("OnFailureOf", List.of("f.service"));
    said("f.service", -9, "f.service: Triggering OnFailure= dependencies.");
    is(Kind.FAILURE, Certainty.KNOWN);
  }

  @Test
  void aFailureThatNamesOthersIsNone() {
    other("f.service", "OnFailure", List.of("mail.service"));
    said("f.service", -9, "f.service: Triggering OnFailure= dependencies.");
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void anUpholderThatWasUpIsInferredOnlyAtOnce() {
    unit.put("UpheldBy", List.of("u.service"));
    other("u.service", "ActiveEnterTimestamp", BEGIN - 5000 * MS);
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
    unit.put("InactiveEnterTimestamp", BEGIN - 20 * MS);
    is(Kind.UPHELD, Certainty.INFERRED);
  }

  @Test
  void aUnitThatPullsItInAndWhoseJobIsNotLoggedLeavesItOpen() {
    unit.put("InactiveEnterTimestamp", 0L);
    unit.put("WantedBy", List.of("m.target"));
    other("m.target", "InactiveExitTimestamp", BEGIN + 30 * MS);
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
    assertEquals("m.target", answer().candidates().get(0).unit());
    job("m.target", 40, "start", 400);
    is(Kind.DEPENDENCY, Certainty.KNOWN);
  }

  @Test
  void twoTracesOfOneUpholderAreOneCause() {
    unit.put("UpheldBy", List.of("u.service"));
    unit.put("InactiveEnterTimestamp", BEGIN - 20 * MS);
    other(
        "u.service",
        "ActiveEnterTimestamp",
        BEGIN - 10 * MS,
        "InactiveExitTimestamp",
        BEGIN - 15 * MS);
    job("u.service", -15, "start", 480);
    is(Kind.UPHELD, Certainty.INFERRED);
    assertTrue(answer().cause().evidence().toString().contains("job 500"), answer().toString());
    other("v.service", "ActiveEnterTimestamp", BEGIN - 5000 * MS);
    unit.put("UpheldBy", List.of("u.service", "v.service"));
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void anAutomaticRestartIsCounted() {
    unit.put("NRestarts", 2L);
    is(Kind.RESTART, Certainty.KNOWN);
  }

  @Test
  void twoKnownCausesAreNotDecidedBetween() {
    unit.put("NRestarts", 2L);
    timer(-7);
    details("w.timer", -7);
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void aRestartJobIsARequestWhateverIsArmed() {
    socket("running");
    unit.put("InactiveEnterTimestamp", BEGIN - 2 * MS);
    job("w.service", -30, "stop", 500);
    job("w.service", -1, "restart", 500);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aRestartAlongWithAnotherUnitIsADependency() {
    unit.put("Requires", List.of("base.service"));
    other("base.service");
    unit.put("InactiveEnterTimestamp", BEGIN - 2 * MS);
    job("w.service", -30, "stop", 500);
    job("base.service", -20, "stop", 498);
    job("base.service", -15, "restart", 498);
    is(Kind.DEPENDENCY, Certainty.KNOWN);
  }

  @Test
  void anEarlierRestartOfAnotherUnitIsNotThatOfThisRestart() {
    unit.put("Requires", List.of("base.service"));
    other("base.service");
    job("base.service", -4300, "restart", 312);
    job("base.service", -4250, "start", 312);
    job("w.service", -4240, "start", 313);
    job("w.service", -950, "restart", 500);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void anEarlierRestartCountsForNothingAlsoWhereTheJournalShowsNoJobSince() {
    unit.put("Requires", List.of("base.service"));
    other("base.service");
    job("base.service", -4300, "restart", 312);
    job("base.service", -4250, "start", 312);
    job("w.service", -950, "restart", 500);
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void aBusNameOfABrokerThatLogsNothingLeavesItUnknown() {
    unit.put("BusName", "a.b");
    others.put("dbus.service", new Facts("dbus-broker.service", Map.of()));
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
    others.put("dbus.service", new Facts("dbus.service", Map.of()));
    is(Kind.REQUEST, Certainty.INFERRED);
  }

  @Test
  void whatIsInferredNeedsAWholeJournal() {
    unit.put("UpheldBy", List.of("u.service"));
    other("u.service", "ActiveEnterTimestamp", BEGIN - 5000 * MS);
    unit.put("InactiveEnterTimestamp", BEGIN - 20 * MS);
    is(Kind.UPHELD, Certainty.INFERRED);
    complete = false; // a restart by hand would look the same
    is(Kind.UNKNOWN, Certainty.UNKNOWN);
  }

  @Test
  void theRequestOfAnEarlierStartIsNotThatOfARestart() {
    unit.put("InactiveEnterTimestamp", BEGIN - 2 * MS);
    entry("sudo", "", 0, -2000, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w");
    entry("sudo", "", 0, -1990, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl restart w");
    job("w.service", -1980, "start", 480);
    job("w.service", -30, "stop", 500);
    job("w.service", -1, "restart", 500);
    is(Kind.REQUEST, Certainty.INFERRED);
    assertEquals("", answer().cause().who());
    entry("sudo", "", 0, -40, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl start w");
    assertEquals("", answer().cause().who());
    entry("sudo", "", 0, -39, " deploy : PWD=/ ; USER=root ; COMMAND=/bin/systemctl restart w");
    is(Kind.REQUEST, Certainty.KNOWN);
    assertEquals("deploy by sudo", answer().cause().who());
  }
}
