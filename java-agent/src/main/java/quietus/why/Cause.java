// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.List;
import java.util.Objects;

/**
 * One cause that could have started a unit.
 *
 * @param kind what sort of cause
 * @param unit the unit by which it came, such as the timer; empty when there is none
 * @param certainty how much of it is recorded; {@link Certainty#UNKNOWN} when the records neither
 *     show nor exclude it
 * @param text a phrase that follows the name of the unit: {@code was started by ...}
 * @param evidence what was read, a sentence each
 * @param who who asked, as far as that is recorded; empty when it is not
 */
public record Cause(
    Kind kind, String unit, Certainty certainty, String text, List<String> evidence, String who) {
  public Cause {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(unit);
    Objects.requireNonNull(certainty);
    Objects.requireNonNull(text);
    evidence = List.copyOf(evidence);
    Objects.requireNonNull(who);
  }

  static Cause of(Kind kind, String unit, Certainty certainty, String text, String... evidence) {
    return new Cause(kind, unit, certainty, text, List.of(evidence), "");
  }
}
