// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Map;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.QuiescePlan;
import quietus.plan.QuiesceText;
import quietus.plan.ReportedStates;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Carries out a plan to quiesce. Nothing is stopped before the record of the hold, with its
 * snapshot, is on the disk.
 *
 * <p>After a crash before {@link WriteHolds} has written the record, nothing is held: gates that
 * close nothing, and perhaps a lease runner, are on the disk ({@link CloseGates}). After a crash
 * later the family is held and the record has the snapshot; some members may be up ({@link Drain},
 * {@link StopFamily}), or masks are missing ({@link MaskFamily}), or the journal has no entry. The
 * next quiesce goes on with that record; a release restores its snapshot.
 */
public final class QuiesceRun {
  private final Host host;
  private final HostView view;
  private final QuiesceRequest request;
  private final Steps steps;

  public QuiesceRun(Host host, HostView view, QuiesceRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  public Outcome apply(QuiescePlan plan) {
    Findings findings = new Findings(plan.warnings());
    new LeaveLauncher(host).apply(findings);
    new CloseGates(host, view, request, steps).apply(plan, findings);
    List<QuiescePlan.Target> held = new WriteHolds(host, view, steps).apply(plan, findings);
    new Drain(host, view, request, steps).apply(held, findings);
    List<Hold> holds = QuiescePlan.holds(held);
    Verify verify = new Verify(host, view, request, steps);
    String late = new StopFamily(host, view, request, steps).apply(held, findings);
    if (late != null) {
      say(holds);
      return Outcome.of(
              holds, Phase.HELD, plan.reported(), reported(holds, view.states(holds)), late)
          .with(findings.isChanged(), true, findings.warnings())
          .with(verify.evidence(holds));
    }
    boolean said = findings.isChanged();
    if (said) {
      say(holds);
    }
    Map<String, State> after = new MaskFamily(host, view, steps).apply(held, findings);
    String trouble = verify.apply(holds, after);
    if (verify.isSettled()) {
      after = view.states(holds);
    }
    steps.next("journal");
    if (findings.isChanged() && !said) {
      say(holds);
    }
    return Outcome.of(
            holds,
            Phase.HELD,
            plan.reported(),
            reported(holds, after),
            trouble == null ? QuiesceText.quiesced(holds, !findings.isChanged()) : trouble)
        .with(findings.isChanged(), trouble != null, findings.warnings())
        .with(verify.evidence(holds));
  }

  private Map<String, State> reported(List<Hold> holds, Map<String, State> states) {
    return ReportedStates.of(view.disk(), holds, states);
  }

  private void say(List<Hold> holds) {
    for (Hold hold : holds) {
      host.journal()
          .say(
              hold.units(),
              "Quietus holds "
                  + hold.subject()
                  + " since "
                  + hold.since()
                  + ", by "
                  + hold.by()
                  + (hold.reason().isEmpty() ? "" : ": \"" + hold.reason() + "\"")
                  + ". It stays down until "
                  + (hold.until() == Until.RELEASED
                      ? "it is released"
                      : "it is released or the next boot")
                  + (hold.lease() == null ? "" : ", at the latest " + hold.lease())
                  + ". To release it: "
                  + view.releaseCommand(hold.subject()));
    }
  }
}
