// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import java.nio.file.Path;
import java.util.Map;
import quietus.why.Attempts;

/** Reads what the journal has of attempts to start held units. */
public final class StartAttempts {
  /** A release does not wait longer than this for the journal. */
  private static final long LIMIT_MS = 5_000;

  private final JournalReader journal;

  /**
   * @param user whether the units are those of the calling user's manager
   */
  public StartAttempts(Path root, boolean user, long uid) {
    this.journal = new JournalReader("journalctl", root, user, uid, LIMIT_MS);
  }

  /**
   * One reading of the journal.
   *
   * @param names the names of what is held, each with its unit
   * @param since when the hold began, in microseconds since 1970
   * @param until to here
   */
  public Attempts of(Map<String, String> names, long since, long until) {
    return Attempts.of(names, since, journal.starts(since, until));
  }
}
