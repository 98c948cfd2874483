// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import quietus.systemd.SystemdException;
import quietus.unit.UnitType;

/** The queue of jobs: installing, running, ending (src/core/job.c). */
final class Jobs {
  private static final List<UnitType> PRIORITY =
      List.of(
          UnitType.SERVICE,
          UnitType.MOUNT,
          UnitType.SWAP,
          UnitType.SOCKET,
          UnitType.TARGET,
          UnitType.DEVICE,
          UnitType.AUTOMOUNT,
          UnitType.TIMER,
          UnitType.PATH,
          UnitType.SLICE,
          UnitType.SCOPE);

  private final Machine machine;
  private final Map<Long, Job> installed = new LinkedHashMap<>();
  private final Map<Long, String> results = new HashMap<>();

  /** The order of {@code unit_compare_priority} (src/core/unit.c): by type, then by name. */
  private final TreeSet<Job> runQueue =
      new TreeSet<>(
          Comparator.<Job>comparingInt(j -> -priority(j.unit))
              .thenComparing(j -> j.unit.id())
              .thenComparingLong(j -> j.id));

  private long lastId;

  Jobs(Machine machine) {
    this.machine = machine;
  }

  /**
   * Queues a job and all that it needs.
   *
   * @throws SystemdException when systemd refuses
   */
  Job add(JobType type, ModelUnit unit, JobMode mode) {
    List<Transaction.Node> nodes;
    try {
      nodes = Transaction.build(machine, type, unit, mode);
    } catch (SystemdException e) {
      if (type != JobType.STOP) {
        machine.history.add(unit.id(), History.Kind.REFUSED, e.getMessage());
      }
      throw e;
    }
    Job anchor = null;
    for (Transaction.Node node : nodes) {
      Job job = install(node, mode == JobMode.REPLACE_IRREVERSIBLY);
      runQueue.add(job);
      anchor = anchor == null ? job : anchor;
    }
    return anchor;
  }

  /** The same for jobs that systemd itself queues: a refusal is only logged. */
  void tryAdd(JobType type, ModelUnit unit, JobMode mode) {
    try {
      add(type, unit, mode);
    } catch (SystemdException e) {
      // systemd logs it
    }
  }

  private Job install(Transaction.Node node, boolean irreversible) {
    Job present = node.unit.job;
    if (present != null) {
      if (present.type.conflicts(node.type)) {
        finish(present, "canceled", false);
      } else {
        JobType merged = JobType.merge(present.type, node.type);
        if (present.running && merged != present.type) {
          present.running = false; // it is run again as what it is now
        }
        present.type = merged;
        present.irreversible |= irreversible;
        return present;
      }
    }
    Job job = new Job(++lastId, node.unit, node.type, irreversible);
    node.unit.job = job;
    installed.put(job.id, job);
    machine.changed(node.unit);
    return job;
  }

  /** CancelJob: the job ends, what it has begun goes on. */
  void cancel(long id) {
    Job job = installed.get(id);
    if (job != null) {
      finish(job, "canceled", false);
    }
  }

  /** Runs every job that can run. @return false when there was none in the queue */
  boolean dispatch() {
    if (runQueue.isEmpty()) {
      return false;
    }
    int most = 1000;
    while (!runQueue.isEmpty() && most-- > 0) {
      Job job = runQueue.pollFirst();
      if (job.result == null && !job.running && isRunnable(job)) {
        run(job);
      }
    }
    return true;
  }

  private static int priority(ModelUnit unit) {
    return PRIORITY.indexOf(unit.type());
  }

  private static boolean isRunnable(Job job) {
    for (ModelUnit other : job.unit.deps(Dep.AFTER)) {
      if (other.job != null && job.waitsAfter(other.job)) {
        return false;
      }
    }
    for (ModelUnit other : job.unit.deps(Dep.BEFORE)) {
      if (other.job != null && job.waitsBefore(other.job)) {
        return false;
      }
    }
    return true;
  }

