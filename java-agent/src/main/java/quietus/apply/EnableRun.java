// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.plan.ActivatorsFirst;
import quietus.plan.EnablePlan;
import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Carries out a plan for units that are not held.
 *
 * <p>After a crash here some stray gates and masks are removed and some units are started. The next
 * run removes and starts the rest.
 */
final class EnableRun {
  private final Host host;
  private final HostView view;
  private final RunningRequest request;
  private final Steps steps;

  EnableRun(Host host, HostView view, RunningRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  Outcome apply(EnablePlan first) {
    if (first.isNoOp()) {
      return first.outcome();
    }
    EnablePlan plan = first;
    if (!plan.stray().isEmpty()) {
      removeStray(plan);
      plan = plan.withoutStray();
    }
    if (plan.start().isEmpty()) {
      return plan.outcome(view.statesOf(plan.units()), null);
    }
    steps.next("start");
    host.systemd().start(ActivatorsFirst.of(plan.start()));
    AwaitStarts starts = new AwaitStarts(host, view, request, steps);
    Set<String> unfinished = starts.apply(plan.start());
    steps.next("verify");
    Map<String, State> after = view.statesOf(plan.units());
    Findings findings = new Findings(List.of());
    String trouble = starts.trouble(plan.start(), unfinished, after, List.of(), findings);
    if (trouble == null) {
      trouble = starts.settle(plan.start(), List.of());
    }
    return plan.outcome(starts.isSettled() ? view.statesOf(plan.units()) : after, trouble);
  }

  /** Removes gates whose record is missing, and the masks of their units. */
  private void removeStray(EnablePlan plan) {
    steps.next("gates");
    RemoveGates gates = new RemoveGates(host, request, steps);
    for (EnablePlan.Stray one : plan.stray()) {
      Set<String> elsewhere = plan.maskedElsewhere(one.until());
      for (String unit : one.units()) {
        if (!elsewhere.contains(unit)) {
          host.disk().control().unmask(one.until(), unit);
        }
      }
    }
    for (EnablePlan.Stray one : plan.stray()) {
      gates.of(one.subject());
    }
    host.systemd().reload();
  }
}
