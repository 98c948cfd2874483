// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.List;

/**
 * The assignments of a unit's fragment and drop-ins, in the order in which they count
 * (systemd.syntax(7)).
 */
final class UnitText {
  /**
   * The text of a unit that has no file, or whose file says nothing to systemd (masked, not found).
   */
  static final UnitText EMPTY = new UnitText(List.of());

  private record Assignment(String section, String key, String value) {}

  private final List<Assignment> assignments;

  private UnitText(List<Assignment> assignments) {
    this.assignments = assignments;
  }

  static UnitText parse(List<String> files) {
    List<Assignment> assignments = new ArrayList<>();
    for (String file : files) {
      String section = "";
      StringBuilder pending = new StringBuilder();
      for (String raw : file.split("\n", -1)) {
        String line = raw.strip();
        if (line.startsWith("#") || line.startsWith(";") || line.isEmpty() && pending.isEmpty()) {
          continue;
        }
        if (line.endsWith("\\")) {
          pending.append(line, 0, line.length() - 1).append(' ');
          continue;
        }
        line = pending.append(line).toString().strip();
        pending.setLength(0);
        if (line.startsWith("[") && line.endsWith("]")) {
          section = line.substring(1, line.length() - 1);
        } else if (line.indexOf('=') > 0) {
          int equals = line.indexOf('=');
          assignments.add(
              new Assignment(
                  section, line.substring(0, equals).strip(), line.substring(equals + 1).strip()));
        }
      }
    }
    return new UnitText(assignments);
  }

  /** The last value of a key, or a default when it has none or an empty one. */
  String last(String section, String key, String otherwise) {
    String value = otherwise;
    for (Assignment a : assignments) {
      if (a.section.equals(section) && a.key.equals(key)) {
        value = a.value.isEmpty() ? otherwise : a.value;
      }
    }
    return value;
  }

  boolean isTrue(String section, String key, boolean otherwise) {
    return switch (last(section, key, otherwise ? "yes" : "no")
        .toLowerCase(java.util.Locale.ROOT)) {
      case "1", "yes", "y", "true", "t", "on" -> true;
      default -> false;
    };
  }

  /** All values of a key; an empty assignment forgets those before it. */
  List<String> lines(String section, String key) {
    List<String> lines = new ArrayList<>();
    for (Assignment a : assignments) {
      if (a.section.equals(section) && a.key.equals(key)) {
        if (a.value.isEmpty()) {
          lines.clear();
        } else {
          lines.add(a.value);
        }
      }
    }
    return lines;
  }

  /**
   * All words of all values of a key that an empty assignment does not reset, as with dependencies.
   */
  List<String> words(String section, String key) {
    List<String> words = new ArrayList<>();
    for (Assignment a : assignments) {
      if (a.section.equals(section) && a.key.equals(key)) {
        for (String word : a.value.split("\\s+")) {
          if (!word.isEmpty()) {
            words.add(word);
          }
        }
      }
    }
    return words;
  }

  /**
   * The keys and values of a kind of check: {@code Assert} or {@code Condition}. An empty value of
   * any of them forgets those before it.
   */
  List<String[]> checks(String kind) {
    List<String[]> checks = new ArrayList<>();
    for (Assignment a : assignments) {
      if (a.section.equals("Unit") && a.key.startsWith(kind)) {
        if (a.value.isEmpty()) {
          checks.clear();
        } else {
          checks.add(new String[] {a.key.substring(kind.length()), a.value});
        }
      }
    }
    return checks;
  }

  boolean has(String section) {
    for (Assignment a : assignments) {
      if (a.section.equals(section)) {
        return true;
      }
    }
    return false;
  }

  /** A time span (systemd.time(7)) in microseconds; negative when it is {@code infinity}. */
  long span(String section, String key, long otherwise) {
    String value = last(section, key, null);
    return value == null ? otherwise : span(value);
  }

  static long span(String value) {
    if (value.equals("infinity")) {
      return -1;
    }
    double total = 0;
    java.util.regex.Matcher part =
        java.util.regex.Pattern.compile("([0-9.]+)\\s*([a-zA-Z]*)").matcher(value);
    while (part.find()) {
      total +=
          Double.parseDouble(part.group(1))
              * switch (part.group(2)) {
                case "us", "usec" -> 1;
                case "ms", "msec" -> 1e3;
                case "m", "min", "minute", "minutes" -> 60e6;
                case "h", "hr", "hour", "hours" -> 3600e6;
                case "d", "day", "days" -> 86400e6;
                case "w", "week", "weeks" -> 7 * 86400e6;
                default -> 1e6;
              };
    }
    return (long) total;
  }
}
