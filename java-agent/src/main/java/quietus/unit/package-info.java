// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * A systemd unit as immutable values: its name, its state, its relations, its files. Nothing here
 * asks systemd or reads a file.
 */
package quietus.unit;
