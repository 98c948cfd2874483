// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import java.util.Objects;

/**
 * A valid name of a unit, a template or (with {@code *}, {@code ?} or brackets) a glob of units.
 *
 * @param text the name with its suffix, such as {@code foo@bar.service}
 */
public record UnitName(String text) {
  /**
   * The longest name that systemd takes is 255 bytes; a gate's file name and a temporary one need
   * the rest.
   */
  static final int LONGEST = 220;

  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
  private static final String GLOB = "*?[]";

  public UnitName {
    Objects.requireNonNull(text);
  }

  /**
   * Reads what a person or a request wrote.
   *
   * @param written a name with or without suffix; without, {@code .service} is meant (systemctl(1))
   * @throws IllegalArgumentException with a sentence for a person when systemd could not have such
   *     a unit
   */
  public static UnitName parse(String written) {
    if (written.isEmpty()) {
      throw new IllegalArgumentException(
          "a unit name is empty; give a name such as myapi or myapi.socket");
    }
    String shown = printable(written);
    if (written.startsWith("-") && !written.equals("-.mount") && !written.equals("-.slice")) {
      throw new IllegalArgumentException("'" + shown + "' is not a unit name: it begins with '-'");
    }
    for (int i = 0; i < written.length(); i++) {
      char c = written.charAt(i);
      if (LETTERS.indexOf(c) < 0 && GLOB.indexOf(c) < 0) {
        throw new IllegalArgumentException(
            "'" + shown + "' is not a unit name: " + describe(c) + " may not be in one");
      }
    }
    if (!Glob.isWellFormed(written)) {
      throw new IllegalArgumentException(
          "'" + shown + "' is not a glob: it has a '[' without its ']'");
    }
    String name = UnitType.of(written).isPresent() ? written : written + ".service";
    if (name.length() > LONGEST) {
      throw new IllegalArgumentException(
          "'"
              + shown
              + "' is too long for a unit name: "
              + name.length()
              + " characters, and at most "
              + LONGEST
              + " can be held");
    }
    if (name.startsWith("@") || name.startsWith(".")) {
      throw new IllegalArgumentException(
          "'" + shown + "' is not a unit name: it begins with '" + name.charAt(0) + "'");
    }
    if (name.indexOf('@') != name.lastIndexOf('@') && isGlob(name)) {
      throw new IllegalArgumentException(
          "'" + shown + "' is not a glob of units: it has more than one '@'");
    }
    return new UnitName(name);
  }

  private static String describe(char c) {
    return c == '/'
        ? "a slash"
        : c < 32 || c == 127 ? "a control character" : "'" + (c < 127 ? c : '?') + "'";
  }

  /** True for the name of a unit or a template as systemd has them, which is no glob. */
  public static boolean isUnit(String name) {
    if (name.length() > 255 || name.startsWith(".") || UnitType.of(name).isEmpty()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (LETTERS.indexOf(name.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The text for a terminal: unprintable characters are replaced, and it is cut to 60 characters.
   */
  public static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length() && i < 60; i++) {
      char c = text.charAt(i);
      shown.append(isUnprintable(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return text.length() > 60 ? shown.append("...").toString() : shown.toString();
  }

  /**
   * True when all characters are printable ASCII, as in every name that systemd takes. Any other
   * name in a directory may be one that this process's locale cannot even express.
   */
  public static boolean isAscii(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < ' ' || name.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /**
   * A file's name for a message: a question mark for each character that is not printable ASCII.
   */
  public static String ascii(String name) {
    StringBuilder shown = new StringBuilder(name);
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < ' ' || name.charAt(i) > '~') {
        shown.setCharAt(i, '?');
      }
    }
    return shown.toString();
  }

  /**
   * True for a control character and for other characters that end a line or change its direction.
   */
  public static boolean isUnprintable(char c) {
    return Character.isISOControl(c)
        || c == '\u2028'
        || c == '\u2029'
        || c >= '\u202a' && c <= '\u202e'
        || c >= '\u2066' && c <= '\u2069';
  }

  private static boolean isGlob(String name) {
    for (int i = 0; i < GLOB.length(); i++) {
      if (name.indexOf(GLOB.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** True when the name stands for every unit that it matches. */
  public boolean isGlob() {
    return isGlob(text);
  }

  /** True when this glob matches the name of a unit. */
  public boolean matches(String unit) {
    return Glob.matches(text, unit);
  }

  /** True for a template, such as {@code foo@.service}. */
  public boolean isTemplate() {
    return isTemplate(text);
  }

  /** True for a template, such as {@code foo@.service}. */
  public static boolean isTemplate(String unit) {
    int at = unit.indexOf('@');
    return at > 0 && at + 1 == unit.lastIndexOf('.');
  }

  /** The name without suffix: {@code foo@bar} of {@code foo@bar.service}. */
  public static String stem(String unit) {
    int dot = unit.lastIndexOf('.');
    return dot < 0 ? unit : unit.substring(0, dot);
  }

  /**
   * The template of an instance, {@code foo@.service} of {@code foo@bar.service}; null when it is
   * none.
   */
  public static String templateOf(String unit) {
    int at = unit.indexOf('@');
    int dot = unit.lastIndexOf('.');
    return at > 0 && dot > at + 1 ? unit.substring(0, at + 1) + unit.substring(dot) : null;
  }

  /** The glob that matches all instances of a template. */
  public static String globOf(String template) {
    return stem(template) + "*" + template.substring(template.lastIndexOf('.'));
  }

  @Override
  public String toString() {
    return text;
  }
}
