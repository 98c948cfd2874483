// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * When a hold releases itself. In the boot in which it was set a lease counts the time that passes,
 * whatever happens to the wall clock; after another boot it goes by the wall clock.
 *
 * @param end by the wall clock as it was when the lease was set
 * @param boot the id of the boot in which it was set; empty when it is not known
 * @param uptime seconds since that boot when it was set
 * @param seconds how long it lasts
 */
public record Lease(Instant end, String boot, long uptime, long seconds) {
  /** A difference between the two clocks that says nothing, in seconds. */
  static final long SLACK = 60;

  public Lease {
    Objects.requireNonNull(end);
    Objects.requireNonNull(boot);
  }

  /** A lease that begins now. */
  public static Lease of(Duration length, Now now) {
    Instant end = now.clock().truncatedTo(ChronoUnit.SECONDS).plus(length);
    return new Lease(end, now.boot(), now.uptime(), Math.max(1, length.toSeconds()));
  }

  /**
   * True when a present lease need not be changed for what is asked. One that has more than nine
   * tenths of that left, and not more, is left alone: else no task with a lease could be
   * idempotent.
   *
   * @param present null for none
   * @param asked null for whatever is present, zero for none
   */
  public static boolean isAsAsked(Lease present, Duration asked, Now now) {
    if (asked == null) {
      return true;
    }
    if (asked.isZero() || present == null) {
      return asked.isZero() && present == null;
    }
    long left = present.left(now) * 10;
    return left <= asked.toSeconds() * 10 && left >= asked.toSeconds() * 9;
  }

  private boolean isSameBoot(Now now) {
    return !boot.isEmpty() && boot.equals(now.boot());
  }

  /** The seconds that are left of it; zero or less when it is over. */
  public long left(Now now) {
    return isSameBoot(now)
        ? uptime + seconds - now.uptime()
        : Math.floorDiv(Duration.between(now.clock(), end).toMillis() + 999, 1000);
  }

  public boolean isOver(Now now) {
    return left(now) <= 0;
  }

  /** The same lease, counted from now on in this boot. */
  public Lease in(Now now) {
    long left = left(now);
    return isSameBoot(now) || now.boot().isEmpty() || left <= 0
        ? this
        : new Lease(end, now.boot(), now.uptime(), left);
  }

  /** What is to be said when the wall clock was changed since the lease was set; else null. */
  public String jump(Now now) {
    Instant set = end.minusSeconds(seconds);
    if (isSameBoot(now)) {
      long by = Duration.between(set, now.clock()).toSeconds() - (now.uptime() - uptime);
      return Math.abs(by) <= SLACK
          ? null
          : "the clock was changed by about "
              + by
              + " s since the lease was set; the lease counts the time that passes and has "
              + left(now)
              + " s left";
    }
    return now.clock().plusSeconds(SLACK).isAfter(set)
        ? null
        : "the clock says "
            + now.clock()
            + ", which is before the lease was set ("
            + set
            + "); after a boot a lease goes by the clock";
  }

  @Override
  public String toString() {
    return end.toString();
  }
}
