// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

/**
 * What is known of a hold on a unit.
 *
 * @param since when the hold was made, in microseconds since 1970, rounded down to a second; 0 when
 *     nothing holds the unit
 * @param wasUp whether the unit was up as the hold was made
 * @param isRead false when this user may not read who holds what
 */
public record Held(long since, boolean wasUp, boolean isRead) {
  public static final Held NOT = new Held(0, false, true);
  public static final Held NOT_READABLE = new Held(0, false, false);
}
