// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.util.Locale;

/**
 * Held: the gates are closed. Releasing: they are open, and the snapshot is kept until everything
 * is back.
 */
public enum Phase {
  HELD,
  RELEASING;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
