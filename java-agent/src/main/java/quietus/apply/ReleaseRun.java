// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.ReleasePlan;
import quietus.plan.ReportedStates;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Carries out a plan to release. At any moment the record of the hold, in one of its two phases,
 * has the snapshot; it is deleted last.
 *
 * <p>After a crash the family is down and held ({@link AwaitJobs}, {@link Unmask}, and {@link
 * OpenGates} before the records are moved), or coming up with its gates open ({@link OpenGates} and
 * {@link AwaitStarts} after that), or up with some files left ({@link RemoveGates}). The next
 * release goes on from each of these; a quiesce holds the family again with the same snapshot.
 * After a crash between the journal entry and the last step, the next release writes a second
 * entry.
 */
final class ReleaseRun {
  private final Host host;
  private final HostView view;
  private final RunningRequest request;
  private final Steps steps;
  private final Runnable whenUp;

  /**
   * @param whenUp is run once all is up; null for nothing
   */
  ReleaseRun(Host host, HostView view, RunningRequest request, Steps steps, Runnable whenUp) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
    this.whenUp = whenUp;
  }

  Outcome apply(ReleasePlan plan) {
    Findings findings = new Findings(plan.warnings());
    List<Hold> holds = plan.holds();
    new AwaitJobs(host, view, request, steps).apply(plan, findings);
    stopBlocking(plan.blocking());
    Map<String, State> unmasked = new Unmask(host, view, steps).apply(plan);
    Set<String> start = plan.start(unmasked, findings.warnings());
    new OpenGates(host, view, request, steps).apply(plan, List.copyOf(start));
    AwaitStarts starts = new AwaitStarts(host, view, request, steps);
    steps.next("start");
    Set<String> unfinished = starts.apply(start);
    steps.next("verify");
    Map<String, State> after = view.states(holds);
    String trouble = starts.trouble(start, unfinished, after, holds, findings);
    if (trouble == null) {
      trouble = starts.settle(start, holds);
    }
    if (starts.isSettled()) {
      after = view.states(holds);
    }
    if (trouble != null) {
      return Outcome.of(holds, Phase.RELEASING, plan.reported(), reported(holds, after), trouble)
          .with(true, true, findings.warnings());
    }
    if (whenUp != null) {
      whenUp.run();
    }
    say(holds);
    new RemoveGates(host, request, steps).apply(holds);
    steps.next("journal");
    return Outcome.of(
            holds, Phase.RELEASING, plan.reported(), reported(holds, after), plan.released(start))
        .with(true, false, findings.warnings())
        .released();
  }

  private Map<String, State> reported(List<Hold> holds, Map<String, State> states) {
    return ReportedStates.of(view.disk(), holds, states);
  }

  /**
   * Stops services that keep their own socket down. After a crash here the hold is as it was and
   * those services are down; the next release starts them with the rest.
   */
  private void stopBlocking(Set<String> blocking) {
    if (!blocking.isEmpty()) {
      steps.next("stop");
      host.systemd().await(host.systemd().stop(List.copyOf(blocking)).values(), request.timeout());
    }
  }

  private void say(List<Hold> holds) {
    for (Hold hold : holds) {
      host.journal()
          .say(
              hold.units(),
              "Quietus released "
                  + hold.subject()
                  + ", held since "
                  + hold.since()
                  + " by "
                  + hold.by()
                  + (request.expiredOnly()
                      ? ": its lease ended."
                      : ". Released by " + request.claim().holder().by() + "."));
    }
  }
}
