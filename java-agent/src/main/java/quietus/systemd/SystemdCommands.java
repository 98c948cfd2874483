// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The commands for a systemd manager, and the waiting for their result. Every method may throw
 * {@link SystemdException}.
 */
public interface SystemdCommands {
  /** Makes systemd read all unit files again (daemon-reload), and returns when that is done. */
  void reload();

  /**
   * Queues stop jobs in mode {@code replace-irreversibly}, one transaction a unit, in this order,
   * all sent together.
   *
   * @return the job of each unit; a unit that has none to stop is not in it
   */
  Map<String, Long> stop(List<String> units);

  /**
   * Queues start jobs in mode {@code replace}, as {@link #stop}. A unit that systemd refuses to
   * queue is in no result; {@link SystemdException} names it.
   */
  Map<String, Long> start(List<String> units);

  /**
   * Cancels jobs; one that has ended is passed over. What a job has begun goes on: a service whose
   * stop job is cancelled is stopped all the same, and a start of it waits for that
   * (docs/systemd-facts.md).
   */
  void cancel(Collection<Long> jobs);

  /**
   * Makes systemd forget that units failed and how often they were started (ResetFailedUnit), so
   * that {@code StartLimitBurst=} does not refuse their next start. A unit that is not loaded is
   * passed over.
   */
  void resetFailed(Collection<String> units);

  /**
   * Starts a transient service of type oneshot that wants some units and is ordered before them:
   * one ordered transaction in which their start jobs are queued before its commands run
   * (docs/systemd-facts.md, Transactions).
   *
   * @param wants the units that it starts
   * @param before the units that it is ordered before: those, and whatever their start may pull in
   * @param commands absolute paths with arguments, run one after the other
   * @return its job
   */
  long startOneshotBefore(
      String name,
      String description,
      List<List<String>> commands,
      List<String> wants,
      List<String> before);

  /**
   * Waits until jobs have ended, by systemd's own signals.
   *
   * @return each job's result ({@code done}, {@code canceled}, {@code timeout}, {@code failed},
   *     {@code dependency}, {@code skipped}, {@code assert}, ...); {@code unknown} for a job that
   *     ended before this connection was made; a job that has not ended within the time is not in
   *     it
   */
  Map<Long, String> await(Collection<Long> jobs, Duration limit);

  /**
   * Waits until systemd signals that something about one of these units changed, or the time is
   * over. What changed since {@link SystemdQuestions#states} was called last counts, so that
   * nothing is missed between the two; a change that those states already showed may be signalled
   * once more.
   *
   * @param units primary names
   * @return false when the time is over
   */
  boolean awaitChange(Collection<String> units, Duration limit);
}
