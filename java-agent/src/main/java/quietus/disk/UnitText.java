// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import quietus.unit.UnitName;

/** What goes into a unit file, escaped as systemd reads it (systemd.syntax(7), systemd.unit(5)). */
final class UnitText {
  private UnitText() {}

  /** Text for a comment: one line, and no backslash that could join it with the next. */
  static String comment(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(UnitName.isUnprintable(c) ? ' ' : c);
    }
    if (line.length() > 0 && line.charAt(line.length() - 1) == '\\') {
      line.append(' ').append('.');
    }
    return line.toString();
  }

  /** A path as the value of a setting: {@code %} begins a specifier. */
  static String path(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (UnitName.isUnprintable(path.charAt(i))) {
        throw new DiskException(
            "the path '"
                + UnitName.printable(path)
                + "' has a control character, which no unit file can name; move what is there to"
                + " another directory");
      }
    }
    return path.replace("%", "%%");
  }

  /** A path or name for a shell's command line in {@code ExecStart=... "..."}, as one word. */
  static String shellWord(String text) {
    return "'" + path(text).replace("$", "$$").replace("'", "'\\''") + "'";
  }
}
