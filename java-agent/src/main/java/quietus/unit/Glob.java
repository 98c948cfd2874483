// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

/**
 * Matches {@code *}, {@code ?} and {@code [a-z]} as systemd does (fnmatch(3), without escapes). It
 * takes at most as many steps as the product of both lengths, whatever the glob is.
 */
final class Glob {
  private Glob() {}

  /** False when a bracket is not closed. */
  static boolean isWellFormed(String glob) {
    for (int i = 0; i < glob.length(); i++) {
      if (glob.charAt(i) == '[') {
        i = end(glob, i);
        if (i < 0) {
          return false;
        }
      }
    }
    return true;
  }

  /** Where the bracket that begins there is closed: its first character may be a bracket itself. */
  private static int end(String glob, int from) {
    return glob.indexOf(']', from + 2);
  }

  static boolean matches(String glob, String text) {
    int g = 0;
    int t = 0;
    int star = -1;
    int retry = 0;
    while (t < text.length()) {
      char c = g < glob.length() ? glob.charAt(g) : 0;
      if (c == '*') {
        star = g++;
        retry = t;
        continue;
      }
      int bracket = c == '[' ? end(glob, g) : -1;
      boolean same =
          bracket >= 0
              ? isIn(glob, g + 1, bracket, text.charAt(t))
              : g < glob.length() && (c == '?' || c == text.charAt(t));
      if (same) {
        g = (bracket >= 0 ? bracket : g) + 1;
        t++;
      } else if (star >= 0) {
        g = star + 1;
        t = ++retry; // only the last star needs another try
      } else {
        return false;
      }
    }
    while (g < glob.length() && glob.charAt(g) == '*') {
      g++;
    }
    return g == glob.length();
  }

  private static boolean isIn(String glob, int from, int to, char c) {
    for (int i = from; i < to; i++) {
      if (i + 2 < to && glob.charAt(i + 1) == '-') {
        if (c >= glob.charAt(i) && c <= glob.charAt(i + 2)) {
          return true;
        }
        i += 2;
      } else if (glob.charAt(i) == c) {
        return true;
      }
    }
    return false;
  }
}
