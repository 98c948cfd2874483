// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import quietus.unit.UnitType;

/**
 * Units whose own start or restart pulled this one in. systemd numbers the jobs of one transaction
 * from the unit that was asked for: what a unit pulls in has a higher JOB_ID= than the unit itself.
 */
final class JobCauses {
  private static final String[] PULLED_BY = {"RequiredBy", "WantedBy", "BoundBy", "UpheldBy"};
  private static final String[] PULLS = {"Requires", "Wants", "BindsTo", "Upholds"};
  private static final String[] FOLLOWS = {"Requires", "BindsTo", "PartOf", "Requisite"};

  /** How long a unit that is not ordered after this one may have been up when this one began. */
  private static final long LATE = 2_000_000;

  private final Evidence evidence;
  private final Facts unit;
  private final long job;

  private JobCauses(Evidence evidence) {
    this.evidence = evidence;
    this.unit = evidence.unit();
    this.job = evidence.job();
  }

  static List<Cause> of(Evidence evidence) {
    JobCauses jobs = new JobCauses(evidence);
    List<Cause> causes = new ArrayList<>();
    if (jobs.job == 0) {
      return causes;
    }
    Cause along = evidence.isRestartJob() ? jobs.restartedAlong() : null;
    Cause pulled = evidence.isRestartJob() ? null : jobs.pulled();
    if (along != null) {
      causes.add(along);
    } else if (pulled != null) {
      causes.add(pulled);
    } else if (jobs.isBootsOwn()) {
      causes.add(
          Cause.of(
              Kind.BOOT,
              jobs.unit.id(),
              Certainty.KNOWN,
              "was started by the boot, which starts it as default.target",
              "its job is the boot's first, number " + jobs.job));
    } else if (!evidence.isRestartJob()) {
      Cause open = jobs.gone();
      open = open == null ? jobs.unlogged() : open;
      if (open != null) {
        causes.add(open);
      }
    }
    return causes;
  }

  private boolean isBootsOwn() {
    return job == 1 && unit.names().contains(evidence.boot().target());
  }

  /**
   * The unit whose transaction this start belongs to: of several the last, which is the nearest.
   */
  private Cause pulled() {
    Facts nearest = null;
    long highest = 0;
    boolean after = false;
    for (Facts other : evidence.others().values()) {
      long pulling = pullingJob(other);
      if (pulling > highest && pulling < job && pulls(other) && fits(other)) {
        nearest = other;
        highest = pulling;
        after = other.begin() >= unit.begin() || other.number("Job") == pulling;
      }
    }
    if (nearest == null) {
      return null;
    }
    boolean boot = nearest.id().endsWith(UnitType.TARGET.suffix()) && isOfTheBoot(nearest);
    boolean sure = after || unit.wentDown() == 0;
    String how = relation(nearest);
    return Cause.of(
        boot ? Kind.BOOT : how.equals("upholds") ? Kind.UPHELD : Kind.DEPENDENCY,
        nearest.id(),
        sure ? Certainty.KNOWN : Certainty.INFERRED,
        (boot ? "was started by the boot: " : "was started along with " + nearest.id() + ": ")
            + nearest.id()
            + " "
            + how
            + " it",
        nearest.id() + " " + how + " " + unit.id(),
        "job " + job + " of " + unit.id() + " follows job " + highest + " of " + nearest.id());
  }

  private boolean isOfTheBoot(Facts target) {
    long finished = evidence.boot().finished();
    return finished == 0
        || target.started() > 0 && target.started() <= finished && unit.begin() <= finished;
  }

  /** The number of the other unit's start, by the journal or because it still waits; 0 for none. */
  private long pullingJob(Facts other) {
    long pulling = 0;
    for (Entry entry : evidence.about(other)) {
      if (entry.isStart() && entry.job() < job && entry.job() > pulling) {
        pulling = entry.job();
      }
    }
    long waiting = other.number("Job");
    return waiting > pulling && waiting < job ? waiting : pulling;
  }

  private boolean pulls(Facts other) {
    return unit.related(PULLED_BY).contains(other.id())
        || intersects(other.related(PULLS), unit.names());
  }

  private static boolean intersects(Set<String> some, Set<String> others) {
    for (String one : some) {
      if (others.contains(one)) {
        return true;
      }
    }
    return false;
  }

  /** True when the unit was down as the other's transaction was made, and its start is of it. */
  private boolean fits(Facts other) {
    if (other.number("Job") > 0 && other.number("Job") < job) {
      return true;
    }
    long pulling = pullingJob(other);
    long seen = 0;
    for (Entry entry : evidence.about(other)) {
      if (entry.job() == pulling && (seen == 0 || entry.at() < seen)) {
        seen = entry.at();
      }
    }
    if (seen == 0 || seen <= unit.wentDown()) {
      return false;
    }
    for (Entry entry : evidence.about(unit)) {
      if (entry.job() > pulling && entry.job() < job) {
        return false; // its part of that transaction was another one, and is over
      }
    }
    return seen >= unit.begin() - LATE
        || other.number("ActiveEnterTimestamp") >= unit.begin() - LATE;
  }

