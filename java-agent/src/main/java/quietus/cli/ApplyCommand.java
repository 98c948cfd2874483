// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Only the help of {@code quietus apply}: {@link quietus.Main} answers the command itself. */
@Command(
    name = "apply",
    description =
        "For programs: reads a JSON request from standard input and prints a JSON report"
            + " (docs/agent-protocol.md).")
final class ApplyCommand implements Callable<Integer> {
  @Mixin HelpOption help;

  @Override
  public Integer call() {
    return 2;
  }
}
