// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import quietus.protocol.Claim;
import quietus.protocol.Request;
import quietus.protocol.RunningRequest;
import quietus.run.Session;

/** quietus release. */
@Command(
    name = "release",
    description =
        "Opens every door again and brings back what was up when the hold began; without a hold,"
            + " what is enabled.")
final class ReleaseCommand extends ReportCommand {
  @Mixin private VerbOptions options;

  @Option(
      names = "--expired",
      description =
          "only what has a lease that is over; without a UNIT, all of it. The timer of the leases"
              + " runs this")
  private boolean expired;

  @Option(names = "--held-only", description = "start nothing that is not held")
  private boolean heldOnly;

  @Option(
      names = "--settle",
      paramLabel = "TIME",
      defaultValue = "0",
      description = "watch what came back for that long; fail when something does not stay up")
  private Duration settle;

  @Override
  boolean mayNameNone() {
    return expired;
  }

  @Override
  Request request() {
    // Whoever is root at the host can release what is held there, and is told whose it is.
    Claim claim = new Claim(Session.holder(), /* takeover= */ true);
    return new RunningRequest(scope(), options.limits(), claim, settle, heldOnly, expired);
  }
}
