// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import quietus.protocol.Request;
import quietus.run.Session;

/** quietus quiesce. */
@Command(
    name = "quiesce",
    description = "Closes every door of a unit's family, stops it and proves that it is down.")
final class QuiesceCommand extends ReportCommand {
  @Mixin private VerbOptions options;

  @Mixin private HoldOptions hold;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      description = "release by itself after that time; 0 takes a lease away")
  private Duration lease;

  @Override
  Request request() {
    return hold.request(scope(), options.limits(), Session.holder(), lease);
  }
}
