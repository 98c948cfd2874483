// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import picocli.CommandLine.Command;
import quietus.protocol.InfoRequest;
import quietus.protocol.Request;

/** quietus status. */
@Command(
    name = "status",
    description = "Shows a unit's family, its doors, and who holds it. Changes nothing.")
final class StatusCommand extends ReportCommand {
  @Override
  Request request() {
    return new InfoRequest(scope());
  }
}
