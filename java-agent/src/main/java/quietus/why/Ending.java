// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.List;

/**
 * How a unit came to be down.
 *
 * @param subject the unit
 * @param at when it went down, in microseconds since 1970; 0 when it was not up since the boot
 * @param certainty how sure that is
 * @param text a phrase that follows the unit's name
 * @param evidence what was read
 * @param who who asked; empty when that is not recorded
 * @param next what would start it next, a sentence each
 */
public record Ending(
    String subject,
    long at,
    Certainty certainty,
    String text,
    List<String> evidence,
    String who,
    List<String> next) {
  public Ending {
    evidence = List.copyOf(evidence);
    next = List.copyOf(next);
  }
}
