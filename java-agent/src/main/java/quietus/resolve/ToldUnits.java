// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import quietus.systemd.SystemdQuestions;
import quietus.unit.Unit;

/** What systemd told in one search, so that it is not asked twice. */
final class ToldUnits {
  private final SystemdQuestions systemd;

  /** By the name that was asked for and by the unit's own. */
  private final Map<String, Unit> told = new HashMap<>();

  ToldUnits(SystemdQuestions systemd) {
    this.systemd = systemd;
  }

  /**
   * As {@link SystemdQuestions#load}, but a unit that was told is not asked for again: not until
   * one is met that is down. That one may have been loaded for the asking only, and systemd then
   * tells more of those that it refers to.
   */
  Map<String, Unit> load(Collection<String> names) {
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      if (!told.containsKey(name)) {
        unknown.add(name);
      }
    }
    boolean isStale = false;
    if (!unknown.isEmpty()) {
      for (Map.Entry<String, Unit> one : systemd.load(unknown).entrySet()) {
        Unit unit = one.getValue();
        told.put(one.getKey(), unit);
        told.putIfAbsent(unit.id(), unit);
        isStale |= unit.state().isFound() && unit.state().isDown();
      }
    }
    Map<String, Unit> units = new LinkedHashMap<>();
    for (String name : names) {
      units.put(name, told.get(name));
    }
    if (isStale) {
      told.clear();
    }
    return units;
  }
}
