// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.Collection;
import java.util.List;

/** The journal: entries are attached to units, and what a unit wrote last is read. */
public interface Journal {
  /**
   * Attaches one entry to each of some units, so that {@code systemctl status} and {@code
   * journalctl -u} show it. Never fails; it may not wait.
   */
  void say(Collection<String> units, String message);

  /**
   * Waits a short time until the entries are written. @return a sentence when they could not be,
   * else null
   */
  String finish();

  /**
   * The last lines that a unit, and systemd about it, wrote since the boot: few, short and
   * printable. Empty when they cannot be read. Never fails.
   */
  List<String> tail(String unit);
}
