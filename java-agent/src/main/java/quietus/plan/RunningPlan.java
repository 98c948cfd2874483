// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How to get units running: release those that are held, start those that are not. Either part may
 * be absent.
 */
public final class RunningPlan implements Plan {
  private final ReleasePlan release;
  private final EnablePlan enable;
  private final String nothing;

  /**
   * @param release null when nothing of it is held
   * @param enable null when all of it is held, or the rest is not to be started
   * @param nothing what to say where both are null
   */
  RunningPlan(ReleasePlan release, EnablePlan enable, String nothing) {
    this.release = release;
    this.enable = enable;
    this.nothing = nothing;
  }

  /** Null when nothing has to be released. */
  public ReleasePlan release() {
    return release;
  }

  /** Null when nothing has to be started besides. */
  public EnablePlan enable() {
    return enable;
  }

  @Override
  public boolean isNoOp() {
    return release == null && (enable == null || enable.isNoOp());
  }

  @Override
  public Set<String> subjects() {
    Set<String> subjects = new LinkedHashSet<>();
    if (release != null) {
      subjects.addAll(release.subjects());
    }
    if (enable != null) {
      subjects.addAll(enable.subjects());
    }
    return subjects;
  }

  @Override
  public Outcome outcome() {
    if (release == null) {
      return enable == null ? Outcome.saying(nothing) : enable.outcome();
    }
    Outcome released = release.outcome();
    return enable == null ? released : released.and(enable.outcome());
  }
}
