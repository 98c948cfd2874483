// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * What lies in systemd's unit directories at one moment (systemd.unit(5), table 1;
 * src/basic/unit-file.c): which file a name means, which names are aliases, which are masked, and
 * which drop-ins and {@code .wants} links there are.
 */
final class UnitPath {
  private static final List<String> DIRECTORIES =
      List.of(
          "etc/systemd/system.control",
          "run/systemd/system.control",
          "run/systemd/transient",
          "run/systemd/generator.early",
          "etc/systemd/system",
          "etc/systemd/system.attached",
          "run/systemd/system",
          "run/systemd/system.attached",
          "run/systemd/generator",
          "usr/local/lib/systemd/system",
          "usr/lib/systemd/system",
          "run/systemd/generator.late");

  private final Path root;
  private final List<Path> directories;

  /** By name: the first entry in the order of the directories. */
  private final Map<String, Path> entries = new HashMap<>();

  /**
   * By the name of a directory such as {@code foo.service.d}: where it is, the first outranks the
   * others.
   */
  private final Map<String, List<Path>> extra = new HashMap<>();

  /** By a name: the name that its link leads to. */
  private final Map<String, String> links = new TreeMap<>();

  private UnitPath(Path root) {
    this.root = root;
    this.directories = directories(root);
  }

  /** systemd's search path below a root, first the directory that outranks all. */
  static List<Path> directories(Path root) {
    return DIRECTORIES.stream().map(root::resolve).toList();
  }

  static UnitPath scan(Path root) {
    UnitPath path = new UnitPath(root);
    for (Path dir : path.directories) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(dir)) {
        for (Path entry : stream) {
          path.add(entry);
        }
      } catch (java.nio.file.NoSuchFileException | java.nio.file.NotDirectoryException e) {
        // a directory of the search path need not be there
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return path;
  }

  private void add(Path entry) throws IOException {
    String name = entry.getFileName().toString();
    String suffix = name.substring(name.lastIndexOf('.') + 1);
    if (suffix.equals("d")
        || suffix.equals("wants")
        || suffix.equals("requires")
        || suffix.equals("upholds")) {
      if (Files.isDirectory(entry)) {
        extra.computeIfAbsent(name, n -> new ArrayList<>()).add(entry);
      }
      return;
    }
    if (UnitType.of(name).isEmpty() || entries.containsKey(name)) {
      return;
    }
    entries.put(name, entry);
    if (Files.isSymbolicLink(entry)) {
      Path target = Files.readSymbolicLink(entry);
      String last = target.getFileName().toString();
      if (isUnitDirectory(entry, target) && !last.equals(name)) {
        links.put(name, last);
      }
    }
  }

  private boolean isUnitDirectory(Path entry, Path target) {
    Path whole = entry.getParent().resolve(target).normalize().getParent();
    return whole != null
        && (directories.contains(whole)
            || directories.contains(root.resolve("./" + whole).normalize()));
  }