  private String relation(Facts other) {
    if (unit.list("RequiredBy").contains(other.id())
        || intersects(other.related("Requires"), unit.names())) {
      return "requires";
    }
    if (unit.list("BoundBy").contains(other.id())
        || intersects(other.related("BindsTo"), unit.names())) {
      return "is bound to";
    }
    return unit.list("UpheldBy").contains(other.id()) ? "upholds" : "wants";
  }

  /** The unit that was restarted, and this one with it. */
  private Cause restartedAlong() {
    Cause found = null;
    long highest = 0;
    for (String name : unit.related(FOLLOWS)) {
      Facts other = evidence.other(name);
      long restart = other == null ? 0 : restartJob(other);
      if (restart > highest && restart < job) {
        highest = restart;
        found =
            Cause.of(
                Kind.DEPENDENCY,
                name,
                Certainty.KNOWN,
                "was restarted along with " + name + ", which it follows",
                "job " + job + " restarts " + unit.id() + ", and job " + restart + " " + name);
      }
    }
    return found;
  }

  /** The restart of the other unit that this unit's restart is of; 0 for none. */
  private long restartJob(Facts other) {
    boolean again = false;
    for (Entry entry : evidence.about(other)) {
      if (entry.at() < unit.begin() - 60_000_000) {
        continue;
      }
      again |= entry.restarts() > 0;
      boolean restart = entry.jobType().equals("restart") || again && entry.isStart();
      if (restart && entry.job() > 0 && entry.job() < job && isWithThisRestart(other, entry)) {
        return entry.job();
      }
    }
    return 0;
  }

  /**
   * True when the other unit's restart was not over as this unit's stop began, and this unit has
   * had no other job since: its part of an earlier restart was another job.
   */
  private boolean isWithThisRestart(Facts other, Entry restart) {
    long stopping = 0;
    for (Entry entry : evidence.about(unit)) {
      if (entry.job() > restart.job() && entry.job() < job) {
        return false;
      }
      if (entry.job() == job && stopping == 0) {
        stopping = entry.at();
      }
    }
    long last = other.number("Job") == restart.job() ? Long.MAX_VALUE : 0;
    for (Entry entry : evidence.about(other)) {
      if (entry.job() == restart.job()) {
        last = Math.max(last, entry.at());
      }
    }
    return last >= stopping;
  }

  /** A unit that pulls this one in and started then, while the journal does not show its job. */
  private Cause unlogged() {
    for (Facts other : evidence.others().values()) {
      if (other.isUp()
          && other.number("Job") == 0
          && pulls(other)
          && other.started() > unit.wentDown()
          && other.started() > unit.begin() - LATE
          && pullingJob(other) == 0
          && !hasStart(other)) {
        return Cause.of(
            Kind.DEPENDENCY,
            other.id(),
            Certainty.UNKNOWN,
            "may have been started along with " + other.id(),
            other.id() + " " + relation(other) + " " + unit.id(),
            "the journal does not show the job that started " + other.id());
      }
    }
    return null;
  }

  private boolean hasStart(Facts other) {
    for (Entry entry : evidence.about(other)) {
      if (entry.isStart()) {
        return true;
      }
    }
    return false;
  }

  /**
   * A unit that started just before and is not there any more: it may have pulled this one in. Of
   * one that is still there systemd tells what it pulls in.
   */
  private Cause gone() {
    for (Entry entry : evidence.entries()) {
      if (entry.isManager()
          && entry.isStart()
          && entry.job() < job
          && entry.job() > job - 200
          && entry.at() > unit.wentDown()
          && entry.at() > unit.begin() - LATE
          && !unit.names().contains(entry.unit())
          && !entry.unit().endsWith(UnitType.SCOPE.suffix())
          && !entry.unit().endsWith(UnitType.SLICE.suffix())) {
        if (entry.unit().startsWith("quietus-release-")) {
          return Cause.of(
              Kind.REQUEST,
              "",
              Certainty.KNOWN,
              "was started by a release of Quietus, which brought back what it had stopped",
              Words.said(entry));
        }
        Facts other = evidence.other(entry.unit());
        if (other == null || other.text("LoadState").equals("not-found")) {
          return Cause.of(
              Kind.DEPENDENCY,
              entry.unit(),
              Certainty.UNKNOWN,
              "may have been started along with " + entry.unit() + ", which is gone",
              Words.said(entry));
        }
      }
    }
    return null;
  }
}
