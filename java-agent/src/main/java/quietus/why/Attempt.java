// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.Locale;
import java.util.Objects;

/**
 * Attempts of one kind to start a unit that is held.
 *
 * @param how what is known of them
 * @param by who asked, or which unit; empty when that is not recorded
 * @param last when the last one was, in microseconds since 1970
 */
public record Attempt(String unit, How how, String by, int count, long last) {
  public Attempt {
    Objects.requireNonNull(unit);
    Objects.requireNonNull(how);
    Objects.requireNonNull(by);
  }

  /** How an attempt shows in the journal. */
  public enum How {
    /** Somebody ran a command that asks for its start. */
    REQUEST,
    /** Its bus name was called. */
    BUS,
    /** systemd itself wanted to start it for another unit, and found it masked. */
    MASK,
    /** A job to start it failed at its gate. */
    GATE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One line for a person. */
  public String text() {
    String who =
        switch (how) {
          case REQUEST -> "asked for by " + by;
          case BUS -> "by a D-Bus call" + (by.isEmpty() ? "" : " of " + by);
          case MASK ->
              by.isEmpty() ? "by systemd for a unit that upholds it" : "by systemd for " + by;
          case GATE -> "refused at its gate; who asked is not recorded";
        };
    return unit
        + ": "
        + (count == 1 ? "1 attempt" : count + " attempts, the last")
        + " at "
        + Words.time(last)
        + ", "
        + who;
  }
}
