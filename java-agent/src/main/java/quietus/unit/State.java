// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import java.util.Objects;

/**
 * The state of a unit at one moment.
 *
 * @param load systemd's LoadState, such as {@code loaded}, {@code masked}, {@code not-found}
 * @param active systemd's ActiveState, such as {@code activating} or {@code failed}
 * @param sub systemd's SubState, such as {@code running}, {@code auto-restart}, {@code listening}
 * @param job the id of the job that is queued or runs for the unit, 0 when there is none
 * @param jobType what kind of job that is, such as {@code start} or {@code restart}; empty when
 *     there is none, or when it was not told
 */
public record State(String load, String active, String sub, long job, String jobType) {
  public State {
    Objects.requireNonNull(load);
    Objects.requireNonNull(active);
    Objects.requireNonNull(sub);
    Objects.requireNonNull(jobType);
  }

  public State(String load, String active, String sub, long job) {
    this(load, active, sub, job, "");
  }

  /** The state of a unit that systemd does not know. */
  public static final State NOT_FOUND = new State("not-found", "inactive", "dead", 0);

  /** How a template is reported: systemd runs its instances, and loads no template by itself. */
  public static final State TEMPLATE = new State("template", "inactive", "dead", 0);

  /**
   * True when nothing of the unit runs and nothing is about to. A unit in auto-restart is not down,
   * whatever its ActiveState says: since systemd 254 {@code dead-before-auto-restart} reads {@code
   * inactive} (docs/systemd-facts.md, Properties).
   */
  public boolean isDown() {
    return job == 0 && isDead();
  }

  /**
   * True when nothing of the unit runs, though a job may be queued for it: under a hold that is a
   * start which the gate is about to refuse.
   */
  public boolean isDead() {
    return (active.equals("inactive") || active.equals("failed"))
        && (sub.equals("dead") || sub.equals("failed") || keepsDescriptors());
  }

  /** True when the unit is down and systemd keeps file descriptors that it stored. */
  public boolean keepsDescriptors() {
    return sub.equals("dead-resources-pinned");
  }

  /** True when the unit is up or on its way up, so that a release has to bring it back. */
  public boolean isUp() {
    return switch (active) {
      case "active", "activating", "reloading", "refreshing", "maintenance" -> true;
      default -> sub.endsWith("-before-auto-restart");
    };
  }

  /** True when a job is under way that ends with the unit up: somebody's start or restart of it. */
  public boolean isComingUp() {
    return jobType.equals("start") || jobType.equals("restart");
  }

  public boolean isMasked() {
    return load.equals("masked");
  }

  public boolean isFound() {
    return !load.equals("not-found");
  }
}
