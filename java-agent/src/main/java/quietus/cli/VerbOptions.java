// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import picocli.CommandLine.Option;
import quietus.protocol.Limits;

/** The options of the commands that change something. */
final class VerbOptions {
  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "90",
      description =
          "how long to wait for all stops or starts (default: ${DEFAULT-VALUE} s; also 5m, 2h)")
  private Duration timeout;

  @Option(
      names = "--lock-timeout",
      paramLabel = "TIME",
      defaultValue = "60",
      description = "how long to wait for another run on this host (default: ${DEFAULT-VALUE} s)")
  private Duration lockTimeout;

  @Option(names = "--check", description = "show what would happen; change nothing")
  private boolean check;

  Limits limits() {
    return new Limits(timeout, lockTimeout, check);
  }
}
