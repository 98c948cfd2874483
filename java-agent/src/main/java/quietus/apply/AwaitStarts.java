package quietus.apply;

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
import quietus.protocol.Request;
import quietus.unit.State;

/**
 * Waits for start jobs and says what did not come up. It writes nothing; after a crash here the
 * gates are open and the records keep the snapshot until the next release finds all of it back.
 */
final class AwaitStarts {
  private final Host host;
  private final HostView view;
  private final Request request;

  AwaitStarts(Host host, HostView view, Request request) {
    this.host = host;
    this.view = view;
    this.request = request;
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
      return Text.list(unfinished)
          + " did not come up within "
          + request.timeout().toSeconds()
          + " s and "
          + Text.is(unfinished)
          + " still on the way; see: systemctl status "
          + unfinished.iterator().next()
          + "."
          + record(holds);
    }
    List<String> down = new ArrayList<>();
    for (String unit : start) {
      if (!after.get(unit).isUp() || isRestarting(after.get(unit))) {
        down.add(unit);
      }
    }
    leaveAsBefore(down, after, holds, findings);
    if (down.isEmpty()) {
      return null;
    }
    String first = down.get(0);
    return Text.list(down)
        + " did not come up ("
        + after.get(first).active()
        + "/"
        + after.get(first).sub()
        + "); see: journalctl -b -u "
        + first
        + "."
        + record(holds);
  }

  private String record(List<Hold> holds) {
    return holds.isEmpty()
        ? ""
        : " The gates are open, and the record of what was up is kept until all of it is back: put"
            + " it right, then run again ("
            + view.releaseCommand(holds.get(0).subject())
            + ")";
  }

  /** Takes out what was restarting when the hold began and is again, and warns of it. */
  private static void leaveAsBefore(
      List<String> down, Map<String, State> after, List<Hold> holds, Findings findings) {
    List<String> asBefore = new ArrayList<>();
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
                  + asBefore.get(0));
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
