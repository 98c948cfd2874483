// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import quietus.error.AgentException;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.plan.HostView;
import quietus.plan.ReleasePlan;
import quietus.plan.Text;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.UnitType;

/**
 * Waits for jobs that another run has queued: stop jobs, which no start may replace, or the oneshot
 * that opens the gates. A stop job that does not end in time is cancelled. That ends only the job:
 * systemd continues a stop that has begun, and a start waits for it.
 *
 * <p>After a crash here the family is held, and some of it may be up, or is still being stopped
 * with no job. The next quiesce stops it; the next release goes on.
 */
final class AwaitJobs {
  private final Host host;
  private final HostView view;
  private final RunningRequest request;
  private final Steps steps;

  AwaitJobs(Host host, HostView view, RunningRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  void apply(ReleasePlan plan, Findings findings) {
    Map<String, Long> jobs = jobs(plan.before(), isOpen(plan));
    if (jobs.isEmpty()) {
      return;
    }
    steps.next("jobs");
    Map<Long, String> ended = host.systemd().await(jobs.values(), request.timeout());
    if (ended.keySet().containsAll(jobs.values())) {
      return;
    }
    Map<String, State> states = view.states(plan.holds(), plan.oneshot());
    Map<String, Long> left = jobs(states, isOpen(plan));
    List<String> stopping = new ArrayList<>();
    List<Long> stops = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Map.Entry<String, Long> job : left.entrySet()) {
      if (isStop(states.get(job.getKey()))) {
        stopping.add(job.getKey());
        stops.add(job.getValue());
      } else {
        others.add(job.getKey());
      }
    }
    refuseBlockedSockets(plan, states);
    // The oneshot of another release waits for the stops. Without them it continues.
    if (!stops.isEmpty()) {
      host.systemd().cancel(stops);
      findings.warnings().add(cancelled(stopping));
    }
    if (!others.isEmpty() && (stops.isEmpty() || !hasEnded(left, others))) {
      throw new AgentException(
          (others.size() == 1 ? "a job of " : "jobs of ")
              + Text.list(others)
              + (others.size() == 1 ? " was" : " were")
              + " under way and did not end within "
              + request.timeout().toSeconds()
              + " s; nothing was released. The hold stays, nothing of the family can start. See:"
              + " systemctl list-jobs, then run again: "
              + view.releaseCommand(plan.holds().get(0).subject()));
    }
  }

  /**
   * A socket refuses to start while its service is being stopped, and a start of the service alone
   * would keep the socket down: so both have to wait.
   */
  private void refuseBlockedSockets(ReleasePlan plan, Map<String, State> states) {
    for (Hold hold : plan.holds()) {
      for (HeldMember member : hold.members()) {
        if (!member.restore()
            || !member.unit().endsWith(UnitType.SOCKET.suffix())
            || states.get(member.unit()).isUp()) {
          continue;
        }
        for (String service : member.triggers()) {
          State state = states.get(service);
          if (state != null && state.active().equals("deactivating")) {
            throw new AgentException(
                service
                    + " is still being stopped after "
                    + request.timeout().toSeconds()
                    + " s (deactivating/"
                    + state.sub()
                    + "), and "
                    + member.unit()
                    + " cannot listen before that has ended, at the latest after the service's"
                    + " TimeoutStopSec=; nothing was released. The hold stays, nothing of the"
                    + " family can start. Wait, or end its processes (systemctl kill"
                    + " --signal=KILL "
                    + service
                    + "), then run again: "
                    + view.releaseCommand(hold.subject()));
          }
        }
      }
    }
  }

  private boolean hasEnded(Map<String, Long> jobs, List<String> units) {
    List<Long> ids = new ArrayList<>();
    for (String unit : units) {
      ids.add(jobs.get(unit));
    }
    return host.systemd().await(ids, request.timeout()).size() == ids.size();
  }

  private String cancelled(List<String> units) {
    return Text.list(units)
        + (units.size() == 1 ? " was" : " were")
        + " still being stopped after "
        + request.timeout().toSeconds()
        + " s: the stop "
        + (units.size() == 1 ? "job was" : "jobs were")
        + " cancelled, and what had begun to stop starts again when its stop has ended";
  }

  /** True when an earlier run has opened the gates: then start jobs are expected. */
  private boolean isOpen(ReleasePlan plan) {
    for (Hold hold : plan.holds()) {
      if (!host.disk().holds().exists(hold, Phase.RELEASING)) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, Long> jobs(Map<String, State> states, boolean withoutStarts) {
    Map<String, Long> jobs = new LinkedHashMap<>();
    for (Map.Entry<String, State> entry : states.entrySet()) {
      State state = entry.getValue();
      if (state.job() != 0 && !(withoutStarts && state.jobType().equals("start"))) {
        jobs.put(entry.getKey(), state.job());
      }
    }
    return jobs;
  }

  private static boolean isStop(State state) {
    return state.jobType().equals("stop")
        || state.jobType().isEmpty() && state.active().equals("deactivating");
  }
}
