// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import quietus.hold.Until;
import quietus.protocol.Claim;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Request;
import quietus.protocol.Terms;
import quietus.run.Session;
import quietus.unit.OneLine;

/** quietus quiesce. */
@Command(
    name = "quiesce",
    description = "Closes every door of a unit's family, stops it and proves that it is down.")
final class QuiesceCommand extends UnitsCommand {
  @Mixin private VerbOptions options;

  @Option(
      names = "--until",
      paramLabel = "released|reboot",
      description = "how long the hold lives (default: released; a present hold keeps its own)")
  private Until until;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description =
          "why, at most 500 characters; line breaks become spaces; shown wherever the hold is"
              + " shown")
  private String reason;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      description = "release by itself after that time; 0 takes a lease away")
  private Duration lease;

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      defaultValue = "0",
      description = "let work in flight finish for up to that long")
  private Duration drain;

  @Option(
      names = "--settle",
      paramLabel = "TIME",
      defaultValue = "0",
      description = "watch the family for that long after the stop")
  private Duration settle;

  @Option(
      names = "--refuse-dependents",
      description = "fail when an active unit would be stopped along with the family")
  private boolean refuseDependents;

  @Option(
      names = "--allow-protected",
      description = "permit units that remote access, the message bus or the boot depend on")
  private boolean allowProtected;

  @Option(names = "--takeover", description = "take over what somebody else holds")
  private boolean takeover;

  @Override
  Request request() {
    return new QuiesceRequest(
        scope(),
        options.limits(),
        new Claim(Session.holder(), takeover),
        new Terms(until, reason == null ? null : OneLine.of(reason), lease),
        drain,
        settle,
        refuseDependents,
        allowProtected);
  }
}
