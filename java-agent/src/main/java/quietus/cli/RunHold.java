// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import quietus.error.AgentException;
import quietus.hold.FoundHold;
import quietus.hold.Phase;
import quietus.protocol.Claim;
import quietus.protocol.Limits;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.RunningRequest;
import quietus.protocol.Scope;
import quietus.run.Session;
import quietus.unit.UnitName;

/**
 * The hold of one {@code quietus run}. It knows its records by its token, which nobody else has: a
 * record of somebody else is neither renewed nor released.
 */
final class RunHold {
  private final QuiesceRequest request;
  private final Duration settleAfter;
  private final Consumer<String> say;
  private Set<String> taken = Set.of();

  /**
   * @param say takes a sentence for the person at the shell
   */
  RunHold(QuiesceRequest request, Duration settleAfter, Consumer<String> say) {
    this.request = request;
    this.settleAfter = settleAfter;
    this.say = say;
  }

  /**
   * @return true when all units are held and down
   */
  boolean take() {
    boolean good = run(request, /* quiet= */ false);
    taken = subjects(/* heldOnly= */ true);
    return good && !taken.isEmpty();
  }

  /** Renews the lease of what is still held. What is no longer held is not held again. */
  void renew() {
    Set<String> names = subjects(/* heldOnly= */ true);
    if (!names.isEmpty()) {
      run(
          new QuiesceRequest(
              scope(names),
              request.limits(),
              request.claim(),
              request.terms(),
              Duration.ZERO,
              Duration.ZERO,
              /* refuseDependents= */ false,
              request.allowProtected()),
          /* quiet= */ true);
    }
  }

  /** False when a hold has ended, or was taken over, before its release. */
  boolean isWhole() {
    Set<String> gone = new TreeSet<>(taken);
    gone.removeAll(subjects(/* heldOnly= */ true));
    for (String subject : gone) {
      say.accept(
          subject
              + " was not held until the end: its lease was over, or somebody released it or took"
              + " it over. It may have run meanwhile; see: journalctl -u "
              + subject);
    }
    return gone.isEmpty();
  }

  /**
   * @return false when not all that is held is back
   */
  boolean release() {
    Set<String> names;
    try {
      names = subjects(/* heldOnly= */ false);
    } catch (AgentException e) {
      say.accept(e.getMessage());
      return false;
    }
    Claim own = new Claim(request.claim().holder(), /* takeover= */ false);
    Limits limits = request.limits();
    return names.isEmpty()
        || run(
            new RunningRequest(
                scope(names),
                limits,
                own,
                settleAfter,
                /* heldOnly= */ true,
                /* expiredOnly= */ false),
            /* quiet= */ false);
  }

  /** The subjects of this run's own records, as they lie on the disk now. */
  private Set<String> subjects(boolean heldOnly) {
    Set<String> subjects = new TreeSet<>();
    for (FoundHold found : Session.disk(request.user()).holds().all().found()) {
      boolean own = request.claim().holder().token().equals(found.hold().holder().token());
      if (own && (!heldOnly || found.phase() == Phase.HELD)) {
        subjects.add(found.hold().subject());
      }
    }
    return subjects;
  }

  private Scope scope(Set<String> names) {
    List<UnitName> units = new ArrayList<>();
    for (String name : names) {
      units.add(UnitName.parse(name));
    }
    return new Scope(units, request.user());
  }

  private boolean run(Request request, boolean quiet) {
    try {
      Report report = Session.run(request);
      if (!quiet || report.failed()) {
        say.accept(report.msg());
      }
      for (String warning : report.warnings()) {
        say.accept("warning: " + warning);
      }
      return !report.failed();
    } catch (AgentException e) {
      say.accept(e.getMessage());
      return false;
    }
  }
}
