// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import picocli.CommandLine;
import quietus.unit.UnitName;

/** A time span as a person writes it. */
final class TimeSpan {
  /** The longest time span, in seconds: 365 days. */
  private static final long LONGEST = 31_536_000;

  private TimeSpan() {}

  /** {@code 90}, {@code 90s}, {@code 5m}, {@code 2h}, {@code 1d}, {@code 1h30m}. */
  static Duration parse(String text) {
    long seconds = 0;
    long number = -1;
    long last = Long.MAX_VALUE;
    boolean good = !text.isEmpty();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        number = Math.min(LONGEST + 1, Math.max(0, number) * 10 + (c - '0'));
        continue;
      }
      long unit =
          switch (c) {
            case 's' -> 1;
            case 'm' -> 60;
            case 'h' -> 3600;
            case 'd' -> 86_400;
            default -> 0;
          };
      good &= number >= 0 && unit > 0 && unit < last;
      seconds += number * unit;
      last = unit;
      number = -1;
    }
    good &= number < 0 || last == Long.MAX_VALUE; // a number without a unit stands alone
    seconds += Math.max(0, number);
    if (good && seconds <= LONGEST) {
      return Duration.ofSeconds(seconds);
    }
    throw new CommandLine.TypeConversionException(
        "'"
            + UnitName.printable(text)
            + "' is not a time span; give seconds, or numbers with s, m, h or d, such as 5m or"
            + " 1h30m, at most 365d");
  }
}
