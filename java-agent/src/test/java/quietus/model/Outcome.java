// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/**
 * The result of asking a unit to start or stop; each ends its job in its own way (src/core/job.c,
 * job_run_and_invalidate).
 */
enum Outcome {
  /** Under way: its job ends with the unit's state. */
  GOING,
  /** Not now: its job waits until the unit's state changes. */
  AGAIN,
  ALREADY,
  CONDITION,
  ASSERT,
  DEPENDENCY,
  FAILED,
  SKIPPED,
  ONCE,
  UNSUPPORTED;

  /** The result of the job; null when the job does not end. */
  String result() {
    return switch (this) {
      case GOING, AGAIN -> null;
      case ALREADY, CONDITION -> "done";
      case ASSERT -> "assert";
      case DEPENDENCY -> "dependency";
      case FAILED -> "failed";
      case SKIPPED -> "skipped";
      case ONCE -> "once";
      case UNSUPPORTED -> "unsupported";
    };
  }
}
