// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Only the help of {@code quietus info}: {@link quietus.Main} answers the command itself. */
@Command(
    name = "info",
    description = "For programs: as apply, for a request without a state; changes nothing.")
final class InfoCommand implements Callable<Integer> {
  @Mixin HelpOption help;

  @Override
  public Integer call() {
    return 2;
  }
}
