// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Mixin;
import quietus.protocol.Report;
import quietus.protocol.ReportJson;
import quietus.run.Session;

/** A command on units that prints the report of one run. */
abstract class ReportCommand extends UnitsCommand {
  @Mixin private CommonOptions common;

  @Override
  final boolean isUser() {
    return common.manager.user;
  }

  /** The report as a person reads it. */
  String page(Report report, Screen screen) {
    return Page.of(report, screen);
  }

  @Override
  public Integer call() {
    Report report = Session.run(parsed());
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        common.json
            ? new String(ReportJson.write(report), StandardCharsets.UTF_8)
            : page(report, Screen.standard()));
    out.flush();
    return report.failed() ? 1 : 0;
  }
}
