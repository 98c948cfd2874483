// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The commands for people at a shell, and how a report looks to them. {@link quietus.cli.Quietus}
 * is the entry.
 */
package quietus.cli;
