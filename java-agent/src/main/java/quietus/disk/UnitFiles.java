// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * The files in systemd's unit directories, whether systemd has loaded it or not. Read once, when
 * first asked.
 */
public final class UnitFiles {
  private static final long LARGEST = 1 << 20;

  private final Supplier<List<Path>> search;
  private List<Path> unitPath;
  private Map<String, String> activators;

  /**
   * @param unitPath systemd's search path
   */
  public UnitFiles(List<Path> unitPath) {
    this.search = null;
    this.unitPath = List.copyOf(unitPath);
  }

  /**
   * @param unitPath tells systemd's search path; asked once, when it is first needed
   */
  public UnitFiles(Supplier<List<Path>> unitPath) {
    this.search = unitPath;
  }

  /** systemd's search path, the first directory outranks the others. */
  public List<Path> unitPath() {
    if (unitPath == null) {
      unitPath = List.copyOf(search.get());
    }
    return unitPath;
  }

  /**
   * The activators on disk that may start one of some units: those of the same stem, and those
   * whose text names it. systemd itself has the last word, when they are loaded.
   */
  public Set<String> activatorsOf(Collection<String> names) {
    Set<String> found = new LinkedHashSet<>();
    for (Map.Entry<String, String> activator : activators().entrySet()) {
      for (String name : names) {
        String stem = UnitName.stem(name);
        int at = stem.indexOf('@');
        String template = at > 0 ? stem.substring(0, at + 1) : stem;
        String own = UnitName.stem(activator.getKey());
        if (own.equals(stem)
            || own.equals(template)
            || at > 0 && own.equals(stem.substring(0, at))
            || activator.getValue().contains(template)) {
          found.add(activator.getKey());
        }
      }
    }
    return found;
  }

  /**
   * The units whose text has a line of this key that names a unit, such as {@code
   * Upholds=myapi.service}.
   */
  public Set<String> thatSay(String key, String unit) {
    Set<String> found = new TreeSet<>();
    for (Path dir : unitPath()) {
      for (String name : names(dir)) {
        String owner = name.endsWith(".d") ? name.substring(0, name.length() - 2) : name;
        if (UnitType.of(owner).isPresent() && says(text(dir.resolve(name)), key, unit)) {
          found.add(owner);
        }
      }
    }
    return found;
  }

  private static boolean says(String text, String key, String unit) {
    for (String line : text.split("\n")) {
      String trimmed = line.trim();
      if (trimmed.startsWith(key + "=")) {
        for (String word : trimmed.substring(key.length() + 1).trim().split("\\s+")) {
          if (word.equals(unit)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Names of all unit files that match a glob's regular expression, templates included. */
  public Set<String> matching(java.util.function.Predicate<String> wanted) {
    Set<String> found = new TreeSet<>();
    for (Path dir : unitPath()) {
      for (String name : names(dir)) {
        if (UnitType.of(name).isPresent() && wanted.test(name)) {
          found.add(name);
        }
      }
    }
    return found;
  }

  /** True when a file of that name is in one of the directories. */
  public boolean has(String unit) {
    for (Path dir : unitPath()) {
      if (Files.exists(dir.resolve(unit), LinkOption.NOFOLLOW_LINKS)) {
        return true;
      }
    }
    return false;
  }

  /**
   * True when a unit is enabled: a link in {@code TARGET.wants} or the like, or an alias, in one of
   * the directories into which systemctl(1) writes such links.
   */
  public boolean isInstalled(String unit) {
    for (Path dir : unitPath()) {
      String path = dir.toString();
      if (!path.endsWith("/systemd/system") && !path.endsWith("/systemd/user")
          || path.contains("/lib/")
          || path.contains("/share/")) {
        continue;
      }
      for (Path entry : Directories.entries(dir)) {
        String name = entry.getFileName().toString();
        if (name.endsWith(".wants") || name.endsWith(".requires") || name.endsWith(".upholds")
            ? Files.isSymbolicLink(entry.resolve(unit))
            : !name.equals(unit) && isAlias(entry, unit)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAlias(Path entry, String unit) {
    try {
      return Files.isSymbolicLink(entry)
          && String.valueOf(Files.readSymbolicLink(entry).getFileName()).equals(unit);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The units whose files or drop-ins were written after a moment: those for which a reload may
   * change something.
   *
   * @param microseconds since 1970
   */
  public Set<String> changedSince(long microseconds) {
    Set<String> changed = new TreeSet<>();
    for (Path dir : unitPath()) {
      for (String name : names(dir)) {
        Path path = dir.resolve(name);
        String owner = name.endsWith(".d") ? name.substring(0, name.length() - 2) : name;
        if (UnitType.of(owner).isEmpty() || changed.contains(owner)) {
          continue;
        }
        if (isNewer(path, microseconds)) {
          changed.add(owner);
        } else if (!owner.equals(name)) {
          for (Path dropIn : Directories.entries(path)) {
            if (isNewer(dropIn, microseconds)) {
              changed.add(owner);
            }
          }
        }
      }
    }
    return changed;
  }

  private static boolean isNewer(Path path, long microseconds) {
    try {
      return Files.getLastModifiedTime(path).to(java.util.concurrent.TimeUnit.MICROSECONDS)
          > microseconds;
    } catch (IOException e) {
      return false;
    }
  }

  private Map<String, String> activators() {
    if (activators == null) {
      activators = new TreeMap<>();
      for (Path dir : unitPath()) {
        for (String name : names(dir)) {
          String owner = name.endsWith(".d") ? name.substring(0, name.length() - 2) : name;
          if (UnitType.activates(owner)) {
            activators.merge(owner, text(dir.resolve(name)), String::concat);
          }
        }
      }
    }
    return activators;
  }

  /** The names in a directory that a unit can have. */
  private static List<String> names(Path dir) {
    List<String> names = new ArrayList<>();
    for (Path entry : Directories.entries(dir)) {
      String name = entry.getFileName().toString();
      if (UnitName.isAscii(name)) {
        names.add(name);
      }
    }
    return names;
  }

  /** A unit file's text, or that of all drop-ins in a directory; empty when it cannot be read. */
  private static String text(Path path) {
    if (Files.isDirectory(path)) {
      StringBuilder all = new StringBuilder();
      for (Path dropIn : Directories.entries(path)) {
        all.append(text(dropIn)).append('\n');
      }
      return all.toString();
    }
    try {
      return Files.isRegularFile(path) && Files.size(path) <= LARGEST
          ? new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
          : "";
    } catch (IOException e) {
      return "";
    }
  }
}
