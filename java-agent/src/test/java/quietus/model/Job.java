// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** A job that is installed in the queue. */
final class Job {
  final long id;
  final ModelUnit unit;
  JobType type;
  boolean irreversible;
  boolean running;

  /** Null while it is queued or runs. */
  String result;

  Job(long id, ModelUnit unit, JobType type, boolean irreversible) {
    this.id = id;
    this.unit = unit;
    this.type = type;
    this.irreversible = irreversible;
  }

  /**
   * True when this job has to wait for the other one, if this unit is ordered after the other's.
   */
  boolean waitsAfter(Job other) {
    return !type.stops();
  }

  /**
   * True when this job has to wait for the other one, if this unit is ordered before the other's.
   */
  boolean waitsBefore(Job other) {
    return other.type.stops();
  }

  @Override
  public String toString() {
    return id + " " + unit.id() + "/" + type + (running ? " running" : " waiting");
  }
}
