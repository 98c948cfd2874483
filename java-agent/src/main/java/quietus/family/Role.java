// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.family;

import java.util.Locale;

/** What a member is in a family (docs/guide.md). */
public enum Role {
  /** The unit that the family is named after. */
  SUBJECT,
  /** It starts a member: a socket, timer, path or automount. */
  ACTIVATOR,
  /**
   * An instance of a template in the family, or that template itself when a socket spawns from it.
   */
  INSTANCE,
  /** systemd stops it along with a member. */
  DEPENDENT,
  /** Part of a target. */
  PART;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException when no role has that word
   */
  public static Role of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
