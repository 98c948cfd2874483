// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import quietus.unit.UnitName;

/** Words for people. */
final class Words {
  private Words() {}

  /** A time in microseconds since 1970 as people and programs read it, to the millisecond. */
  static String time(long micros) {
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000)
        .truncatedTo(ChronoUnit.MILLIS)
        .toString();
  }

  /** An entry of the journal as evidence; its text was written by others. */
  static String said(Entry entry) {
    String source = entry.identifier().isEmpty() ? entry.source() : entry.identifier();
    return time(entry.at()) + " " + safe(source) + ": " + safe(entry.message());
  }

  /** One line of what somebody else wrote, cut to 300 characters. */
  static String safe(String text) {
    StringBuilder safe = new StringBuilder();
    String stripped = text.strip();
    for (int i = 0; i < stripped.length() && i < 300; i++) {
      char c = stripped.charAt(i);
      safe.append(UnitName.isUnprintable(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return stripped.length() > 300 ? safe + "..." : safe.toString();
  }
}
