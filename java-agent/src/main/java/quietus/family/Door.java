// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.family;

import java.util.Locale;
import java.util.Objects;

/**
 * One way by which a family could start again, other than through a member of it.
 *
 * @param kind what sort of way
 * @param unit the member that would start
 * @param text a sentence for a person
 * @param closedBy what closes it while the family is held
 */
public record Door(Kind kind, String unit, String text, Closed closedBy) {
  public Door {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(unit);
    Objects.requireNonNull(text);
    Objects.requireNonNull(closedBy);
  }

  /** The sorts of doors. */
  public enum Kind {
    RESTART,
    BUS,
    UPHELD,
    BOOT,
    WANTED,
    FAILURE,
    SUCCESS,
    DEVICE,
    JOB,
    ENABLED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Kind of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /** What closes a door. */
  public enum Closed {
    GATE,
    STOP,
    NONE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static Closed of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }
}