  private void run(Job job) {
    job.running = true;
    Outcome outcome =
        switch (job.type) {
          case START -> job.unit.start();
          case STOP, RESTART -> job.unit.stop();
          case VERIFY_ACTIVE ->
              job.unit.active().isUp()
                  ? Outcome.ALREADY
                  : job.unit.active() == Active.ACTIVATING ? Outcome.AGAIN : Outcome.SKIPPED;
        };
    if (job.result != null || job.unit.job != job) {
      return;
    }
    if (outcome == Outcome.AGAIN) {
      job.running = false;
    } else if (outcome.result() != null) {
      finish(job, outcome.result(), true);
    }
  }

  /**
   * Applies a unit's new state to its job.
   *
   * @return true when the state was not what the job was about
   */
  boolean process(Job job, Active now) {
    if (!job.running) {
      runQueue.add(job);
    }
    if (job.type.stops()) {
      if (now.isDown()) {
        finish(job, "done", true);
      } else if (job.running && now != Active.DEACTIVATING) {
        finish(job, "failed", true);
        return true;
      }
    } else if (now.isUp()) {
      finish(job, "done", true);
    } else if (job.running && now != Active.ACTIVATING) {
      if (now.isDown()) {
        finish(job, now == Active.FAILED ? "failed" : "done", true);
      }
      return true;
    }
    return false;
  }

  void finish(Job job, String result, boolean recursive) {
    ModelUnit unit = job.unit;
    JobType type = job.type;
    if (result.equals("done") && type == JobType.RESTART) {
      job.type = JobType.START;
      job.running = false;
      runQueue.add(job);
      wake(unit);
      return;
    }
    job.result = result;
    installed.remove(job.id);
    results.put(job.id, result);
    runQueue.remove(job);
    unit.job = null;
    machine.changed(unit);
    if (!result.equals("done") && recursive) {
      if (type == JobType.START || type == JobType.VERIFY_ACTIVE) {
        failDependents(unit, Dep.PROPAGATE_START_FAILURE);
      } else if (type == JobType.STOP) {
        failDependents(unit, Dep.PROPAGATE_STOP_FAILURE);
      }
    }
    if (result.equals("done") && recursive && type == JobType.START && !unit.active().isUp()) {
      failDependents(unit, Dep.PROPAGATE_INACTIVE_START_AS_FAILURE);
    }
    if (result.equals("timeout") || result.equals("dependency")) {
      machine.propagation.trigger(unit, Dep.ON_FAILURE);
    }
    machine.propagation.tellTriggers(unit);
    wake(unit);
    if (machine.version >= 251) {
      machine.propagation.look(unit);
    }
  }

  private void wake(ModelUnit unit) {
    for (ModelUnit other : unit.deps(Set.of(Dep.AFTER, Dep.BEFORE))) {
      if (other.job != null) {
        runQueue.add(other.job);
      }
    }
  }

  private void failDependents(ModelUnit unit, Set<Dep> kinds) {
    for (ModelUnit other : unit.deps(kinds)) {
      if (other.job != null
          && (other.job.type == JobType.START || other.job.type == JobType.VERIFY_ACTIVE)) {
        machine.history.add(other.id(), History.Kind.REFUSED, "dependency on " + unit.id());
        finish(other.job, "dependency", true);
      }
    }
  }

  /** After a reload the waiting jobs are looked at again. */
  void coldplug() {
    runQueue.addAll(installed.values());
  }

  /**
   * The result of a job; null while it has not ended; {@code unknown} for one that ended before the
   * agent connected.
   */
  String result(long id) {
    return installed.containsKey(id) ? null : results.getOrDefault(id, "unknown");
  }

  /** A new agent connects: it has received no signal of jobs that ended before. */
  void forgetResults() {
    results.clear();
  }

  Collection<Job> all() {
    return new ArrayList<>(installed.values());
  }

  void clear() {
    installed
        .values()
        .forEach(
            j -> {
              j.result = "canceled";
              j.unit.job = null;
              results.put(j.id, "canceled");
            });
    installed.clear();
    runQueue.clear();
  }
}
