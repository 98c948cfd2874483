// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * The dependencies that a unit has without declaring them: the implicit and the default ones of
 * systemd.service(5), systemd.socket(5), ...
 */
final class ImplicitDeps {
  private ImplicitDeps() {}

  static void add(
      Map<Dep, Set<String>> deps, String id, UnitType type, UnitText text, UnitPath path) {
    boolean defaults = text.isTrue("Unit", "DefaultDependencies", true);
    switch (type) {
      case SERVICE -> {
        for (String socket : text.words("Service", "Sockets")) {
          put(deps, Dep.WANTS, socket);
          put(deps, Dep.AFTER, socket);
          put(deps, Dep.TRIGGERED_BY, socket);
        }
        if (text.last("Service", "Type", "").equals("dbus")
            || text.last("Service", "BusName", null) != null
                && text.last("Service", "Type", null) == null) {
          put(deps, Dep.REQUIRES, "dbus.socket");
          put(deps, Dep.AFTER, "dbus.socket");
        }
        slice(deps, id, text.last("Service", "Slice", null));
        if (defaults) {
          early(deps);
          put(deps, Dep.AFTER, "basic.target");
          shutdown(deps);
        }
      }
      case SOCKET -> {
        if (!text.isTrue("Socket", "Accept", false)) {
          triggers(deps, text.last("Socket", "Service", UnitName.stem(id) + ".service"));
        }
        slice(deps, id, text.last("Socket", "Slice", null));
        activator(deps, defaults, "sockets.target");
      }
      case TIMER -> {
        triggers(deps, text.last("Timer", "Unit", UnitName.stem(id) + ".service"));
        activator(deps, defaults, "timers.target");
      }
      case PATH -> {
        triggers(deps, text.last("Path", "Unit", UnitName.stem(id) + ".service"));
        activator(deps, defaults, "paths.target");
      }
      case AUTOMOUNT -> triggers(deps, UnitName.stem(id) + ".mount");
      case TARGET, SCOPE -> {
        if (defaults) {
          shutdown(deps);
        }
      }
      case SLICE -> {
        int dash = id.lastIndexOf('-');
        if (dash > 0) {
          put(deps, Dep.REQUIRES, id.substring(0, dash) + ".slice");
          put(deps, Dep.AFTER, id.substring(0, dash) + ".slice");
        }
      }
      default -> {}
    }
  }

  private static void activator(Map<Dep, Set<String>> deps, boolean defaults, String target) {
    if (defaults) {
      early(deps);
      put(deps, Dep.BEFORE, target);
      shutdown(deps);
    }
  }

  private static void triggers(Map<Dep, Set<String>> deps, String unit) {
    put(deps, Dep.BEFORE, unit);
    put(deps, Dep.TRIGGERS, unit);
  }

  private static void early(Map<Dep, Set<String>> deps) {
    put(deps, Dep.REQUIRES, "sysinit.target");
    put(deps, Dep.AFTER, "sysinit.target");
  }

  private static void shutdown(Map<Dep, Set<String>> deps) {
    put(deps, Dep.CONFLICTS, "shutdown.target");
    put(deps, Dep.BEFORE, "shutdown.target");
  }

  private static void slice(Map<Dep, Set<String>> deps, String id, String slice) {
    String name = slice != null ? slice : slice(id);
    if (!name.equals("-.slice")) {
      put(deps, Dep.REQUIRES, name);
      put(deps, Dep.AFTER, name);
    }
  }

  /**
   * The slice that a unit is in unless it names another: an instance has one of its template's
   * name.
   */
  static String slice(String id) {
    int at = id.indexOf('@');
    return at < 0
        ? "system.slice"
        : "system-" + id.substring(0, at).replace("-", "\\x2d") + ".slice";
  }

  private static void put(Map<Dep, Set<String>> deps, Dep dep, String name) {
    deps.computeIfAbsent(dep, d -> new LinkedHashSet<>()).add(name);
  }
}
