// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.List;

/** Answers as a person reads them. */
public final class WhyPage {
  private WhyPage() {}

  /** Why a unit is up. */
  public static String of(Answer answer) {
    StringBuilder page = new StringBuilder();
    for (Answer one = answer; one != null; one = one.by()) {
      page.append(one.subject()).append(' ').append(one.cause().text());
      page.append(one.at() == 0 ? "" : ", at " + Words.time(one.at()));
      page.append(" (").append(one.cause().certainty().word()).append(").\n");
      lines(page, "  ", one.cause().evidence());
      for (Cause candidate : one.candidates()) {
        page.append("  - It ").append(candidate.text()).append(":\n");
        lines(page, "      ", candidate.evidence());
      }
    }
    return page.toString().stripTrailing();
  }

  /**
   * Why a unit is down.
   *
   * @param hold a sentence on what holds it, empty when nothing does
   */
  public static String of(Ending ending, String hold) {
    StringBuilder page = new StringBuilder();
    page.append(ending.subject()).append(" is down: it ").append(ending.text());
    page.append(ending.at() == 0 ? "" : ", at " + Words.time(ending.at()));
    page.append(" (").append(ending.certainty().word()).append(").\n");
    lines(page, "  ", ending.evidence());
    page.append(hold.isEmpty() ? "" : hold + "\n");
    if (hold.isEmpty()) {
      page.append(
          ending.next().isEmpty()
              ? "No active timer, socket, path, target or upholder would start it, and no bus"
                  + " name.\n"
              : "What would start it next:\n");
      lines(page, "  ", ending.next());
    }
    return page.toString().stripTrailing();
  }

  private static void lines(StringBuilder page, String indent, List<String> lines) {
    for (String line : lines) {
      page.append(indent).append(line).append('\n');
    }
  }
}
