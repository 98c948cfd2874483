// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import quietus.systemd.SystemdException;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * The units that systemd has in its memory: loading, linking, reloading, garbage collection
 * (src/core/unit.c, manager.c).
 */
final class Units {
  private final Machine machine;
  private final Map<String, ModelUnit> byName = new LinkedHashMap<>();
  private final Map<String, ModelUnit> byId = new LinkedHashMap<>();
  private UnitPath path;
  private boolean answering;
  private UnitPath scanned;

  Units(Machine machine) {
    this.machine = machine;
  }

  Collection<ModelUnit> all() {
    return List.copyOf(byId.values());
  }

  /** Answers a question about several units from one scan of the unit directories. */
  <T> Map<String, T> answer(Collection<String> names, BiFunction<String, ModelUnit, T> of) {
    Map<String, T> answers = new LinkedHashMap<>();
    answering = true;
    try {
      for (String name : names) {
        answers.put(name, of.apply(name, load(name)));
      }
    } finally {
      answering = false;
      scanned = null;
    }
    return answers;
  }

  /** The unit directories as they are now. */
  UnitPath look() {
    if (!answering) {
      return UnitPath.scan(machine.root);
    }
    if (scanned == null) {
      scanned = UnitPath.scan(machine.root);
    }
    return scanned;
  }

  /** A loaded unit by any of its names, null when it is not loaded. */
  ModelUnit get(String name) {
    return byName.get(name);
  }

  /**
   * A unit by any of its names; it is loaded if it is not, and looked for again if it was not
   * found.
   */
  ModelUnit load(String name) {
    if (UnitType.of(name).isEmpty() || name.contains("/")) {
      throw new SystemdException(
          "org.freedesktop.DBus.Error.InvalidArgs", "Unit name " + name + " is not valid.");
    }
    if (UnitName.isTemplate(name)) {
      throw new SystemdException(
          "org.freedesktop.DBus.Error.InvalidArgs",
          "Unit name " + name + " is missing the instance name.");
    }
    ModelUnit known = byName.get(name);
    if (known != null && (known.isLoaded() || known.config.load().equals("masked"))) {
      return known;
    }
    path = look();
    return load(name, true);
  }

  private ModelUnit load(String name, boolean retry) {
    ModelUnit known = byName.get(name);
    if (known != null) {
      if (retry && !known.isLoaded() && !known.config.load().equals("masked")) {
        read(known);
        link(known);
      }
      return known;
    }
    String id = path.primary(name);
    if (!id.equals(name) && path.isMasked(id)) {
      id = name; // an alias of what is masked cannot be merged into it: LoadState=error
      // (docs/systemd-facts.md,
      // Masks)
    }
    ModelUnit unit = byName.get(id);
    if (unit != null) {
      byName.put(name, unit);
      return unit;
    }
    unit = ModelUnit.create(machine, id);
    unit.isTransient =
        path.file(id) != null && path.file(id).getParent().endsWith("systemd/transient");
    register(unit);
    read(unit);
    link(unit);
    if (unit.isPerpetual() && unit.active() == Active.INACTIVE) {
      unit.reset(
          Active.ACTIVE,
          unit.type() == UnitType.MOUNT
              ? "mounted"
              : unit.type() == UnitType.SCOPE ? "running" : "active");
    }
    return unit;
  }

  private void register(ModelUnit unit) {
    byId.put(unit.id(), unit);
    byName.put(unit.id(), unit);
  }

  private void read(ModelUnit unit) {
    String id = unit.id();
    unit.config =
        path.primary(id).equals(id)
            ? UnitConfig.read(path, id, machine.version)
            : UnitConfig.without("error", id);
    for (String name : unit.config.names()) {
      byName.put(name, unit);
    }
    unit.configured();
  }

