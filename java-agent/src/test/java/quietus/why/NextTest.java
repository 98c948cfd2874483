// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NextTest {
  private static final long NOW = 1_795_532_317_000_000L;
  private static final long SECOND = 1_000_000;

  private final Map<String, Object> unit = new HashMap<>();
  private final List<Facts> activators = new ArrayList<>();

  private void activator(String name, Object... pairs) {
    Map<String, Object> values = new HashMap<>(Map.of("ActiveState", "active"));
    for (int i = 0; i < pairs.length; i += 2) {
      values.put((String) pairs[i], pairs[i + 1]);
    }
    activators.add(new Facts(name, values));
  }

  private void are(String... texts) {
    assertEquals(List.of(texts), Next.of(new Facts("w.service", unit), activators, NOW));
  }

  @Test
  void eachActiveActivatorIsTold() {
    unit.put("UpheldBy", List.of("up.service"));
    unit.put("WantedBy", List.of("multi-user.target"));
    unit.put("BusName", "a.b");
    activator("w.socket");
    activator("w.path");
    activator("w.automount");
    activator("up.service");
    activator("multi-user.target");
    activator("wants.service"); // a start of it would, but it is up: nothing comes by itself
    are(
        "a connection to w.socket",
        "what w.path watches for",
        "an access to w.automount",
        "up.service, which upholds it",
        "a boot, or a start of multi-user.target",
        "a call of its bus name a.b");
  }

  @Test
  void whatIsNotActiveStartsNothing() {
    activator("w.socket", "ActiveState", "inactive");
    activator("w.timer", "ActiveState", "failed", "NextElapseUSecRealtime", NOW + SECOND);
    are();
  }

  @Test
  void aTimersTimeIsTold() {
    for (long seconds : new long[] {119, 120, 7199, 7200}) {
      activators.clear();
      activator("w.timer", "NextElapseUSecRealtime", NOW + seconds * SECOND);
      String in = Next.of(new Facts("w.service", unit), activators, NOW).get(0);
      String span = seconds < 120 ? "119 s" : seconds < 7200 ? seconds / 60 + " min" : "2 h";
      assertEquals("w.timer, in " + span, in.substring(0, in.indexOf(" (")));
    }
  }

  @Test
  void aTimerThatAlsoCountsFromAnEventMayComeEarlier() {
    activator(
        "w.timer", "NextElapseUSecRealtime", NOW + 60 * SECOND, "NextElapseUSecMonotonic", 5L);
    are("w.timer, at the latest in 60 s (" + Words.time(NOW + 60 * SECOND) + ")");
  }

  @Test
  void aTimerWithoutATimeHasNoInventedOne() {
    activator("w.timer", "NextElapseUSecMonotonic", 77L);
    are("w.timer, at its next time");
    activators.clear();
    activator("w.timer", "NextElapseUSecRealtime", NOW - SECOND);
    are("w.timer, at its next time");
  }

  @Test
  void aTimerThatHasElapsedForGoodIsNotTold() {
    activator("w.timer", "SubState", "elapsed");
    are();
  }
}
