// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import picocli.CommandLine.Option;

/** The option that every command has. */
final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this text and exit")
  boolean requested;
}
