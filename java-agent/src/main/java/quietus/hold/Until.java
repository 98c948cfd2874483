// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.util.Locale;

/**
 * How long a hold lives: until somebody releases it (under /etc), or until the next boot at the
 * latest (under /run).
 */
public enum Until {
  RELEASED,
  REBOOT;

  /** The word for it in requests, records and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException for any other word than {@code released} and {@code reboot}
   */
  public static Until of(String word) {
    for (Until until : values()) {
      if (until.word().equals(word)) {
        return until;
      }
    }
    throw new IllegalArgumentException(
        "'" + word + "' is no lifetime of a hold; it is 'released' or 'reboot'");
  }
}
