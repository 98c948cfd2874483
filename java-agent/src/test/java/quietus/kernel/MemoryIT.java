// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A host with 128 MB of memory, and a launcher that may have less than Java needs. */
class MemoryIT {
  @ParameterizedTest
  @MethodSource("quietus.kernel.KernelHost#suites")
  void bothVerbsWorkWithLittleMemoryAndTooLittleIsReported(String suite) {
    try (KernelHost host = KernelHost.boot(suite, "128M")) {
      Story story = Story.on(host);
      String before = story.up();
      host.quiesce("myapi").ok();
      story.staysDown("with 128 MB");
      String launcher = "/var/lib/quietus/quietus holds";
      KernelHost.Result enough = host.sh(launcher);
      assertTrue(enough.ok().contains("myapi.service"), enough.toString());
      assertFalse(enough.err().contains("memory"), enough.toString());
      KernelHost.Result little =
          host.sh(
              "systemd-run --quiet --pipe --wait -p MemoryMax=20M -p MemorySwapMax=0 " + launcher);
      System.out.println("with 20 MB on " + suite + ": " + little);
      assertNotEquals(0, little.status());
      assertTrue(little.err().contains("memory"), little.toString());
      assertTrue(story.isHeld());
      host.release("myapi").ok();
      assertEquals(before, story.up());
      assertEquals("", host.traces());
    }
  }
}
