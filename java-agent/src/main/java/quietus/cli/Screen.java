// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What standard output is: a terminal with a width, or anything else, to which text goes as it is.
 *
 * @param width columns; 0 where lines have no limit
 * @param colour whether escape codes may go there
 */
record Screen(int width, boolean colour) {
  private static Screen standard;

  static final Screen NONE = new Screen(0, false);

  private static final int USUAL = 80;
  private static final int NARROWEST = 40;
  private static final int WIDEST = 10_000;
  private static final Path OUTPUT = Path.of("/proc/self/fd/1");

  /**
   * The standard output of this process. Not by {@link System#console}: that one also wants a
   * terminal as input, and since Java 22 it answers without any.
   */
  static synchronized Screen standard() {
    if (standard == null) {
      standard = look();
    }
    return standard;
  }

  private static Screen look() {
    String device = "";
    try {
      device = Files.readSymbolicLink(OUTPUT).toString();
    } catch (IOException | UnsupportedOperationException e) {
      // no terminal
    }
    return of(
        device, System.getenv("COLUMNS"), System.getenv("NO_COLOR"), System.getenv("TERM"), null);
  }

  /**
   * @param device what standard output is open on
   * @param columns the variable COLUMNS, or null, as the others
   * @param size what {@code stty size} says, or null to ask it
   */
  static Screen of(String device, String columns, String noColour, String term, String size) {
    boolean isTerminal =
        device.startsWith("/dev/pts/")
            || device.startsWith("/dev/tty")
            || device.equals("/dev/console");
    if (!isTerminal) {
      return NONE;
    }
    int width = number(columns == null ? "" : columns);
    if (width == 0) {
      String told = size == null ? ask(device) : size;
      width = number(told.substring(told.indexOf(' ') + 1));
    }
    return new Screen(
        width == 0 ? USUAL : Math.max(NARROWEST, width),
        (noColour == null || noColour.isEmpty()) && term != null && !term.equals("dumb"));
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text.strip());
      return number > 0 && number <= WIDEST ? number : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String ask(String terminal) {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Path.of(terminal).toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var answer = stty.getInputStream()) {
        return new String(answer.readNBytes(64), StandardCharsets.US_ASCII);
      }
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * Text whose lines are no wider than the screen. A long line is folded: its rest is indented to
   * where its text begins, and the lines of a tree continue. The middle of a word that does not fit
   * is left out.
   */
  String fit(String text) {
    if (width == 0) {
      return text;
    }
    StringBuilder fitting = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      fitting.append(fitting.length() == 0 ? "" : "\n");
      if (line.length() <= width) {
        fitting.append(line);
      } else {
        fold(line, fitting);
      }
    }
    return fitting.toString();
  }

  private void fold(String line, StringBuilder to) {
    int begin = 0;
    while (isStem(line, begin)) {
      begin += 4;
    }
    String stem = line.substring(0, begin);
    String next = stem.replace("|-- ", "|   ").replace("`-- ", "    ");
    int spaces = 0;
    while (begin + spaces < line.length() && line.charAt(begin + spaces) == ' ') {
      spaces++;
    }
    next += " ".repeat(spaces + (stem.isEmpty() && spaces == 0 ? 0 : 2));
    StringBuilder row = new StringBuilder(stem).append(" ".repeat(spaces));
    boolean isFresh = true;
    for (String word : line.substring(begin + spaces).split(" ")) {
      String shown = shortened(word, width - next.length());
      if (!isFresh && row.length() + 1 + shown.length() > width) {
        to.append(row).append('\n');
        row = new StringBuilder(next);
        isFresh = true;
      }
      row.append(isFresh ? "" : " ").append(shown);
      isFresh = false;
    }
    to.append(row);
  }

  /** Whether a column of a tree's lines is here. */
  private static boolean isStem(String line, int at) {
    return line.startsWith("|-- ", at)
        || line.startsWith("`-- ", at)
        || line.startsWith("|   ", at)
        || line.startsWith("    ", at);
  }

  private static String shortened(String word, int room) {
    int most = Math.max(8, room);
    if (word.length() <= most) {
      return word;
    }
    int head = (most - 3) / 2;
    int tail = word.length() - (most - 3 - head);
    head -= Character.isHighSurrogate(word.charAt(head - 1)) ? 1 : 0;
    tail += Character.isLowSurrogate(word.charAt(tail)) ? 1 : 0;
    return word.substring(0, head) + "..." + word.substring(tail);
  }
}