  /** Adds a unit's dependencies, which loads the units that they name. */
  private void link(ModelUnit unit) {
    unit.config
        .deps()
        .forEach(
            (dep, names) -> {
              for (String name : names) {
                if (UnitType.of(name).isPresent() && !name.contains("@.")) {
                  relate(unit, dep, load(name, false), true);
                }
              }
            });
    for (ModelUnit other : byId.values()) {
      if (other.type() == UnitType.TARGET && other.config != null) {
        orderTarget(other, unit);
      }
    }
    if (unit.type() == UnitType.TARGET) {
      for (ModelUnit other : unit.deps(Dep.DEFAULT_TARGET)) {
        orderTarget(unit, other);
      }
    }
  }

  /** A target is ordered after what it wants or requires, unless that is ordered after it. */
  private void orderTarget(ModelUnit target, ModelUnit other) {
    if (target != other
        && target.deps(Dep.DEFAULT_TARGET).contains(other)
        && other.config != null
        && target.isLoaded()
        && other.isLoaded()
        && target.text().isTrue("Unit", "DefaultDependencies", true)
        && other.text().isTrue("Unit", "DefaultDependencies", true)
        && !target.has(Dep.BEFORE, other)) {
      relate(target, Dep.AFTER, other, false);
    }
  }

  private boolean isAliasNow(String id) {
    String primary = path.primary(id);
    return !primary.equals(id) && !path.isMasked(primary);
  }

  void relate(ModelUnit unit, Dep dep, ModelUnit other, boolean reference) {
    if (unit == other) {
      return;
    }
    unit.deps(dep).add(other);
    other.deps(dep.inverse()).add(unit);
    if (reference) {
      unit.deps(Dep.REFERENCES).add(other);
      other.deps(Dep.REFERENCED_BY).add(unit);
    }
  }

  /** Reads every unit file again; states and jobs stay. */
  void reload() {
    path = UnitPath.scan(machine.root);
    List<ModelUnit> before = new ArrayList<>(byId.values());
    byName.clear();
    byId.clear();
    before.forEach(ModelUnit::forgetDeps);
    before.removeIf(
        u ->
            isAliasNow(u.id())
                && u.mayBeCollected()); // it is merged into the unit that it is an alias of
    for (ModelUnit unit : before) {
      register(unit);
    }
    for (ModelUnit unit : before) {
      read(unit);
    }
    for (ModelUnit unit : before) {
      link(unit);
    }
    for (ModelUnit unit : before) {
      unit.coldplug();
    }
  }

  /** Unloads every unit that is inactive, has no job, and that no unit which stays refers to. */
  void collect() {
    Set<ModelUnit> kept = new LinkedHashSet<>();
    Deque<ModelUnit> open = new ArrayDeque<>();
    for (ModelUnit unit : byId.values()) {
      if (!unit.mayBeCollected()) {
        open.add(unit);
      }
    }
    while (!open.isEmpty()) {
      ModelUnit unit = open.poll();
      if (kept.add(unit)) {
        open.addAll(unit.deps(Dep.REFERENCES));
      }
    }
    if (kept.size() == byId.size()) {
      return;
    }
    for (ModelUnit unit : all()) {
      if (!kept.contains(unit)) {
        forget(unit);
      }
    }
  }

  private void forget(ModelUnit unit) {
    unit.forgetDeps();
    byId.remove(unit.id());
    byName.values().removeIf(u -> u == unit);
    if (unit.isTransient) {
      vanish(unit);
    }
  }

  /**
   * A transient unit's file is deleted with it. Where that file is a mask, the mask or /dev/null is
   * deleted (docs/systemd-facts.md, Masks).
   */
  private void vanish(ModelUnit unit) {
    try {
      if (unit.config.load().equals("masked")) {
        if (machine.version < 254) {
          machine.deletedDevNull = true;
        } else if (unit.config.fragment() != null) {
          Files.deleteIfExists(unit.config.fragment());
        }
      }
      Files.deleteIfExists(machine.root.resolve("run/systemd/transient").resolve(unit.id()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The unit directories as they were when something was last read. */
  UnitPath path() {
    if (path == null) {
      path = UnitPath.scan(machine.root);
    }
    return path;
  }

  void clear() {
    all().forEach(ModelUnit::powerOff);
    byId.clear();
    byName.clear();
    path = null;
  }

  Path fileOf(ModelUnit unit) {
    return unit.config.fragment();
  }
}
