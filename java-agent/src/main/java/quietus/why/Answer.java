// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.List;
import java.util.Objects;

/**
 * Why a unit is up.
 *
 * @param subject the unit
 * @param cause what started it; of the kind {@link Kind#UNKNOWN} when the records do not settle it
 * @param candidates what could have been, when it is unknown
 * @param at when it was started, in microseconds since 1970; 0 when that is not known
 * @param by why the unit by which it came is up itself; null when there is none, or it was not
 *     asked
 */
public record Answer(String subject, Cause cause, List<Cause> candidates, long at, Answer by) {
  public Answer {
    Objects.requireNonNull(subject);
    Objects.requireNonNull(cause);
    candidates = List.copyOf(candidates);
  }

  /** The same with why the unit by which it came is up. */
  public Answer with(Answer more) {
    return new Answer(subject, cause, candidates, at, more);
  }
}
