// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.State;
import quietus.unit.UnitType;

/**
 * Orders units so that activators come first: with a stop job pending they start nothing
 * (docs/systemd-facts.md).
 */
public final class ActivatorsFirst {
  private ActivatorsFirst() {}

  public static List<String> of(Iterable<String> units) {
    List<String> first = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (String unit : units) {
      (UnitType.activates(unit) ? first : rest).add(unit);
    }
    first.addAll(rest);
    return first;
  }

  /**
   * The units that are not down.
   *
   * @param waiting units that count as up because a job of theirs is queued
   */
  public static List<String> up(Map<String, State> states, Set<String> waiting) {
    List<String> up = new ArrayList<>();
    for (Map.Entry<String, State> entry : states.entrySet()) {
      if (!entry.getValue().isDead() || waiting.contains(entry.getKey())) {
        up.add(entry.getKey());
      }
    }
    return of(up);
  }
}
