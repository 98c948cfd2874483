// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.PriorityQueue;

/** Virtual time in microseconds, and what is due at which moment. */
final class Timeline {
  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long now = 1_000_000;
  private long sequence;

  /** Something that is going to happen. */
  static final class Due implements Comparable<Due> {
    final long at;
    private final long sequence;
    private final Runnable action;
    private boolean cancelled;

    private Due(long at, long sequence, Runnable action) {
      this.at = at;
      this.sequence = sequence;
      this.action = action;
    }

    void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Due other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
    }
  }

  long now() {
    return now;
  }

  /**
   * @param delay in microseconds from now; negative for never
   */
  Due in(long delay, Runnable action) {
    Due due = new Due(now + Math.max(0, delay), sequence++, action);
    if (delay >= 0) {
      queue.add(due);
    }
    return due;
  }

  static void cancel(Due due) {
    if (due != null) {
      due.cancel();
    }
  }

  void pass(long microseconds) {
    now += microseconds;
  }

  /** When the next thing is due; {@link Long#MAX_VALUE} when nothing is. */
  long next() {
    while (!queue.isEmpty() && queue.peek().cancelled) {
      queue.poll();
    }
    return queue.isEmpty() ? Long.MAX_VALUE : queue.peek().at;
  }

  /** Does the next thing that is due. @return false when nothing is due by now */
  boolean runDue() {
    if (next() > now) {
      return false;
    }
    Due due = queue.poll();
    due.cancelled = true;
    due.action.run();
    return true;
  }

  void advanceTo(long moment) {
    now = Math.max(now, moment);
  }

  /** A reboot: nothing that was due happens any more. */
  void clear() {
    queue.clear();
  }
}
