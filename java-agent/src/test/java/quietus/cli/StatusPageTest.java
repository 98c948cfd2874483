// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import quietus.family.Door;
import quietus.family.Role;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.hold.Lease;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.Extras;
import quietus.protocol.Report;
import quietus.unit.State;

class StatusPageTest {
  private static final Instant SINCE = Instant.parse("2026-11-22T21:58:35Z");
  private static final State UP = new State("loaded", "active", "running", 0);
  private static final State DOWN = new State("loaded", "inactive", "dead", 0);

  private static Report report(List<Report.Member> members, List<Report.HoldLine> holds) {
    return new Report(
        false,
        false,
        "The sentence.",
        null,
        members,
        List.of(
            new Door(Door.Kind.RESTART, "a.service", "Restart=always", Door.Closed.STOP),
            new Door(Door.Kind.DEVICE, "a.service", "a device wants it", Door.Closed.NONE)),
        holds,
        List.of(),
        List.of(),
        null,
        List.of(),
        "0",
        Extras.NONE);
  }

  private static Report.Member member(String unit, Role role, State now, State was) {
    return new Report.Member(unit, role, "why", List.of("a.service"), now, now, was, was != null);
  }

  private static final List<Report.Member> FAMILY =
      List.of(
          member("a.service", Role.SUBJECT, DOWN, UP),
          member("a.socket", Role.ACTIVATOR, DOWN, UP));

  private static Report.HoldLine hold(Lease lease, boolean overdue) {
    List<HeldMember> members =
        List.of(held("a.service", Role.SUBJECT), held("a.socket", Role.ACTIVATOR));
    Hold hold =
        new Hold(
            "a.service",
            List.of(),
            Until.RELEASED,
            SINCE,
            new Holder("root", null, null),
            "new\u001b[31m disks",
            lease,
            members,
            List.of(),
            List.of());
    return new Report.HoldLine(
        hold, Phase.HELD, false, overdue, "/x", "quietus release '" + "a".repeat(90) + "'");
  }

  private static HeldMember held(String unit, Role role) {
    return new HeldMember(
        unit, role, "why", List.of(), unit, true, UP, true, "", List.of(), List.of(), List.of());
  }

  @Test
  void aHeldFamilyIsTheSentenceTheTreeWhoHoldsItAndWhatWouldStartIt() {
    String page =
        StatusPage.of(
            report(FAMILY, List.of(hold(null, false))),
            Map.of(),
            SINCE.plusSeconds(5 * 3600),
            Screen.NONE);
    assertEquals(
        """
        The sentence.

        a.service (inactive, dead)
        |-- a.socket (inactive, dead): why
        |-- door: Restart=always (closed by the stop)
        `-- door: a device wants it (not closed)

        Held: a.service
          by      root
          reason  new?[31m disks
          since   2026-11-22T21:58:35Z (5 h ago)
          until   a release

        What would start it:
          a device wants it (not closed)
          the release starts a.service, a.socket

        Release: quietus release '%s'\
        """
            .formatted("a".repeat(90)),
        page);
  }

  @Test
  void aLeaseThatIsOverIsSaid() {
    Lease lease = new Lease(SINCE.plusSeconds(3600), "", 0, 3600);
    String runs =
        StatusPage.of(report(FAMILY, List.of(hold(lease, false))), Map.of(), SINCE, Screen.NONE);
    assertTrue(runs.contains("lease   releases it at 2026-11-22T22:58:35Z"), runs);
    String over =
        StatusPage.of(report(FAMILY, List.of(hold(lease, true))), Map.of(), SINCE, Screen.NONE);
    assertTrue(over.contains("was over at 2026-11-22T22:58:35Z, and it is still held"), over);
  }

  @Test
  void ofAUnitThatIsDownAndFreeItSaysWhatWouldStartIt() {
    String page =
        StatusPage.of(
            report(FAMILY, List.of()),
            Map.of("a.service", List.of("a.timer, in 3 min")),
            SINCE,
            Screen.NONE);
    assertTrue(page.endsWith("What would start a.service next:\n  a.timer, in 3 min"), page);
    assertFalse(page.contains("Held") || page.contains("Release"), page);
    String nothing =
        StatusPage.of(
            report(FAMILY, List.of()), Map.of("a.service", List.of()), SINCE, Screen.NONE);
    assertTrue(nothing.contains("  no active timer, socket"), nothing);
  }

  @Test
  void ofAUnitThatIsUpItNamesTheCommandThatTellsWhy() {
    List<Report.Member> up = List.of(member("a.service", Role.SUBJECT, UP, null));
    String page = StatusPage.of(report(up, List.of()), Map.of(), SINCE, Screen.NONE);
    assertTrue(page.contains("quietus why 'a.service' tells that"), page);
  }

  @Test
  void coloursStandAroundTheSentenceAloneAndTheCommandIsNeverFolded() {
    String page =
        StatusPage.of(
            report(FAMILY, List.of(hold(null, false))), Map.of(), SINCE, new Screen(40, true));
    assertTrue(page.startsWith("\u001b[1mThe sentence.\u001b[0m\n"), page);
    assertEquals(3, page.split("\u001b", -1).length, page);
    for (String line : page.replaceAll("\u001b\\[[01]m", "").split("\n")) {
      assertTrue(line.length() <= 40 || line.startsWith("Release: "), line);
    }
    assertTrue(page.endsWith("\nRelease: quietus release '" + "a".repeat(90) + "'"), page);
  }
}
