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
 * Keeps the lease runners as the records want them: armed for the first lease that ends, or not
 * there.
 *
 * <p>A runner is written before the record whose lease it ends, and taken away before the last such
 * record or after it: after a crash in between, files of a lease without a record are found by
 * looking (Leftovers), and a record without its runner tells so itself.
 */
public final class ArmLeases {
  /** The service cannot be started again while it runs, so its timer waits until it is done. */
  private static final long AFTER_RUN = 10;

  private final Host host;
  private final VerbRequest request;
  private final List<String> timers = new ArrayList<>();
  private boolean reloads;

  public ArmLeases(Host host, VerbRequest request) {
    this.host = host;
    this.request = request;
  }

  /** Writes the runners for the records on the disk and those to come. */
  void write(List<Hold> coming) {
    write(coming, List.of());
  }

  /** Writes the runners for the records on the disk without those that go. */
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

  /** Starts the timers anew, so that they count from now. */
  void start() {
    if (!timers.isEmpty()) {
      stop(timers);
      host.systemd().await(host.systemd().start(timers).values(), request.timeout());
    }
  }

  /**
   * After the service's own run: counts leases of another boot in this one, and arms the timers.
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
