// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.plan.HostView;
import quietus.plan.Text;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;
import quietus.unit.Ending;
import quietus.unit.State;

/**
 * Waits for start jobs, watches the units for a while if that is asked for, and says which did not
 * come up or stay up. It writes nothing. After a crash here the gates are open and the records keep
 * the snapshot, until the next release finds all of its units up.
 */
final class AwaitStarts {
  private final Host host;
  private final HostView view;
  private final RunningRequest request;
  private final Steps steps;
  private final FailedStarts failed;
  private final Set<String> asBefore = new LinkedHashSet<>();
  private boolean settled;

  AwaitStarts(Host host, HostView view, RunningRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
    this.failed = new FailedStarts(host, view);
  }

  /** Returns the units whose job did not end in time. */
  Set<String> apply(Set<String> start) {
    Map<String, Long> jobs = new LinkedHashMap<>();
    for (Map.Entry<String, State> entry : view.statesOf(start).entrySet()) {
      if (entry.getValue().job() != 0) {
        jobs.put(entry.getKey(), entry.getValue().job());
      }
    }
    Set<String> unfinished = new LinkedHashSet<>();
    if (!jobs.isEmpty()) {
      Map<Long, String> ended = host.systemd().await(jobs.values(), request.timeout());
      for (Map.Entry<String, Long> job : jobs.entrySet()) {
        if (!ended.containsKey(job.getValue())) {
          unfinished.add(job.getKey());
        }
      }
    }
    return unfinished;
  }

  /**
   * What did not come up, as a sentence; null when all did.
   *
   * @param holds those that are released; empty without a hold
   */
  String trouble(
      Set<String> start,
      Set<String> unfinished,
      Map<String, State> after,
      List<Hold> holds,
      Findings findings) {
    if (!unfinished.isEmpty()) {
      return late(unfinished, after, holds);
    }
    List<String> down = down(start, after);
    leaveAsBefore(down, after, holds, findings);
    if (down.isEmpty()) {
      return null;
    }
    return failed.sentence("did not come up", down, after, holds);
  }

  private String late(Set<String> unfinished, Map<String, State> after, List<Hold> holds) {
    String first = unfinished.iterator().next();
    for (String unit : unfinished) {
      if (after.get(unit).active().equals("deactivating")) {
        first = unit;
      }
    }
    State state = after.get(first);
    return Text.list(unfinished)
        + " did not come up within "
        + request.timeout().toSeconds()
        + " s and "
        + Text.is(unfinished)
        + " still starting"
        + (state.active().equals("deactivating")
            ? ": "
                + first
                + " is still being stopped ("
                + state.active()
                + "/"
                + state.sub()
                + "), and systemd starts it when that has ended, at the latest after its"
                + " TimeoutStopSec="
            : "")
        + "; see: systemctl status "
        + first
        + "."
        + failed.record(holds);
  }

  /**
   * Watches what came back for as long as is asked for. systemd's signals end the waiting; how
   * often it restarted a service tells of a death between two looks.
   *
   * @return what did not stay up, as a sentence; null when all did, or nothing is to be watched
   */
  String settle(Set<String> start, List<Hold> holds) {
    Set<String> watched = new LinkedHashSet<>(start);
    watched.removeAll(asBefore);
    if (request.settle().isZero() || watched.isEmpty()) {
      return null;
    }
    steps.next("settle");
    settled = true;
    long deadline = System.nanoTime() + request.settle().toNanos();
    Map<String, Ending> first = view.endings(watched);
    while (true) {
      Map<String, State> states = view.statesOf(watched);
      List<String> down = down(watched, states);
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      boolean over = down.isEmpty() && !host.systemd().awaitChange(watched, left);
      if (over) {
        down = restarted(first, view.endings(watched));
      }
      if (over || !down.isEmpty()) {
        return down.isEmpty()
            ? null
            : failed.sentence("came back and did not stay up", down, states, holds);
      }
    }
  }

  /** True when the units were watched, so that their states were looked at again. */
  boolean isSettled() {
    return settled;
  }

  private static List<String> restarted(Map<String, Ending> first, Map<String, Ending> last) {
    List<String> restarted = new ArrayList<>();
    for (Map.Entry<String, Ending> one : last.entrySet()) {
      if (one.getValue().restarts() > first.get(one.getKey()).restarts()) {
        restarted.add(one.getKey());
      }
    }
    return restarted;
  }

  private static List<String> down(Set<String> units, Map<String, State> states) {
    List<String> down = new ArrayList<>();
    for (String unit : units) {
      if (!states.get(unit).isUp() || isRestarting(states.get(unit))) {
        down.add(unit);
      }
    }
    return down;
  }

  /** Removes from the list what was restarting when the hold began and is again, with a warning. */
  private void leaveAsBefore(
      List<String> down, Map<String, State> after, List<Hold> holds, Findings findings) {
    for (Iterator<String> units = down.iterator(); units.hasNext(); ) {
      String unit = units.next();
      State state = after.get(unit);
      if ((isRestarting(state) || state.isComingUp()) && wasRestarting(unit, holds)) {
        asBefore.add(unit);
        units.remove();
      }
    }
    if (!asBefore.isEmpty()) {
      findings
          .warnings()
          .add(
              Text.list(asBefore)
                  + (asBefore.size() == 1 ? " was" : " were")
                  + " not up when the hold began but restarting, and "
                  + Text.is(asBefore)
                  + " again; see: journalctl -b -u "
                  + asBefore.iterator().next());
    }
  }

  private static boolean isRestarting(State state) {
    return state.sub().contains("auto-restart");
  }

  private static boolean wasRestarting(String unit, List<Hold> holds) {
    for (Hold hold : holds) {
      HeldMember member = hold.member(unit);
      if (member != null
          && (member.was().active().equals("activating") || isRestarting(member.was()))) {
        return true;
      }
    }
    return false;
  }
}
