// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The hold: the durable record that a family is quiesced, with the snapshot of what a release
 * restores. Values only; {@link quietus.disk.Holds} reads and writes them.
 */
package quietus.hold;
