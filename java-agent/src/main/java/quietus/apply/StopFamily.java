// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.ControlGroups;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.plan.ActivatorsFirst;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.plan.QuiesceText;
import quietus.plan.Text;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Stops the members that are up, until none is.
 *
 * <p>After a crash here the family is held, and some of it may be up or have a stop job. The next
 * quiesce stops the rest; a release waits for the stop jobs and starts what the snapshot says.
 */
final class StopFamily {
  private final Host host;
  private final HostView view;
  private final QuiesceRequest request;
  private final Steps steps;

  StopFamily(Host host, HostView view, QuiesceRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  /** Returns null when all are down; else what did not stop in time, as a sentence. */
  String apply(List<QuiescePlan.Target> targets, Findings findings) {
    steps.next("stop");
    long deadline = System.nanoTime() + request.timeout().toNanos();
    List<Hold> holds = QuiescePlan.holds(targets);
    Map<String, State> states = view.statesOfLoaded(holds);
    Set<String> waiting = withJobs(targets, states);
    while (true) {
      List<String> up = ActivatorsFirst.up(states, waiting);
      waiting = Set.of();
      if (up.isEmpty()) {
        return null;
      }
      findings.change();
      QuiesceText.woken(targets, up, findings.warnings());
      Map<String, Long> jobs = host.systemd().stop(up);
      Duration limit = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      Map<Long, String> ended = host.systemd().await(jobs.values(), limit);
      if (ended.size() < Set.copyOf(jobs.values()).size() || System.nanoTime() > deadline) {
        up = ActivatorsFirst.up(view.states(holds), Set.of());
        return up.isEmpty() ? null : timedOut(holds, up);
      }
      if (jobs.isEmpty()) {
        host.systemd().awaitChange(up, limit);
      }
      states = view.statesOfLoaded(holds);
    }
  }

  /**
   * The members with jobs from before the gates were closed, which are cancelled; one that somebody
   * queues later is refused at the gate.
   */
  private static Set<String> withJobs(List<QuiescePlan.Target> targets, Map<String, State> states) {
    Set<String> waiting = new LinkedHashSet<>();
    for (QuiescePlan.Target target : targets) {
      for (HeldMember member : target.hold().members()) {
        State state = states.get(member.unit());
        if (state != null
            && state.job() != 0
            && (!target.wasHeld() || target.found().hold().member(member.unit()) == null)) {
          waiting.add(member.unit());
        }
      }
    }
    return waiting;
  }

  private String timedOut(List<Hold> holds, List<String> up) {
    List<String> left = new ArrayList<>();
    for (Hold hold : holds) {
      Map<String, List<ControlGroups.Process>> processes = view.left(hold);
      if (!processes.isEmpty()) {
        left.add(Text.processes(processes));
      }
    }
    return Text.list(up)
        + " did not stop within "
        + request.timeout().toSeconds()
        + " s"
        + (left.isEmpty() ? "" : ", these processes are left: " + Text.list(left))
        + ". The hold stays, nothing of the family can start. Wait, or end the processes, and run"
        + " again with a longer timeout; or release it: "
        + view.releaseCommand(holds.get(0).subject());
  }
}
