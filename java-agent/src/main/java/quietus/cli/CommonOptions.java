// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that prints a report. */
final class CommonOptions {
  @Option(names = "--json", description = "print the report as JSON, one line")
  boolean json;

  @Mixin ManagerOptions manager;
}
