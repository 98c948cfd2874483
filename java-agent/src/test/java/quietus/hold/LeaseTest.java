// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A lease counts the time that passes, and after a boot the wall clock. */
class LeaseTest {
  private static final Instant START = Instant.parse("2026-11-22T03:00:00Z");
  private static final Lease LEASE = Lease.of(Duration.ofSeconds(1000), at(0));

  private static Now at(long seconds) {
    return new Now(START.plusSeconds(seconds), "boot", 50 + seconds);
  }

  private static Now afterABoot(long seconds) {
    return new Now(START.plusSeconds(seconds), "another boot", 7);
  }

  @Test
  void itIsKeptWhileMoreThanNineTenthsOfWhatIsAskedForAreLeft() {
    Duration asked = Duration.ofSeconds(1000);
    assertTrue(Lease.isAsAsked(LEASE, asked, at(0)));
    assertTrue(Lease.isAsAsked(LEASE, asked, at(100)));
    assertFalse(Lease.isAsAsked(LEASE, asked, at(101)));
    assertFalse(Lease.isAsAsked(LEASE, Duration.ofSeconds(999), at(0)));
    assertTrue(Lease.isAsAsked(LEASE, null, at(999)));
    assertFalse(Lease.isAsAsked(LEASE, Duration.ZERO, at(0)));
    assertTrue(Lease.isAsAsked(null, Duration.ZERO, at(0)));
    assertFalse(Lease.isAsAsked(null, asked, at(0)));
  }

  @Test
  void anotherBootCountsWhatIsLeftAndKeepsALeaseThatHasEnded() {
    assertEquals(new Lease(LEASE.end(), "another boot", 7, 1), LEASE.in(afterABoot(999)));
    assertSame(LEASE, LEASE.in(afterABoot(1000)));
    assertTrue(LEASE.isOver(afterABoot(1000)));
    assertFalse(LEASE.isOver(afterABoot(999)));
    assertSame(LEASE, LEASE.in(at(10)));
  }

  @Test
  void aClockThatIsALittleOffIsNoJump() {
    Now late = new Now(START.plusSeconds(10 + Lease.SLACK), "boot", 60);
    assertNull(LEASE.jump(late));
    Now jumped = new Now(START.plusSeconds(11 + Lease.SLACK), "boot", 60);
    assertTrue(
        LEASE.jump(jumped).contains("about " + (1 + Lease.SLACK) + " s"), LEASE.jump(jumped));
    assertTrue(LEASE.jump(jumped).contains("has 990 s left"), LEASE.jump(jumped));
  }

  @Test
  void itIsWrittenAsItsEnd() {
    assertEquals("2026-11-22T03:16:40Z", LEASE.toString());
  }
}
