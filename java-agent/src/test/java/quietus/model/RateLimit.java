// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** systemd's rate limit: so many events in an interval that begins with the first of them. */
final class RateLimit {
  private final long interval;
  private final int burst;
  private long begin = Long.MIN_VALUE;
  private int count;

  /**
   * @param interval in microseconds; 0 means no limit
   */
  RateLimit(long interval, int burst) {
    this.interval = interval;
    this.burst = burst;
  }

  /** Counts one event. @return false when it is one too many */
  boolean below(long now) {
    if (interval <= 0 || burst <= 0) {
      return true;
    }
    if (begin == Long.MIN_VALUE || begin + interval <= now) {
      begin = now;
      count = 1;
      return true;
    }
    if (count < burst) {
      count++;
      return true;
    }
    return false;
  }

  /** When the interval ends, in microseconds. */
  long end() {
    return begin == Long.MIN_VALUE ? 0 : begin + interval;
  }

  void reset() {
    begin = Long.MIN_VALUE;
    count = 0;
  }
}
