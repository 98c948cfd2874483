// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import picocli.CommandLine.Option;
import quietus.hold.Holder;
import quietus.hold.Until;
import quietus.protocol.Claim;
import quietus.protocol.Limits;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Scope;
import quietus.protocol.Terms;
import quietus.unit.OneLine;

/** The options of the commands that hold units. */
final class HoldOptions {
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

  /**
   * @param lease null for whatever a present hold has, zero for none
   */
  QuiesceRequest request(Scope scope, Limits limits, Holder holder, Duration lease) {
    return new QuiesceRequest(
        scope,
        limits,
        new Claim(holder, takeover),
        new Terms(until, reason == null ? null : OneLine.of(reason), lease),
        drain,
        settle,
        refuseDependents,
        allowProtected);
  }
}
