// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;

/** What the port says of a unit of the model. */
final class Describe {
  private static final Map<Relation, Dep> DEPS = new EnumMap<>(Relation.class);

  static {
    for (Relation relation : Relation.values()) {
      DEPS.put(relation, Dep.valueOf(relation.name()));
    }
  }

  private Describe() {}

  static Unit unit(Machine machine, ModelUnit unit) {
    UnitConfig config = unit.config;
    UnitPath now = machine.units.look();
    State state =
        new State(
            config.load(), unit.active().text(), unit.sub(), unit.job == null ? 0 : unit.job.id);
    Map<Relation, List<String>> relations = new EnumMap<>(Relation.class);
    DEPS.forEach(
        (relation, dep) -> {
          int since = relation == Relation.UPHELD_BY ? 251 : dep.since();
          List<String> others = unit.deps(dep).stream().map(ModelUnit::id).toList();
          if (!others.isEmpty() && machine.version >= since) {
            relations.put(relation, others);
          }
        });
    Unit.File file =
        new Unit.File(
            fragment(machine, config),
            config.dropIns().stream().map(Path::toString).toList(),
            enablement(machine, unit, now),
            unit.isTransient,
            config.needsReload(now));
    return new Unit(unit.id(), unit.names(), state, file, relations, traits(machine, unit));
  }

  private static String fragment(Machine machine, UnitConfig config) {
    if (config.fragment() == null) {
      return "";
    }
    return config.load().equals("masked") && machine.version < 254
        ? "/dev/null"
        : config.fragment().toString(); // docs/systemd-facts.md, Masks: mask a transient unit
  }

  private static Unit.Traits traits(Machine machine, ModelUnit unit) {
    if (unit instanceof ServiceUnit service) {
      UnitText text = unit.text();
      boolean isLoaded = unit.isLoaded();
      return new Unit.Traits(
          machine.processes.in(service.settings().group()).isEmpty()
              ? ""
              : service.settings().group(),
          isLoaded ? service.settings().type() : "simple",
          text.last("Service", "Restart", "no"),
          service.settings().busName(),
          service.settings().remains(),
          unit.active().isUp() || service.isPinned() ? service.settings().storedDescriptors() : 0,
          false,
          List.of(),
          false,
          false);
    }
    if (unit instanceof SocketUnit socket) {
      return new Unit.Traits(
          "", "", "", "", false, 0, socket.accepts(), socket.listens(), false, false);
    }
    if (unit instanceof TimerUnit timer) {
      return new Unit.Traits(
          "", "", "", "", false, 0, false, List.of(), timer.isPersistent(), timer.isMonotonic());
    }
    return Unit.Traits.NONE;
  }

  /**
   * UnitFileState, as far as the model has it: aliases of enabled units are not distinguished from
   * enabled ones.
   */
  private static String enablement(Machine machine, ModelUnit unit, UnitPath now) {
    String id = unit.id();
    Path file = now.file(id);
    if (file == null) {
      return "";
    }
    boolean isRuntime = file.startsWith(machine.root.resolve("run"));
    if (now.isMasked(id)) {
      return isRuntime ? "masked-runtime" : "masked";
    }
    String dir = file.getParent().toString();
    if (dir.endsWith("systemd/transient")) {
      return "transient";
    }
    if (dir.contains("systemd/generator")) {
      return "generated";
    }
    List<Path> links = new ArrayList<>(now.enablements(id));
    for (String alias : now.names(id)) {
      if (!alias.equals(id)) {
        links.add(now.entry(alias));
      }
    }
    links.removeIf(l -> l == null || !isConfig(machine, l));
    if (links.stream().anyMatch(l -> l.startsWith(machine.root.resolve("etc")))) {
      return "enabled";
    }
    if (!links.isEmpty()) {
      return "enabled-runtime";
    }
    UnitText text = unit.text();
    boolean isInstallable =
        Set.of("WantedBy", "RequiredBy", "Alias", "UpheldBy").stream()
            .anyMatch(k -> !text.words("Install", k).isEmpty());
    return isInstallable
        ? "disabled"
        : text.words("Install", "Also").isEmpty() ? "static" : "indirect";
  }

  private static boolean isConfig(Machine machine, Path link) {
    Path etc = machine.root.resolve("etc/systemd/system");
    Path run = machine.root.resolve("run/systemd/system");
    return link.startsWith(etc) || link.startsWith(run);
  }

  /** A shell glob as a regular expression. */
  static String glob(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        case '[', ']' -> regex.append(c);
        default -> regex.append(java.util.regex.Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.toString();
  }
}