  private static boolean isNull(Path entry) {
    try {
      return Files.isSymbolicLink(entry)
          ? Files.readSymbolicLink(entry).toString().equals("/dev/null")
          : Files.isRegularFile(entry) && Files.size(entry) == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The unit that a name means: the name itself, or, for an alias, the name at the end of its
   * links.
   */
  String primary(String name) {
    String current = name;
    for (int i = 0; i < 8; i++) {
      String next = links.get(current);
      if (next == null && !entries.containsKey(current)) {
        String template = UnitName.templateOf(current);
        next = template == null ? null : links.get(template);
      }
      if (next == null) {
        return current;
      }
      current =
          UnitName.isTemplate(next) ? next.replace("@.", "@" + instance(current) + ".") : next;
    }
    return current;
  }

  static String instance(String name) {
    int at = name.indexOf('@');
    return at < 0 ? "" : name.substring(at + 1, name.lastIndexOf('.'));
  }

  /** All names of a unit: the primary one first, then its aliases. */
  Set<String> names(String primary) {
    Set<String> names = new LinkedHashSet<>();
    names.add(primary);
    for (String alias : links.keySet()) {
      if (UnitName.isTemplate(alias)) {
        String name = alias.replace("@.", "@" + instance(primary) + ".");
        if (!instance(primary).isEmpty()
            && !entries.containsKey(name)
            && primary(name).equals(primary)) {
          names.add(name);
        }
      } else if (primary(alias).equals(primary)) {
        names.add(alias);
      }
    }
    return names;
  }

  /**
   * The file of a primary name, also that of its template; null when there is none. A mask is its
   * link.
   */
  Path file(String primary) {
    Path entry = entries.get(primary);
    if (entry == null && UnitName.templateOf(primary) != null) {
      entry = entries.get(UnitName.templateOf(primary));
    }
    return entry;
  }

  boolean isMasked(String primary) {
    Path entry = file(primary);
    return entry != null && isNull(entry);
  }

  /** The drop-ins that apply to a unit, in the order in which they are read. */
  List<Path> dropIns(Set<String> names) {
    Map<String, Path> found = new TreeMap<>();
    for (Path dir : directories) {
      for (String name : names) {
        for (String variant : variants(name)) {
          collect(dir, variant + ".d", ".conf", found);
        }
      }
    }
    for (Path dir : directories) {
      String first = names.iterator().next();
      collect(dir, first.substring(first.lastIndexOf('.') + 1) + ".d", ".conf", found);
    }
    found.values().removeIf(UnitPath::isNull);
    return List.copyOf(found.values());
  }

  private void collect(Path dir, String name, String suffix, Map<String, Path> found) {
    for (Path where : extra.getOrDefault(name, List.of())) {
      if (where.getParent().equals(dir)) {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(where)) {
          for (Path file : stream) {
            if (file.getFileName().toString().endsWith(suffix)) {
              found.putIfAbsent(file.getFileName().toString(), file);
            }
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /**
   * The names whose {@code .d} directories apply: the unit's, its template's, and those of its
   * dashed prefixes.
   */
  private static List<String> variants(String name) {
    List<String> variants = new ArrayList<>();
    String suffix = name.substring(name.lastIndexOf('.'));
    variants.add(name);
    if (UnitName.templateOf(name) != null) {
      variants.add(UnitName.templateOf(name));
    }
    String stem = UnitName.stem(name);
    int at = stem.indexOf('@');
    String prefix = at < 0 ? stem : stem.substring(0, at);
    for (int dash = prefix.lastIndexOf('-'); dash > 0; dash = prefix.lastIndexOf('-', dash - 1)) {
      variants.add(prefix.substring(0, dash + 1) + suffix);
    }
    return variants;
  }

  /** The units that are linked in {@code <name>.wants}, {@code .requires} or {@code .upholds}. */
  Set<String> linked(Set<String> names, String suffix) {
    Map<String, Path> found = new LinkedHashMap<>();
    for (Path dir : directories) {
      for (String name : names) {
        collect(dir, name + "." + suffix, "", found);
        if (UnitName.templateOf(name) != null) {
          collect(dir, UnitName.templateOf(name) + "." + suffix, "", found);
        }
      }
    }
    found.entrySet().removeIf(e -> UnitType.of(e.getKey()).isEmpty() || isNull(e.getValue()));
    return new java.util.TreeSet<>(found.keySet());
  }

  /** The directories in which links enable a unit, with the unit's name in them. */
  List<Path> enablements(String name) {
    List<Path> found = new ArrayList<>();
    for (Map.Entry<String, List<Path>> dirs : extra.entrySet()) {
      if (!dirs.getKey().endsWith(".d")) {
        for (Path dir : dirs.getValue()) {
          Path link = dir.resolve(name);
          if (Files.exists(link, LinkOption.NOFOLLOW_LINKS) && !isNull(link)) {
            found.add(link);
          }
        }
      }
    }
    return found;
  }

  Path entry(String name) {
    return entries.get(name);
  }
}
