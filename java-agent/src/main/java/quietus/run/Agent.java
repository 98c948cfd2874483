// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.apply.ArmLeases;
import quietus.apply.Host;
import quietus.apply.QuiesceRun;
import quietus.apply.RemoveLeftovers;
import quietus.apply.RunningRun;
import quietus.disk.DiskException;
import quietus.disk.Lock;
import quietus.error.AgentException;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.plan.HoldsOnHost;
import quietus.plan.HostView;
import quietus.plan.LeaseWarnings;
import quietus.plan.Leftovers;
import quietus.plan.Outcome;
import quietus.plan.Plan;
import quietus.plan.QuiescePlan;
import quietus.plan.QuiescePlanner;
import quietus.plan.RunningPlan;
import quietus.plan.RunningPlanner;
import quietus.protocol.Extras;
import quietus.protocol.InfoRequest;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.RunningRequest;
import quietus.protocol.StepListener;
import quietus.protocol.Steps;
import quietus.protocol.VerbRequest;
import quietus.unit.UnitName;

/** Runs one request and returns its report. */
public final class Agent {
  private final Host host;
  private final HostView view;
  private final Steps steps;
  private final Past past;
  private Extras extras = Extras.NONE;
  private boolean announced;
  private HoldsOnHost before;
  private List<String> troubles = new ArrayList<>();
  private Leftovers leftovers;

  Agent(Host host, StepListener listener, Past past) {
    this.host = host;
    this.past = past;
    this.view = host.view();
    this.steps = new Steps(listener);
  }

  /**
   * Runs a request. Errors of the host are in the report; an exception is a defect of this program.
   */
  public Report run(Request request) {
    Outcome outcome;
    try {
      outcome = request instanceof VerbRequest verb ? run(verb) : look(request);
    } catch (AgentException e) {
      outcome = failed(request, e.getMessage());
    }
    steps.end();
    List<String> warnings = new ArrayList<>(outcome.warnings());
    for (String trouble : troubles) {
      if (!trouble.equals(outcome.msg())) {
        warnings.add(trouble);
      }
    }
    String trouble = host.journal().finish();
    if (trouble != null) {
      warnings.add(trouble);
    }
    List<Report.HoldLine> holds = new ArrayList<>();
    for (FoundHold found : outcome.holds()) {
      Hold hold = found.hold();
      holds.add(
          new Report.HoldLine(
              hold,
              found.phase(),
              request instanceof QuiesceRequest && isBegun(hold.subject()),
              hold.lease() != null && hold.lease().isOver(view.time()),
              host.disk().holds().path(hold.until(), found.phase(), hold.subject()).toString(),
              view.releaseCommand(hold.subject())));
    }
    String msg =
        request instanceof VerbRequest verb && verb.check() && outcome.changed()
            ? "Check mode: nothing was changed. A run would report: " + outcome.msg()
            : outcome.msg();
    return new Report(
        outcome.changed(),
        outcome.failed(),
        msg,
        request instanceof VerbRequest verb ? verb.state() : null,
        outcome.members(),
        outcome.doors(),
        holds,
        outcome.inexact(),
        warnings,
        outcome.evidence(),
        steps.taken(),
        host.version(),
        extras);
  }

  private Outcome look(Request request) {
    HoldsOnHost held = held(request);
    look(held, Set.of());
    Outcome outcome = new Inspect(view, request.names(), held, steps).run();
    if (request instanceof InfoRequest info) {
      extras = new Asked(past, info, steps, view.now()).of(outcome, troubles);
    }
    return outcome;
  }

  private Outcome run(VerbRequest request) {
    boolean ofLeases = request instanceof RunningRequest running && running.expiredOnly();
    if (request.check()) {
      Plan plan = plan(request);
      await(attempts(plan, view.now()));
      return plan.outcome();
    }
    Plan plan;
    AttemptsReader attempts = null;
    Outcome outcome;
    steps.next("lock");
    try (Lock lock = host.disk().lock(request.limits().lockTimeout())) {
      plan = plan(request);
      if (plan.isNoOp() && !hasLeftovers() && !ofLeases) {
        return plan.outcome();
      }
      announce(lock, request);
      if (hasLeftovers()) {
        removeLeftovers(request);
      }
      if (!ofLeases) { // nobody reads the report of the timer's run
        attempts = attempts(plan, view.now());
      }
      outcome = plan.isNoOp() ? plan.outcome() : apply(plan, request, attempts);
      if (ofLeases) {
        new ArmLeases(host, request).again();
      }
    }
    await(attempts);
    return outcome;
  }

