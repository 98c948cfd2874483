// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.time.Duration;
import quietus.hold.Until;
import quietus.unit.UnitName;

/**
 * The terms of a hold, as asked for.
 *
 * @param until null to keep a present hold's own
 * @param reason null to keep a present hold's own
 * @param lease null to keep a present hold's own, zero to take it away
 */
public record Terms(Until until, String reason, Duration lease) {
  /** The longest reason, in characters. */
  public static final int LONGEST_REASON = 500;

  /** The longest name of who asks, in characters. */
  public static final int LONGEST_BY = 200;

  /** The longest token, in characters. */
  public static final int LONGEST_TOKEN = 100;

  private static final Duration LONGEST_LEASE = Duration.ofDays(365);

  /**
   * Checks what goes into records and unit files, whichever way it came.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public Terms {
    line("reason", reason, LONGEST_REASON);
    if (lease != null && (lease.isNegative() || lease.compareTo(LONGEST_LEASE) > 0)) {
      throw new IllegalArgumentException("'lease' must be a time span of at most 365 days");
    }
  }

  /** Refuses what is too long, or more than one line. */
  static void line(String what, String text, int longest) {
    if (text == null) {
      return;
    }
    if (text.length() > longest) {
      throw new IllegalArgumentException(
          "'"
              + what
              + "' must be at most "
              + longest
              + " characters long; it has "
              + text.length());
    }
    for (int i = 0; i < text.length(); i++) {
      if (UnitName.isUnprintable(text.charAt(i))) {
        throw new IllegalArgumentException(
            "'" + what + "' must be one line without control characters");
      }
    }
  }
}
