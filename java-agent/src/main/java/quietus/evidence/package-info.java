// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Reads what {@link quietus.why} decides with: systemd's properties, a bounded part of the journal,
 * the times of socket files. Changes nothing.
 */
package quietus.evidence;
