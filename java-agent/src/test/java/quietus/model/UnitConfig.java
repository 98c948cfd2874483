// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * What was read of one unit when it was loaded; it stays so until the next reload.
 *
 * @param load LoadState
 * @param names all its names, the primary one first
 * @param fragment its file, null when it has none
 * @param deps the dependencies that it declares, by name
 * @param contents of the files that were read, to see whether they changed
 */
record UnitConfig(
    String load,
    Set<String> names,
    Path fragment,
    List<Path> dropIns,
    UnitText text,
    Map<Dep, Set<String>> deps,
    List<String> contents) {
  private static final Map<String, Dep> KEYS =
      Map.ofEntries(
          Map.entry("Requires", Dep.REQUIRES),
          Map.entry("Requisite", Dep.REQUISITE),
          Map.entry("Wants", Dep.WANTS),
          Map.entry("BindsTo", Dep.BINDS_TO),
          Map.entry("PartOf", Dep.PART_OF),
          Map.entry("Upholds", Dep.UPHOLDS),
          Map.entry("Conflicts", Dep.CONFLICTS),
          Map.entry("Before", Dep.BEFORE),
          Map.entry("After", Dep.AFTER),
          Map.entry("OnFailure", Dep.ON_FAILURE),
          Map.entry("OnSuccess", Dep.ON_SUCCESS),
          Map.entry("PropagatesStopTo", Dep.PROPAGATES_STOP_TO),
          Map.entry("StopPropagatedFrom", Dep.STOP_PROPAGATED_FROM));

  static UnitConfig without(String load, String name) {
    return new UnitConfig(load, Set.of(name), null, List.of(), UnitText.EMPTY, Map.of(), List.of());
  }

  /** Reads a unit by its primary name. */
  static UnitConfig read(UnitPath path, String id, int version) {
    Set<String> names = path.names(id);
    Path file = path.file(id);
    if (path.isMasked(id)) {
      return new UnitConfig(
          "masked", Set.of(id), file, List.of(), UnitText.EMPTY, Map.of(), List.of());
    }
    UnitType type = UnitType.of(id).orElseThrow();
    List<Path> dropIns = path.dropIns(names);
    boolean fileless = type == UnitType.SLICE || type == UnitType.DEVICE || type == UnitType.SCOPE;
    if (file == null && (!fileless || id.equals("-.slice")) && !isPerpetual(id)) {
      return without("not-found", id);
    }
    List<String> contents = new ArrayList<>();
    if (file != null) {
      contents.add(contents(file));
    }
    dropIns.forEach(d -> contents.add(contents(d)));
    UnitText text = UnitText.parse(contents.stream().map(c -> specifiers(c, id)).toList());
    if (type == UnitType.SERVICE
        && text.lines("Service", "ExecStart").isEmpty()
        && !text.last("Service", "Type", "").equals("oneshot")) {
      return new UnitConfig(
          "bad-setting", names, file, dropIns, UnitText.EMPTY, Map.of(), contents);
    }
    Map<Dep, Set<String>> deps = new EnumMap<>(Dep.class);
    KEYS.forEach((key, dep) -> add(deps, dep, text.words("Unit", key)));
    add(deps, Dep.WANTS, path.linked(names, "wants"));
    add(deps, Dep.REQUIRES, path.linked(names, "requires"));
    if (version >= 254) {
      add(deps, Dep.UPHOLDS, path.linked(names, "upholds"));
    }
    if (version < 249) {
      deps.keySet().removeIf(d -> d.since() > version);
    }
    ImplicitDeps.add(deps, id, type, text, path);
    return new UnitConfig("loaded", names, file, dropIns, text, deps, contents);
  }

  private static void add(Map<Dep, Set<String>> deps, Dep dep, Iterable<String> names) {
    for (String name : names) {
      deps.computeIfAbsent(dep, d -> new LinkedHashSet<>()).add(name);
    }
  }

  static boolean isPerpetual(String id) {
    return id.equals("-.slice")
        || id.equals("system.slice")
        || id.equals("init.scope")
        || id.equals("-.mount");
  }

  static String contents(Path file) {
    try {
      return Files.readString(file);
    } catch (java.nio.file.NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces the specifiers of systemd.unit(5) that name the unit. */
  static String specifiers(String text, String id) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    String stem = UnitName.stem(id);
    int at = stem.indexOf('@');
    String prefix = at < 0 ? stem : stem.substring(0, at);
    String instance = UnitPath.instance(id);
    return text.replace("%%", "\0")
        .replace("%n", id)
        .replace("%N", stem)
        .replace("%p", prefix)
        .replace("%P", prefix)
        .replace("%i", instance)
        .replace("%I", instance)
        .replace("\0", "%");
  }

  /**
   * NeedDaemonReload: a file that was read has changed, or there are other drop-ins. A mask or a
   * file that outranks is not noticed (docs/systemd-facts.md, Masks).
   */
  boolean needsReload(UnitPath now) {
    if (load.equals("masked")) {
      return fragment != null
          && !now.isMasked(names.iterator().next())
          && !Files.isSymbolicLink(fragment);
    }
    if (!now.dropIns(names).equals(dropIns)) {
      return true;
    }
    List<String> read = new ArrayList<>();
    if (fragment != null) {
      read.add(contents(fragment));
    }
    dropIns.forEach(d -> read.add(contents(d)));
    return !read.equals(contents);
  }
}
