// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MomentTest {
  @Test
  void momentsReadAndWriteAsJavasOwnDo() {
    Random random = new Random(6);
    for (int i = 0; i < 2000; i++) {
      Instant moment =
          Instant.ofEpochSecond(
              random.nextLong(-100_000_000_000L, 400_000_000_000L),
              i % 5 == 0 ? random.nextInt(1_000_000_000) : 0);
      assertEquals(moment.toString(), Moment.text(moment));
      assertEquals(moment, Moment.of(moment.toString()));
    }
    assertNull(Moment.text(null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-22T24:00:01Z",
        "2026-11-22 03:02:11Z",
        "2026-11-22T03:02:1xZ"
      })
  void whatIsNoMomentIsRefused(String text) {
    assertEquals(
        "'" + text + "' is not a time",
        assertThrows(IllegalArgumentException.class, () -> Moment.of(text)).getMessage());
  }
}
