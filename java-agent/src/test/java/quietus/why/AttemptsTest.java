// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against entries as systemd 252 and 257, dbus-daemon and sudo write them. */
class AttemptsTest {
  private static final long SINCE = 1_795_532_317_000_000L;
  private static final long LATER = SINCE + 10_000_000;
  private static final Map<String, String> NAMES =
      Map.of("p.service", "p.service", "p.timer", "p.timer", "alias.service", "p.service");

  private static Entry manager(long at, String unit, long job, String message) {
    return new Entry(
        at,
        "systemd",
        "systemd",
        1,
        0,
        "init.scope",
        unit,
        job > 0 ? "start" : "",
        job,
        0,
        message);
  }

  private static Entry gate(long at) {
    return manager(at, "p.service", 1014, "Assertion failed for p.service - The API.");
  }

  private static Entry sudo(long at, long uid, String command) {
    String message = "  deploy : PWD=/ ; USER=root ; COMMAND=" + command;
    return new Entry(at, "sudo", "sudo", 229, uid, "", "", "", 0, 0, message);
  }

  private static Entry bus(long at, String source, String service) {
    String message =
        "[system] Activating via systemd: service name='com.example.P' unit='p.service' requested"
            + " by ':1.3' (uid=0 pid=225 comm=\"busctl call\" label=\"unconfined\")";
    return new Entry(at, source, source, 98, 101, service, "", "", 0, 0, message);
  }

  private static List<String> told(Entry... entries) {
    List<String> told = new ArrayList<>();
    for (Attempt one : Attempts.of(NAMES, SINCE, new Reading(List.of(entries), true)).list()) {
      told.add(one.unit() + " " + one.how().word() + " " + one.by() + " " + one.count());
    }
    return told;
  }

  @Test
  void aJobThatFailsAtTheGateIsAnAttemptOfNobodyKnown() {
    assertEquals(
        List.of("p.service gate  2"),
        told(
            manager(LATER, "p.service", 0, "p.service: Starting requested but asserts failed."),
            gate(LATER),
            gate(LATER + 1000),
            manager(LATER, "other.service", 7, "Assertion failed for other.service."),
            manager(LATER, "p.service", 7, "Dependency failed for p.service.")));
  }

  @Test
  void aUnitThatSystemdCouldNotStartForAnotherIsAnAttemptOfThat() {
    String masked = " job, ignoring: Unit p.service is masked.";
    assertEquals(
        List.of("p.service mask fails.service 2", "p.service mask  1"),
        told(
            manager(
                LATER, "fails.service", 0, "fails.service: Failed to enqueue OnFailure=" + masked),
            manager(
                LATER,
                "fails.service",
                0,
                "fails.service: Failed to enqueue OnFailure=p.service" + masked),
            manager(LATER, "p.service", 0, "p.service: Failed to enqueue start" + masked)));
  }

  @Test
  void aRequestIsAnAttemptAlsoWhereAMaskRefusedIt() {
    assertEquals(
        List.of("p.service request deploy by sudo 2"),
        told(
            sudo(LATER, 0, "/usr/bin/systemctl start p"),
            sudo(LATER + 1, 0, "/usr/bin/systemctl restart alias.service"),
            sudo(LATER + 2, 0, "/usr/bin/systemctl status p"),
            sudo(LATER + 3, 0, "/usr/bin/systemctl start other")));
  }

  @Test
  void aRequestAndItsJobAtTheGateAreOneAttempt() {
    assertEquals(
        List.of("p.service request deploy by sudo 1", "p.service gate  1"),
        told(
            sudo(LATER, 0, "/usr/bin/systemctl start p"),
            gate(LATER + 30_000),
            gate(LATER + 60_000)));
    assertEquals(
        List.of("p.service request deploy by sudo 1", "p.service gate  1"),
        told(sudo(LATER, 0, "/usr/bin/systemctl start p"), gate(LATER + 3_000_000)));
  }

  @Test
  void aCallOfItsBusNameIsAnAttempt() {
    assertEquals(
        List.of("p.service bus com.example.P, from busctl call 1"),
        told(bus(LATER, "dbus-daemon", "dbus.service"), gate(LATER + 1000)));
  }

  @Test
  void whatQuietusIsAskedForIsNoAttempt() {
    assertEquals(
        List.of(),
        told(
            sudo(LATER, 0, "/usr/local/sbin/quietus release p.service"),
            sudo(LATER, 0, "/bin/sh /var/lib/quietus/quietus release p.service")));
  }

  @Test
  void whatWasAskedInTheSecondOfTheHoldMayHaveBeenBeforeIt() {
    assertEquals(List.of(), told(sudo(SINCE + 999_999, 0, "/usr/bin/systemctl start p")));
    assertEquals(List.of("p.service gate  1"), told(gate(SINCE + 999_999)));
  }

  @Test
  void whatAnybodyCanWriteIntoTheJournalCountsForNothing() {
    String masked = "p.service: Failed to enqueue start job, ignoring: Unit p.service is masked.";
    assertEquals(
        List.of(),
        told(
            sudo(LATER, 1001, "/usr/bin/systemctl start p"),
            bus(LATER, "evil", "evil.service"),
            bus(LATER, "dbus-daemon", "evil.service"),
            new Entry(LATER, "evil", "systemd", 77, 1001, "", "p.service", "start", 5, 0, masked),
            new Entry(
                LATER,
                "evil",
                "systemd",
                77,
                1001,
                "",
                "p.service",
                "start",
                5,
                0,
                "Assertion failed for p.service.")));
  }

  @Test
  void theLastKindIsLastWithTheTimeOfItsLastOne() {
    Attempts attempts =
        Attempts.of(
            NAMES,
            SINCE,
            new Reading(
                List.of(
                    gate(LATER),
                    sudo(LATER + 5_000_000, 0, "systemctl start p"),
                    gate(LATER + 9_000_000)),
                false));
    assertFalse(attempts.complete());
    assertEquals(
        "p.service: 2 attempts, the last at 2026-11-24T14:58:56Z, refused at its gate; who asked is"
            + " not recorded",
        attempts.list().get(1).text());
    assertEquals(
        "p.service: 1 attempt at 2026-11-24T14:58:52Z, asked for by deploy by sudo",
        attempts.list().get(0).text());
  }
}