  /**
   * What tells who tried to start what a release releases; nothing else reads the journal. Null for
   * a plan that releases nothing.
   */
  private AttemptsReader attempts(Plan plan, Instant until) {
    if (!(plan instanceof RunningPlan running) || running.release() == null) {
      return null;
    }
    List<FoundHold> released = new ArrayList<>();
    for (FoundHold found : before.all()) {
      if (running.release().subjects().contains(found.hold().subject())) {
        released.add(found);
      }
    }
    return new AttemptsReader(past, released, until);
  }

  /** The journal takes up to seconds, so it is awaited when the lock is free. */
  private void await(AttemptsReader attempts) {
    if (attempts != null) {
      steps.next("attempts");
      extras = new Extras(Map.of(), null, attempts.await());
    }
  }

  private boolean hasLeftovers() {
    return leftovers != null && !leftovers.isEmpty();
  }

  /** A failure to remove what another run left is only a warning. */
  private void removeLeftovers(VerbRequest request) {
    try {
      new RemoveLeftovers(host, request).apply(leftovers);
    } catch (AgentException e) {
      troubles.add(e.getMessage());
    }
  }

  /** Looks for files that other runs left, and at the leases. */
  private void look(HoldsOnHost held, Set<String> except) {
    try {
      leftovers = new Leftovers(host.disk(), held.read(), except);
      troubles.addAll(leftovers.sentences());
      troubles.addAll(
          LeaseWarnings.of(host.disk(), held.all(), view.time(), view.command(), except));
    } catch (AgentException e) {
      troubles.add(e.getMessage());
    }
  }

  private HoldsOnHost held(Request request) {
    HoldsOnHost held = new HoldsOnHost(host.disk());
    troubles = new ArrayList<>(held.troubles());
    held.refuseLostNames(request.names());
    return held;
  }

  /** True when the plan found no hold of a family that is held now. */
  private boolean isBegun(String subject) {
    return before != null && before.answering(subject) == null;
  }

  /** Decides, with objects that cannot write. */
  private Plan plan(VerbRequest request) {
    HoldsOnHost held = held(request);
    before = held;
    Plan plan =
        request instanceof QuiesceRequest quiesce
            ? new QuiescePlanner(view, quiesce, held, steps).plan()
            : new RunningPlanner(view, (RunningRequest) request, held, steps).plan();
    look(held, plan.subjects());
    return plan;
  }

  /**
   * @param whenUp what can be done beside the end of a release; null for nothing
   */
  private Outcome apply(Plan plan, VerbRequest request, Runnable whenUp) {
    return request instanceof QuiesceRequest quiesce
        ? new QuiesceRun(host, view, quiesce, steps).apply((QuiescePlan) plan)
        : new RunningRun(host, view, (RunningRequest) request, steps, whenUp)
            .apply((RunningPlan) plan);
  }

  /** Records who holds the lock, for other runs, before anything is changed. */
  private void announce(Lock lock, VerbRequest request) {
    announced = true;
    lock.say(
        "process "
            + ProcessHandle.current().pid()
            + " makes "
            + (request.names().isEmpty() ? "what has a lease that is over" : request.names().get(0))
            + (request.names().size() > 1 ? " and others " : " ")
            + request.state()
            + " since "
            + host.clock().instant());
  }

  /** True when a failed run has written a file or given systemd a command. */
  private boolean isChanged() {
    if (!announced || host.disk().isChanged()) {
      return announced;
    }
    steps.end();
    for (Report.Step step : steps.taken()) {
      switch (step.name()) {
        case "reload", "stop", "open", "start" -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  /** A failure, with the holds of the requested units as they are on the disk now. */
  private Outcome failed(Request request, String msg) {
    List<FoundHold> holds = new ArrayList<>();
    try {
      HoldsOnHost held = new HoldsOnHost(host.disk());
      for (UnitName name : request.names()) {
        FoundHold found = held.answering(name.text());
        if (found != null && !holds.contains(found)) {
          holds.add(found);
        }
      }
    } catch (DiskException e) {
      // msg says why
    }
    return new Outcome(
        isChanged(), true, msg, List.of(), List.of(), holds, List.of(), List.of(), null);
  }
}
