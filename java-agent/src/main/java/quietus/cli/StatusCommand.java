// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import quietus.protocol.InfoRequest;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.run.Picture;
import quietus.run.Why;
import quietus.unit.UnitName;

/** quietus status. */
@Command(
    name = "status",
    description = "Shows a unit's family, its doors, and who holds it. Changes nothing.")
final class StatusCommand extends ReportCommand {
  @Override
  Request request() {
    return new InfoRequest(scope(), false, null, /* attempts= */ true);
  }

  @Override
  String page(Report report, Screen screen) {
    return StatusPage.of(report, next(report), Clock.systemUTC().instant(), screen);
  }

  /** What would start each unit that was asked about, is down and is not held. */
  private Map<String, List<String>> next(Report report) {
    Set<String> held = new HashSet<>();
    for (Report.HoldLine line : report.holds()) {
      held.addAll(line.hold().units());
    }
    Map<String, List<String>> next = new HashMap<>();
    for (String subject : Picture.subjects(report.members())) {
      Report.Member member = Picture.member(report.members(), subject);
      if (member != null
          && !held.contains(subject)
          && !UnitName.isTemplate(subject)
          && member.after().isDown()) {
        next.put(subject, Why.next(subject, isUser()));
      }
    }
    return next;
  }
}
