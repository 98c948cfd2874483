// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Conditions and assertions on paths, evaluated when a unit starts (systemd.unit(5)). Other kinds
 * are not modelled: they are true.
 */
final class Checks {
  private Checks() {}

  /**
   * @param kind {@code Assert} or {@code Condition}
   */
  static boolean hold(String kind, UnitText text) {
    boolean hasTrigger = false;
    boolean triggered = false;
    for (String[] check : text.checks(kind)) {
      String value = check[1];
      boolean isTrigger = value.startsWith("|");
      value = isTrigger ? value.substring(1) : value;
      boolean negated = value.startsWith("!");
      value = (negated ? value.substring(1) : value).strip();
      boolean holds = one(check[0], value) != negated;
      if (isTrigger) {
        hasTrigger = true;
        triggered |= holds;
      } else if (!holds) {
        return false;
      }
    }
    return !hasTrigger || triggered;
  }

  private static boolean one(String what, String value) {
    return switch (what) {
      case "PathExists" -> Files.exists(Path.of(value));
      case "PathIsDirectory" -> Files.isDirectory(Path.of(value));
      case "PathIsSymbolicLink" -> Files.isSymbolicLink(Path.of(value));
      case "FileNotEmpty" ->
          Files.isRegularFile(Path.of(value)) && Path.of(value).toFile().length() > 0;
      case "DirectoryNotEmpty" -> isNotEmpty(Path.of(value));
      default -> true;
    };
  }

  static boolean isNotEmpty(Path directory) {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isPresent();
    } catch (IOException e) {
      return false;
    }
  }
}
