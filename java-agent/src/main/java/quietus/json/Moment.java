// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Moments in UTC as ISO 8601 says them, as {@link Instant} itself does, but for the usual form
 * without java.time's formatters (some 80 classes).
 */
public final class Moment {
  private static final String FORM = "0000-00-00T00:00:00Z";

  private Moment() {}

  /** {@code 2026-11-22T03:02:11Z}; null for null. */
  public static String text(Instant instant) {
    if (instant == null) {
      return null;
    }
    LocalDateTime utc = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    if (instant.getNano() != 0 || utc.getYear() < 1000 || utc.getYear() > 9999) {
      return instant.toString();
    }
    StringBuilder text = new StringBuilder(FORM.length()).append(utc.getYear());
    two(text.append('-'), utc.getMonthValue());
    two(text.append('-'), utc.getDayOfMonth());
    two(text.append('T'), utc.getHour());
    two(text.append(':'), utc.getMinute());
    two(text.append(':'), utc.getSecond());
    return text.append('Z').toString();
  }

  /** Microseconds since 1970, as systemd and the journal count. */
  public static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
  }

  private static void two(StringBuilder text, int number) {
    text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  /**
   * @throws IllegalArgumentException when it is none
   */
  public static Instant of(String text) {
    try {
      if (!isUsual(text)) {
        Instant instant = Instant.parse(text);
        text(instant); // what cannot be written again is refused
        return instant;
      }
      return LocalDateTime.of(
              number(text, 0, 4),
              number(text, 5, 7),
              number(text, 8, 10),
              number(text, 11, 13),
              number(text, 14, 16),
              number(text, 17, 19))
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'" + text + "' is not a time", e);
    }
  }

  private static boolean isUsual(String text) {
    if (text.length() != FORM.length()) {
      return false;
    }
    for (int i = 0; i < FORM.length(); i++) {
      char c = text.charAt(i);
      if (FORM.charAt(i) == '0' ? c < '0' || c > '9' : c != FORM.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }
}
