// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The last lines that a unit and systemd wrote about it, read by journalctl(1). */
final class JournalTail {
  private static final int LINES = 10;
  private static final int LINE = 200;
  private static final int MOST_BYTES = 1 << 16;
  private static final long PATIENCE_MS = 3000;

  private JournalTail() {}

  /**
   * The lines, oldest first, as printable text; none when the journal cannot be read. Never fails.
   *
   * @param user the unit is one of the calling user's manager
   */
  static List<String> read(String unit, boolean user) {
    List<String> command = new ArrayList<>(List.of("journalctl"));
    if (user) {
      command.add("--user");
    } else {
      // what a service printed last may still be on its way
      output(List.of("journalctl", "--sync"));
    }
    command.addAll(List.of("-b", "-q", "-n", "" + LINES, "-o", "cat", "--no-pager"));
    // not by -u: that has our own entries about the unit too
    command.addAll(
        user
            ? List.of("_SYSTEMD_USER_UNIT=" + unit, "+", "USER_UNIT=" + unit, "_COMM=systemd")
            : List.of("_SYSTEMD_UNIT=" + unit, "+", "UNIT=" + unit, "_PID=1"));
    return lines(output(command));
  }

  private static byte[] output(List<String> command) {
    Reading reading = new Reading(command);
    reading.start();
    try {
      reading.join(PATIENCE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return reading.finish();
  }

  /** The last lines of a text; one that is too long is cut, what cannot be printed is escaped. */
  static List<String> lines(byte[] text) {
    List<String> lines = new ArrayList<>();
    String all = new String(text, StandardCharsets.UTF_8);
    int from = 0;
    while (from < all.length()) {
      int end = all.indexOf('\n', from);
      String line = printable(all.substring(from, end < 0 ? all.length() : end));
      if (!line.isEmpty()) {
        lines.add(line);
      }
      from = end < 0 ? all.length() : end + 1;
    }
    return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
  }

  private static String printable(String line) {
    StringBuilder shown = new StringBuilder();
    int c;
    for (int i = 0; i < line.length(); i += Character.charCount(c)) {
      c = line.codePointAt(i);
      if (shown.length() >= LINE) {
        return shown.append("...").toString();
      }
      switch (Character.getType(c)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.PRIVATE_USE,
            Character.UNASSIGNED,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            shown.append(c == '\t' ? " " : "\\x" + Integer.toHexString(c));
        default -> shown.appendCodePoint(c);
      }
    }
    return shown.toString().trim();
  }

  /** A program that is read on its own thread, since it may never end. */
  private static final class Reading extends Thread {
    private final List<String> command;
    private Process process;
    private byte[] read = {};

    Reading(List<String> command) {
      super("journalctl");
      this.command = command;
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        Process started =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        synchronized (this) {
          process = started;
        }
        started.getOutputStream().close();
        try (InputStream out = started.getInputStream()) {
          byte[] bytes = out.readNBytes(MOST_BYTES);
          synchronized (this) {
            read = bytes;
          }
        }
        started.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS);
      } catch (IOException e) {
        // no journalctl here, or it was stopped: there is nothing to show
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Ends the program, if it has not ended. Returns what was read. */
    synchronized byte[] finish() {
      if (process != null) {
        process.destroyForcibly();
      }
      return read;
    }
  }
}
