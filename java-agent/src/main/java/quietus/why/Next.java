// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;
import quietus.unit.UnitType;

/** What would start a unit next, and when. */
public final class Next {
  private static final long SECOND = 1_000_000;

  private Next() {}

  /**
   * @param activators what could start the unit
   * @param now in microseconds since 1970
   */
  public static List<String> of(Facts unit, List<Facts> activators, long now) {
    List<String> next = new ArrayList<>();
    for (Facts activator : activators) {
      String name = activator.id();
      if (!activator.text("ActiveState").equals("active")) {
        continue;
      }
      if (name.endsWith(UnitType.TIMER.suffix())) {
        if (!activator.text("SubState").equals("elapsed")) {
          next.add(timer(name, activator, now));
        }
      } else if (name.endsWith(UnitType.SOCKET.suffix())) {
        next.add("a connection to " + name);
      } else if (name.endsWith(UnitType.PATH.suffix())) {
        next.add("what " + name + " watches for");
      } else if (name.endsWith(UnitType.AUTOMOUNT.suffix())) {
        next.add("an access to " + name);
      } else if (unit.list("UpheldBy").contains(name)) {
        next.add(name + ", which upholds it");
      } else if (name.endsWith(UnitType.TARGET.suffix())
          && unit.related("WantedBy", "RequiredBy").contains(name)) {
        next.add("a boot, or a start of " + name);
      }
    }
    if (!unit.text("BusName").isEmpty()) {
      next.add("a call of its bus name " + Words.safe(unit.text("BusName")));
    }
    return next;
  }

  /** A timer that also counts from some event may come before its calendar's time. */
  private static String timer(String name, Facts timer, long now) {
    long at = timer.number("NextElapseUSecRealtime");
    long monotonic = timer.number("NextElapseUSecMonotonic");
    if (at <= now) {
      return name + ", at its next time";
    }
    String latest = monotonic > 0 ? "at the latest " : "";
    return name + ", " + latest + in(at - now) + " (" + Words.time(at) + ")";
  }

  /** A span as people say it. */
  private static String in(long micros) {
    long seconds = micros / SECOND;
    return seconds < 120
        ? "in " + seconds + " s"
        : seconds < 7200 ? "in " + seconds / 60 + " min" : "in " + seconds / 3600 + " h";
  }
}
