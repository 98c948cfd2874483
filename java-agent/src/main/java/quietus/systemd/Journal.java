package quietus.systemd;

import java.util.Collection;

/** Where a word is left for whoever looks at a unit. */
public interface Journal {
  /**
   * Attaches one entry to each of some units, so that {@code systemctl status} and {@code
   * journalctl -u} show it. Never fails; it may not wait.
   */
  void say(Collection<String> units, String message);

  /**
   * Waits for what was said to be written, for a short while. @return a sentence when it could not
   * be, else null
   */
  String finish();
}
