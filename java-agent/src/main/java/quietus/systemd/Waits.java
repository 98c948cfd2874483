// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Waits for systemd's signals. They arrive at once, but each is sent only once: one can be lost
 * while systemd is re-executed, or when a bus drops messages for a client to which somebody sends
 * too many. So systemd is also asked, after each new connection and from time to time.
 */
final class Waits {
  static final String NO_SUCH_JOB = "org.freedesktop.systemd1.NoSuchJob";

  /** How often systemd is asked for the jobs that have not ended, in ns. */
  private static final long LOOK = 10_000_000_000L;

  private final Link link;
  private final Signals signals;
  private final long look;

  Waits(Link link) {
    this(link, LOOK);
  }

  Waits(Link link, long look) {
    this.link = link;
    this.signals = link.signals();
    this.look = look;
  }

  Map<Long, String> jobs(Collection<Long> jobs, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Set<Long> open = new HashSet<>(jobs);
    open.removeAll(signals.ended.keySet());
    findEnded(open, signals.begun);
    int renewals = link.renewals();
    long next = System.nanoTime() + look;
    while (!open.isEmpty()) {
      boolean heard = link.hear(Math.min(deadline, next));
      open.remove(signals.lastEnded);
      if (System.nanoTime() - deadline >= 0 && !heard) {
        break;
      }
      if (link.renewals() != renewals || System.nanoTime() - next >= 0) {
        findEnded(open, Set.of());
        renewals = link.renewals();
        next = System.nanoTime() + look;
      }
    }
    Map<Long, String> results = new LinkedHashMap<>();
    for (Long job : jobs) {
      String result = signals.ended.get(job);
      if (result != null) {
        results.put(job, result);
      }
    }
    return results;
  }

  /**
   * Finds the jobs whose end was not signalled to us; their results are unknown.
   *
   * @param heardOf those whose end will be signalled
   */
  private void findEnded(Set<Long> open, Set<Long> heardOf) {
    List<Long> asked = new ArrayList<>(open);
    asked.removeAll(heardOf);
    List<Call> calls = new ArrayList<>();
    for (Long job : asked) {
      calls.add(Call.manager("GetJob", "u", job));
    }
    if (calls.isEmpty()) {
      return;
    }
    Message[] replies = link.ask(calls);
    for (int i = 0; i < replies.length; i++) {
      if (NO_SUCH_JOB.equals(replies[i].error())) {
        signals.ended.putIfAbsent(asked.get(i), "unknown");
      }
    }
    open.removeAll(signals.ended.keySet());
  }

  boolean change(Collection<String> units, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Set<String> paths = new HashSet<>();
    for (String unit : units) {
      paths.add(ObjectPath.ofUnit(unit));
    }
    int renewals = link.renewals();
    while (true) {
      if (signals.changed.removeAll(paths)) {
        return true;
      }
      if (!link.hear(deadline)) {
        return false;
      }
      if (link.renewals() != renewals) {
        // signals of a change may be lost
        return true;
      }
    }
  }
}
