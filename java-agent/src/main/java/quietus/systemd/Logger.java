// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The journal, by logger(1): Java has no unix datagram sockets, and the journal takes
 * OBJECT_SYSTEMD_UNIT= from root only over that one (systemd.journal-fields(7)). One entry may name
 * many units.
 */
public final class Logger implements Journal {
  /** The journal drops an entry with too many fields. */
  private static final int UNITS_AN_ENTRY = 200;

  private static final long PATIENCE_MS = 2000;

  private final boolean user;
  private final List<Writing> writing = new ArrayList<>();

  /**
   * @param user entries are for the units of the calling user's manager
   */
  public Logger(boolean user) {
    this.user = user;
  }

  @Override
  public void say(Collection<String> units, String message) {
    List<String> all = List.copyOf(units);
    for (int start = 0; start < all.size(); start += UNITS_AN_ENTRY) {
      StringBuilder entry =
          new StringBuilder("MESSAGE=" + message + "\nPRIORITY=5\nSYSLOG_IDENTIFIER=quietus\n");
      for (String unit : all.subList(start, Math.min(all.size(), start + UNITS_AN_ENTRY))) {
        entry
            .append(user ? "OBJECT_SYSTEMD_USER_UNIT=" : "OBJECT_SYSTEMD_UNIT=")
            .append(unit)
            .append('\n');
      }
      Writing one = new Writing(entry.toString());
      writing.add(one);
      one.start();
    }
  }

  @Override
  public String finish() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    String trouble = null;
    for (Writing one : writing) {
      try {
        one.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      String told = one.trouble;
      trouble = told == null ? trouble : told;
    }
    writing.clear();
    return trouble;
  }

  @Override
  public List<String> tail(String unit) {
    return JournalTail.read(unit, user);
  }

  /** One entry being written: starting a process takes some ms, in which the run continues. */
  private static final class Writing extends Thread {
    private final String entry;
    private volatile String trouble =
        "no journal entry was written: the journal did not take it within " + PATIENCE_MS + " ms";

    Writing(String entry) {
      super("journal");
      this.entry = entry;
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        Process logger =
            new ProcessBuilder("logger", "--journald")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream in = logger.getOutputStream()) {
          in.write(entry.getBytes(StandardCharsets.UTF_8));
        }
        if (!logger.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
          logger.destroyForcibly();
        } else {
          trouble =
              logger.exitValue() == 0
                  ? null
                  : "no journal entry was written: logger --journald ended with "
                      + logger.exitValue();
        }
      } catch (IOException e) {
        trouble =
            "no journal entry was written (logger, of util-linux, says: "
                + e.getMessage()
                + "); systemctl status does not show the hold";
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
