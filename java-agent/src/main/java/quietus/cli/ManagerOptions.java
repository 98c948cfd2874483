// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that asks a manager: systemd's own or that of a user. */
final class ManagerOptions {
  @Option(names = "--user", description = "the calling user's systemd instead of the system's")
  boolean user;

  @Mixin HelpOption help;
}
