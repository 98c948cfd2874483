// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.RunningPlan;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;

/** Carries out a plan to have units running: first what is held, then what is not. */
public final class RunningRun {
  private final ReleaseRun release;
  private final EnableRun enable;

  public RunningRun(Host host, HostView view, RunningRequest request, Steps steps) {
    this.release = new ReleaseRun(host, view, request, steps);
    this.enable = new EnableRun(host, view, request, steps);
  }

  public Outcome apply(RunningPlan plan) {
    if (plan.release() == null) {
      return enable.apply(plan.enable());
    }
    Outcome released = release.apply(plan.release());
    if (plan.enable() == null || released.failed()) {
      return released;
    }
    return released.and(enable.apply(plan.enable().again()));
  }
}
