// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.util.ArrayList;
import java.util.List;
import quietus.family.Door;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.Report;
import quietus.run.Picture;
import quietus.unit.OneLine;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * A report as a person reads it: words before symbols, colour only on a terminal. No text in it can
 * bring a control character to that terminal.
 */
final class Page {
  private static final String BOLD = "\u001b[1m";
  private static final String RED = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  private Page() {}

  private static String sentence(Report report, Screen screen) {
    String begin = report.failed() ? RED : BOLD;
    String text = screen.fit(OneLine.visible(report.msg()));
    return screen.colour() ? begin + text + PLAIN : text;
  }

  static String of(Report report, Screen screen) {
    StringBuilder page = new StringBuilder();
    if (!report.members().isEmpty()) {
      page.append('\n').append(members(report));
    }
    List<String> doors = new ArrayList<>();
    for (Door door : report.doors()) {
      doors.add(door.text() + " (" + Picture.closed(door, !report.holds().isEmpty()) + ")");
    }
    section(page, "Other doors:", doors);
    List<String> inexact = new ArrayList<>();
    for (Hold.Inexact entry : report.inexact()) {
      inexact.add(entry.unit() + ": " + entry.text());
    }
    section(page, "What a release cannot bring back exactly:", inexact);
    section(page, AttemptLines.TITLE, AttemptLines.of(report));
    section(page, "Warnings:", report.warnings());
    return whole(report, page, screen);
  }

  /**
   * The sentence, the sections, and how to release. A command is to be copied, so it is never
   * folded.
   */
  static String whole(Report report, StringBuilder sections, Screen screen) {
    StringBuilder page = new StringBuilder(sentence(report, screen)).append('\n');
    page.append(screen.fit(sections.toString()));
    page.append(report.holds().isEmpty() ? "" : "\n");
    for (Report.HoldLine line : report.holds()) {
      page.append("Release: ").append(OneLine.visible(line.release())).append('\n');
    }
    return page.toString().stripTrailing();
  }

  static void section(StringBuilder page, String title, List<String> lines) {
    if (!lines.isEmpty()) {
      page.append('\n').append(title).append('\n');
      for (String line : lines) {
        page.append("  ").append(OneLine.visible(line)).append('\n');
      }
    }
  }

  private static String members(Report report) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"unit", "role", "was", "now", "why it is in the family"});
    for (Report.Member member : report.members()) {
      State was = member.was() == null ? member.before() : member.was();
      boolean template = UnitName.isTemplate(member.unit());
      rows.add(
          new String[] {
            member.unit(),
            member.role().word(),
            template ? "template" : word(was),
            template ? "" : word(member.after()),
            member.reason()
          });
    }
    return table(rows);
  }

  /** The one word that says most: an active unit's sub-state, else its active state. */
  private static String word(State state) {
    return state.active().equals("active") ? state.sub() : state.active();
  }

  static String holds(List<Report.HoldLine> lines) {
    if (lines.isEmpty()) {
      return "Nothing is held on this host.";
    }
    List<String[]> rows = new ArrayList<>();
    rows.add(
        new String[] {"family", "phase", "since", "until", "by", "units", "reason", "release"});
    for (Report.HoldLine line : lines) {
      Hold hold = line.hold();
      String until = hold.until() == Until.RELEASED ? "released" : "reboot";
      rows.add(
          new String[] {
            hold.subject(),
            line.phase() == Phase.HELD ? "held" : "releasing",
            hold.since().toString(),
            hold.lease() == null ? until : until + " or " + hold.lease(),
            hold.by(),
            Integer.toString(hold.members().size()),
            hold.reason(),
            line.release()
          });
    }
    return table(rows).stripTrailing();
  }

  private static String table(List<String[]> rows) {
    int columns = rows.get(0).length;
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < columns; i++) {
        line.append(OneLine.visible(row[i]))
            .append(i + 1 < columns ? " ".repeat(widths[i] - row[i].length() + 3) : "");
      }
      table.append(line.toString().stripTrailing()).append('\n');
    }
    return table.toString();
  }
}
