package quietus.cli;

import quietus.unit.UnitName;

/** Text as one line, for a record, a unit file or a terminal. */
final class OneLine {
  private OneLine() {}

  /** Text as one line: what is not printable becomes a space, and white space one space. */
  static String of(String text) {
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
}
