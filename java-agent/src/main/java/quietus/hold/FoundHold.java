// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

/**
 * A hold as it is on the disk.
 *
 * @param hold what its record says
 * @param phase what its place says
 */
public record FoundHold(Hold hold, Phase phase) {}
