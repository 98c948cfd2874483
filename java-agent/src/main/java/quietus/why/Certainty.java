// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.Locale;

/** How sure an answer is. */
public enum Certainty {
  /** systemd or the journal says it. */
  KNOWN,
  /** All that is recorded fits this cause and no other. */
  INFERRED,
  /** The records fit several causes, or none. */
  UNKNOWN;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
