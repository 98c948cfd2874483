// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.concurrent.atomic.AtomicReference;
import quietus.fuzz.Inputs;

/** Records, as a damaged disk or another root's tool may leave them. */
class HoldJsonFuzzTest {
  @FuzzTest
  void aRecordIsReadAsItIsWrittenOrRefused(byte[] json) {
    AtomicReference<Hold> hold = new AtomicReference<>();
    if (Inputs.take(IllegalArgumentException.class, () -> hold.set(HoldJson.read(json)))) {
      byte[] written = HoldJson.write(hold.get());
      assertEquals(hold.get(), HoldJson.read(written));
    }
  }
}
