// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.util.ArrayList;
import java.util.List;
import quietus.protocol.Report;
import quietus.why.Attempt;
import quietus.why.Attempts;

/** Who tried to start what is held, for a person. */
final class AttemptLines {
  static final String TITLE = "Attempts to start it since the hold:";

  private AttemptLines() {}

  /** A line each; none where none was found, or none was looked for. */
  static List<String> of(Report report) {
    List<String> lines = new ArrayList<>();
    Attempts attempts = report.extras().attempts();
    if (attempts != null) {
      for (Attempt attempt : attempts.list()) {
        lines.add(attempt.text());
      }
      if (!attempts.complete()) {
        lines.add("The journal could not be read in whole: others may be missing.");
      }
    }
    return lines;
  }
}
