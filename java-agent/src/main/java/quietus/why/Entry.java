// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.Objects;

/**
 * One entry of the journal. What a process says of itself is in the message and the identifier; the
 * rest is journald's own word.
 *
 * @param at when, in microseconds since 1970
 * @param source the process: {@code systemd}, {@code dbus-daemon}, {@code sudo}
 * @param identifier what the process calls itself, such as {@code ansible-systemd}
 * @param pid its process id; 1 stands for the manager that was asked, also a user's
 * @param uid its user, 0 also for a process with root's capabilities; -1 when it is not told
 * @param service the unit that the process belongs to
 * @param unit the unit that the entry is about (UNIT=), empty when it is about none
 * @param jobType JOB_TYPE=, empty when the entry is about no job
 * @param job JOB_ID=, 0 when there is none
 * @param restarts N_RESTARTS=, 0 when it is no restart
 */
public record Entry(
    long at,
    String source,
    String identifier,
    long pid,
    long uid,
    String service,
    String unit,
    String jobType,
    long job,
    long restarts,
    String message) {
  public Entry {
    Objects.requireNonNull(source);
    Objects.requireNonNull(identifier);
    Objects.requireNonNull(service);
    Objects.requireNonNull(unit);
    Objects.requireNonNull(jobType);
    Objects.requireNonNull(message);
  }

  /** Said by systemd itself. */
  boolean isManager() {
    return pid == 1;
  }

  /** A job that starts its unit, also as the second half of a restart. */
  boolean isStart() {
    return job > 0 && (jobType.equals("start") || jobType.equals("restart"));
  }

  /** A job that stops its unit, also as the first half of a restart. */
  boolean isStop() {
    return job > 0 && (jobType.equals("stop") || jobType.equals("restart"));
  }

  /** systemd says that a unit went down, or is going down. */
  public boolean isEnd() {
    return isManager() && (isStop() || isResult());
  }

  /** systemd says how a unit ended; ": Succeeded." is that of systemd 247. */
  boolean isResult() {
    return job == 0
        && (message.endsWith(": Deactivated successfully.")
            || message.endsWith(": Succeeded.")
            || message.contains(": Failed with result '"));
  }

  /**
   * systemd starts a unit: neither refuses to, nor reports a start that is over. A oneshot's
   * "Finished" comes after its end.
   */
  boolean isRise() {
    return isManager()
        && job > 0
        && jobType.equals("start")
        && !message.startsWith("Finished ")
        && !message.startsWith("Failed to start ")
        && !message.startsWith("Dependency failed for ")
        && !message.startsWith("Assertion failed for ")
        && !message.startsWith("Condition check resulted in ")
        && !message.contains(" was skipped because ");
  }
}
