// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.RunningPlan;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;

/**
 * Carries out a plan to have units running: first what is held, then what is not.
 *
 * <p>After a crash in the release, see {@link ReleaseRun}; nothing of what is not held was started
 * then. After a crash between the two the held families are up, their records and gates are gone,
 * and the others are as they were. After a crash in the second part, see {@link EnableRun}. The
 * next run of the same request does what is missing.
 */
public final class RunningRun {
  private final ReleaseRun release;
  private final EnableRun enable;

  /**
   * @param whenUp is run once all that a release starts is up, before its gates are removed; null
   *     for nothing
   */
  public RunningRun(
      Host host, HostView view, RunningRequest request, Steps steps, Runnable whenUp) {
    this.release = new ReleaseRun(host, view, request, steps, whenUp);
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
