// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import quietus.disk.Leases;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Lease;
import quietus.hold.Now;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.VerbRequest;

/**
 * Keeps the lease runners as the records require: armed for the first lease that ends, or removed.
 *
 * <p>A runner is written before the record whose lease it ends, and removed before or after the
 * last such record. After a crash in between, the next run finds lease files without a record
 * (Leftovers) and removes them, or it warns of a lease without its runner (LeaseWarnings), which
 * the next quiesce writes again.
 */
public final class ArmLeases {
  /** Seconds: a service cannot be started again while it runs, so its timer waits for its end. */
  private static final long AFTER_RUN = 10;

  private final Host host;
  private final VerbRequest request;
  private final List<String> timers = new ArrayList<>();
  private boolean reloads;

  public ArmLeases(Host host, VerbRequest request) {
    this.host = host;
    this.request = request;
  }

  /** Writes the runners for the records on the disk and new ones. */
  void write(List<Hold> coming) {
    write(coming, List.of());
  }

  /** Writes the runners for the records on the disk except those that are deleted next. */
  void without(List<Hold> going) {
    write(List.of(), going);
  }

  private void write(List<Hold> coming, List<Hold> going) {
    Map<String, Hold> holds = new LinkedHashMap<>();
    for (FoundHold found : host.disk().holds().all().found()) {
      holds.put(key(found.hold()), found.hold());
    }
    for (Hold hold : going) {
      holds.remove(key(hold));
    }
    for (Hold hold : coming) {
      holds.put(key(hold), hold);
    }
    write(holds.values(), 0);
  }

  private static String key(Hold hold) {
    return hold.until().word() + " " + hold.subject();
  }

  private void write(Iterable<Hold> holds, long least) {
    Leases leases = host.disk().leases();
    Now now = host.view().time();
    for (Until until : Until.values()) {
      List<Lease> all = Leases.of(holds, until);
      if (!all.isEmpty()) {
        if (leases.arm(until, all, now, least, host.agent(), host.java(), request.user())) {
          timers.add(Leases.timer(until));
          reloads = true;
        }
        continue;
      }
      List<Path> runner = leases.runner(until);
      if (!runner.isEmpty()) {
        stop(List.of(Leases.timer(until)));
        leases.clear(runner);
        reloads = true;
      }
    }
  }

  private void stop(List<String> names) {
    host.systemd().await(host.systemd().stop(names).values(), request.timeout());
  }

  /** True when systemd has to reload before {@link #start}. */
  boolean reloads() {
    return reloads;
  }

  /** Restarts the timers, so that they count from now. */
  void start() {
    if (!timers.isEmpty()) {
      stop(timers);
      host.systemd().await(host.systemd().start(timers).values(), request.timeout());
    }
  }

  /**
   * At the end of the lease service's own run: converts leases of an earlier boot to the time of
   * this one, and arms the timers.
   */
  public void again() {
    Now now = host.view().time();
    List<Hold> holds = new ArrayList<>();
    List<Hold> other = new ArrayList<>();
    for (FoundHold found : host.disk().holds().all().found()) {
      Hold hold = found.hold();
      if (hold.lease() != null && !hold.lease().in(now).equals(hold.lease())) {
        hold = hold.with(hold.lease().in(now));
        if (found.phase() == Phase.HELD) {
          other.add(hold);
        }
      }
      holds.add(hold);
    }
    if (!other.isEmpty()) {
      host.disk().holds().write(other, Phase.HELD);
    }
    write(holds, AFTER_RUN);
    if (reloads) {
      host.systemd().reload();
    }
    start();
  }
}
