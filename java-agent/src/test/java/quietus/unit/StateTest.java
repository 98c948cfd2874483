// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateTest {
  @ParameterizedTest
  @CsvSource({
    "inactive, dead, 0, true, false",
    "failed, failed, 0, true, false",
    "inactive, dead, 7, false, false",
    "active, running, 0, false, true",
    "activating, auto-restart, 0, false, true",
    "inactive, dead-before-auto-restart, 0, false, true",
    "failed, failed-before-auto-restart, 0, false, true",
    "activating, auto-restart-queued, 0, false, true",
    "deactivating, stop-sigterm, 0, false, false",
    "inactive, dead-resources-pinned, 0, true, false",
    "reloading, reload, 0, false, true"
  })
  void aUnitThatIsAboutToRestartIsNotDown(
      String active, String sub, long job, boolean down, boolean up) {
    State state = new State("loaded", active, sub, job);
    assertEquals(down, state.isDown());
    assertEquals(up, state.isUp());
  }
}
