// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Collection;
import java.util.Set;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitType;

/**
 * The state that a unit will have, as far as that can be known in advance. How a program reacts to
 * its stop signal or its start is not known.
 */
public final class Forecast {
  private Forecast() {}

  /**
   * The state after its stop and, if it gets one, its mask.
   *
   * @param now its current state
   * @param unit its properties, or null when systemd was not asked for them
   * @param masked true when it gets a mask
   */
  public static State down(State now, Unit unit, boolean masked) {
    // A oneshot whose program ends by a signal has failed, unlike any other service
    // (systemd.service(5), SuccessExitStatus=).
    boolean cutShort =
        unit != null
            && unit.traits().serviceType().equals("oneshot")
            && now.active().equals("activating")
            && now.sub().equals("start");
    String end = cutShort || now.active().equals("failed") ? "failed" : "dead";
    return new State(
        masked ? "masked" : now.isUp() ? "not-found" : now.load(),
        end.equals("dead") ? "inactive" : end,
        end,
        0);
  }

  /**
   * The state after its start.
   *
   * @param running the SubState of a service that is up
   * @param triggers the units that it starts
   * @param up the units that will be up
   */
  public static State up(String name, String running, Collection<String> triggers, Set<String> up) {
    boolean woke = false;
    for (String other : triggers) {
      woke |= up.contains(other);
    }
    return new State(
        "loaded",
        "active",
        switch (UnitType.of(name).orElse(UnitType.SERVICE)) {
          case SERVICE -> running;
          case SOCKET -> woke ? "running" : "listening";
          case PATH, AUTOMOUNT -> woke ? "running" : "waiting";
          case TIMER -> "waiting";
          case MOUNT -> "mounted";
          case SCOPE -> "running";
          default -> "active";
        },
        0);
  }
}
