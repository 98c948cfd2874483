// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.time.Instant;
import java.util.List;
import quietus.hold.FoundHold;
import quietus.why.Attempts;

/**
 * Reads the attempts to start what a release releases, in a thread of its own: the journal is read
 * while systemd reloads at the end of the release.
 */
final class AttemptsReader implements Runnable {
  private final Past past;
  private final List<FoundHold> released;
  private final Instant until;
  private Thread reading;
  private Attempts found;

  /**
   * @param until attempts up to here count
   */
  AttemptsReader(Past past, List<FoundHold> released, Instant until) {
    this.past = past;
    this.released = released;
    this.until = until;
  }

  /** Begins to read. */
  @Override
  public void run() {
    reading =
        new Thread("attempts") {
          @Override
          public void run() {
            read();
          }
        };
    reading.setDaemon(true);
    reading.start();
  }

  private void read() {
    try {
      found = Asked.attempts(past, released, until);
    } catch (RuntimeException | Error e) {
      // all is up again, and that is the result; the report says that its list is not whole
      found = new Attempts(List.of(), false);
    }
  }

  /** What was read; null when nothing tells. Reads it now if that has not begun. */
  Attempts await() {
    if (reading == null) {
      read();
    } else {
      try {
        reading.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return found;
  }
}
