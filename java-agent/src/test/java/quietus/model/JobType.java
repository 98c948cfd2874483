// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** The types of jobs; a try-restart is collapsed before it gets here. */
enum JobType {
  START,
  VERIFY_ACTIVE,
  STOP,
  RESTART;

  /**
   * The one job that does what both would, null when they contradict each other (src/core/job.c,
   * job_merging_table).
   */
  static JobType merge(JobType a, JobType b) {
    if (a == b) {
      return a;
    }
    if (a == STOP || b == STOP) {
      return null;
    }
    return a == RESTART || b == RESTART ? RESTART : START;
  }

  boolean conflicts(JobType other) {
    return merge(this, other) == null;
  }

  /** True when a job of this type does nothing to a unit in that state. */
  boolean isRedundant(Active state) {
    return switch (this) {
      case START, VERIFY_ACTIVE -> state.isUp();
      case STOP -> state.isDown();
      case RESTART -> state == Active.ACTIVATING;
    };
  }

  boolean stops() {
    return this == STOP || this == RESTART;
  }
}
