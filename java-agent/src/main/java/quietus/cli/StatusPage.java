// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Door;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.Report;
import quietus.run.Picture;

/**
 * What status tells a person: the sentence, the family as a tree, who holds it and why, and what
 * would start it.
 */
final class StatusPage {
  private final Report report;
  private final Map<String, List<String>> next;
  private final Instant now;
  private final StringBuilder page = new StringBuilder();

  private StatusPage(Report report, Map<String, List<String>> next, Instant now) {
    this.report = report;
    this.next = next;
    this.now = now;
  }

  /**
   * @param next what would start a unit that is down and not held, for each that is
   */
  static String of(Report report, Map<String, List<String>> next, Instant now, Screen screen) {
    StatusPage status = new StatusPage(report, next, now);
    status.write();
    return Page.whole(report, status.page, screen);
  }

  private void write() {
    for (String subject : Picture.subjects(report.members())) {
      page.append('\n').append(picture(subject)).append('\n');
    }
    for (Report.HoldLine line : report.holds()) {
      held(line);
    }
    Page.section(page, AttemptLines.TITLE, AttemptLines.of(report));
    starts();
    List<String> inexact = new ArrayList<>();
    for (Hold.Inexact entry : report.inexact()) {
      inexact.add(entry.unit() + ": " + entry.text());
    }
    Page.section(page, "What a release cannot bring back exactly:", inexact);
    Page.section(page, "Warnings:", report.warnings());
  }

  private String picture(String subject) {
    boolean isHeld = !report.holds().isEmpty();
    return Picture.of(subject, report.members(), report.doors(), isHeld).tree();
  }

  private void held(Report.HoldLine line) {
    Hold hold = line.hold();
    List<String> lines = new ArrayList<>();
    lines.add("by      " + hold.by());
    lines.add("reason  " + (hold.reason().isEmpty() ? "none was given" : hold.reason()));
    lines.add("since   " + hold.since() + ago(hold.since()));
    lines.add(
        "until   " + (hold.until() == Until.REBOOT ? "the next boot, or a " : "a ") + "release");
    if (hold.lease() != null) {
      lines.add(
          "lease   "
              + (line.overdue()
                  ? "was over at " + hold.lease() + ", and it is still held"
                  : "releases it at " + hold.lease()));
    }
    Page.section(
        page, (line.phase() == Phase.HELD ? "Held: " : "Being released: ") + hold.subject(), lines);
  }

  private String ago(Instant since) {
    long minutes = Duration.between(since, now).toMinutes();
    if (minutes < 1) {
      return "";
    }
    return minutes < 120
        ? " (" + minutes + " min ago)"
        : minutes < 2880 ? " (" + minutes / 60 + " h ago)" : " (" + minutes / 1440 + " days ago)";
  }

  /** What would start the members: before a release only what a hold cannot close. */
  private void starts() {
    Set<String> held = new LinkedHashSet<>();
    Set<String> back = new LinkedHashSet<>();
    for (Report.HoldLine line : report.holds()) {
      held.addAll(line.hold().units());
    }
    for (Report.Member member : report.members()) {
      if (member.restore() && held.contains(member.unit())) {
        back.add(member.unit());
      }
    }
    if (!held.isEmpty()) {
      List<String> open = new ArrayList<>();
      for (Door door : report.doors()) {
        if (door.closedBy() == Door.Closed.NONE) {
          open.add(door.text() + " (not closed)");
        }
      }
      open.add(
          back.isEmpty()
              ? "a release starts none of them, for none was up"
              : "the release starts " + String.join(", ", back));
      Page.section(page, "What would start it:", open);
    }
    List<String> up = new ArrayList<>();
    for (String subject : Picture.subjects(report.members())) {
      Report.Member member = Picture.member(report.members(), subject);
      if (next.containsKey(subject)) {
        List<String> lines = next.get(subject);
        Page.section(
            page,
            "What would start " + subject + " next:",
            lines.isEmpty()
                ? List.of(
                    "no active timer, socket, path, target or upholder, and no bus name that is"
                        + " known")
                : lines);
      } else if (member != null && !held.contains(subject) && member.after().isUp()) {
        up.add("quietus why '" + subject + "' tells that");
      }
    }
    Page.section(page, "Who started it:", up);
  }
}
