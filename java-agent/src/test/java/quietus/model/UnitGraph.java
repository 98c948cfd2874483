// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A set of unit files that belong together, as the lines and links that they consist of, so that it
 * can be written below any root, printed, and shrunk.
 *
 * @param units every unit of it by its primary name, templates and instances included
 * @param entries its lines and links
 * @param started the units that are started by hand after a boot, in this order
 */
public record UnitGraph(List<String> units, List<Entry> entries, List<String> started) {
  /** Stands for the root directory in a line; a real systemd gets an empty one. */
  static final String ROOT = "${ROOT}";

  /**
   * One line of a file, or one link.
   *
   * @param owner the unit that it is a part of
   * @param file where it lies, relative to the root
   * @param section its section, empty for a link and for a line outside of all sections
   * @param text the line, or the target of the link
   * @param isLink a symbolic link instead of a line
   * @param refs the other units that it names
   * @param isOptional the unit is still whole without it
   */
  public record Entry(
      String owner,
      String file,
      String section,
      String text,
      boolean isLink,
      Set<String> refs,
      boolean isOptional) {
    public Entry {
      refs = Set.copyOf(refs);
    }
  }

  public UnitGraph {
    units = List.copyOf(units);
    entries = List.copyOf(entries);
    started = List.copyOf(started);
  }

  /** The units with some suffix that can be started: no templates. */
  public List<String> units(String suffix) {
    return units.stream().filter(u -> u.endsWith(suffix) && !u.contains("@.")).toList();
  }

  /** The files by path, each with its text; a link's text is {@code -> target}. */
  public Map<String, String> files(String prefix) {
    Map<String, Map<String, StringBuilder>> sections = new TreeMap<>();
    Map<String, String> files = new TreeMap<>();
    for (Entry entry : entries) {
      if (entry.isLink) {
        files.put(entry.file, "-> " + entry.text);
      } else {
        sections
            .computeIfAbsent(entry.file, f -> new LinkedHashMap<>())
            .computeIfAbsent(entry.section, s -> new StringBuilder())
            .append(entry.text.replace(ROOT, prefix))
            .append('\n');
      }
    }
    sections.forEach(
        (file, bySection) -> {
          StringBuilder text = new StringBuilder();
          bySection.forEach(
              (section, lines) ->
                  text.append(section.isEmpty() ? "" : "[" + section + "]\n").append(lines));
          files.put(file, text.toString());
        });
    return files;
  }

  /** Writes all that outlives a boot: everything but what is in /run. */
  public void writePersistent(Path root) {
    write(root, false);
  }

  /** Writes what is in /run: to be done after a boot, and before a reload. */
  public void writeRuntime(Path root) {
    write(root, true);
  }

  private void write(Path root, boolean runtime) {
    files(root.toString())
        .forEach(
            (name, text) -> {
              if (name.startsWith("run/") == runtime) {
                Path file = root.resolve(name);
                try {
                  Files.createDirectories(file.getParent());
                  if (text.startsWith("-> ")) {
                    Files.deleteIfExists(file);
                    Files.createSymbolicLink(file, Path.of(text.substring(3)));
                  } else {
                    Files.writeString(file, text);
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
  }

  /** Boots a model on it, below a root, and brings up what is started by hand. */
  public ModelSystemd boot(Path root, int version) {
    writePersistent(root);
    ModelSystemd systemd = ModelSystemd.boot(root, version);
    bringUp(root, systemd);
    return systemd;
  }

  /**
   * What happens after each boot: the units in /run are made, and those that nobody enables are
   * started.
   */
  public void bringUp(Path root, ModelSystemd systemd) {
    writeRuntime(root);
    systemd.outside().reload();
    for (String unit : started) {
      systemd.outside().start(unit);
      systemd.pass(java.time.Duration.ofMillis(200));
    }
    systemd.pass(java.time.Duration.ofSeconds(3));
  }

  /** The graph without some units and without all that needs them. */
  UnitGraph without(Set<String> gone) {
    Set<String> all = new LinkedHashSet<>(gone);
    boolean grows = true;
    while (grows) {
      grows = false;
      for (Entry entry : entries) {
        if (!entry.isOptional
            && !all.contains(entry.owner)
            && entry.refs.stream().anyMatch(all::contains)) {
          all.add(entry.owner);
          grows = true;
        }
      }
    }
    List<String> left = units.stream().filter(u -> !all.contains(u)).toList();
    List<Entry> kept =
        entries.stream()
            .filter(e -> !all.contains(e.owner) && e.refs.stream().noneMatch(all::contains))
            .toList();
    return new UnitGraph(left, kept, started.stream().filter(u -> !all.contains(u)).toList());
  }

  UnitGraph withoutEntry(Entry gone) {
    List<Entry> kept = new ArrayList<>(entries);
    kept.remove(gone);
    return new UnitGraph(units, kept, started);
  }

  UnitGraph withoutStart(String gone) {
    return new UnitGraph(units, entries, started.stream().filter(u -> !u.equals(gone)).toList());
  }

  /** All files as they would be printed for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    files("")
        .forEach(
            (name, content) ->
                text.append(
                    content.startsWith("-> ")
                        ? "# /" + name + " " + content + "\n"
                        : "# /" + name + "\n" + content + "\n"));
    started.forEach(unit -> text.append("$ systemctl start ").append(unit).append('\n'));
    return text.toString();
  }
}
