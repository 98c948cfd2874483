// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

/** Text from outside as one line without control characters. */
public final class OneLine {
  private OneLine() {}

  /**
   * For a record or a unit file: unprintable characters and runs of white space become one space.
   */
  public static String of(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean white = Character.isWhitespace(c) || UnitName.isUnprintable(c);
      if (!white) {
        line.append(c);
      } else if (line.length() > 0 && line.charAt(line.length() - 1) != ' ') {
        line.append(' ');
      }
    }
    return line.toString().trim();
  }

  /** For a person: the same text with a question mark for each character that is not printable. */
  public static String visible(String text) {
    StringBuilder line = null;
    for (int i = 0; text != null && i < text.length(); i++) {
      if (UnitName.isUnprintable(text.charAt(i))) {
        line = line == null ? new StringBuilder(text) : line;
        line.setCharAt(i, '?');
      }
    }
    return line == null ? text : line.toString();
  }
}
