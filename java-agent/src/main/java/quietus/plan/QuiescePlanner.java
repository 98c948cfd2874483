// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.error.AgentException;
import quietus.family.Family;
import quietus.family.Member;
import quietus.hold.FoundHold;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Lease;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Steps;
import quietus.protocol.Terms;
import quietus.unit.State;
import quietus.unit.UnitName;

/** Decides how to hold families. Refuses what would do harm. */
public final class QuiescePlanner {
  private final HostView host;
  private final QuiesceRequest request;
  private final HoldsOnHost held;
  private final Steps steps;
  private final Map<String, State> before = new LinkedHashMap<>();

  public QuiescePlanner(HostView host, QuiesceRequest request, HoldsOnHost held, Steps steps) {
    this.host = host;
    this.request = request;
    this.held = held;
    this.steps = steps;
  }

  public QuiescePlan plan() {
    steps.next("look");
    Outcome same = alreadyQuiesced(named());
    if (same != null) {
      return new QuiescePlan(same);
    }
    steps.next("resolve");
    List<Family> families = host.resolver(held).families(request.names());
    DependencyStarts starts = new DependencyStarts(host, families, held.closedElsewhere(Set.of()));
    List<QuiescePlan.Target> targets = targets(families, starts);
    same = alreadyQuiesced(found(targets));
    if (same != null) {
      return new QuiescePlan(same);
    }
    held.refuseLost(before.keySet());
    String refusal = new Refusals(host, request).of(targets);
    if (refusal != null) {
      return new QuiescePlan(refused(refusal, targets));
    }
    targets = withGates(targets);
    return new QuiescePlan(host, held, starts, targets, before, warnings(targets));
  }

  /** The holds of the names, found without resolving the families; null when a name has none. */
  private List<Hold> named() {
    List<Hold> holds = new ArrayList<>();
    for (UnitName name : request.names()) {
      FoundHold found = name.isGlob() ? null : held.answering(name.text());
      if (found == null || found.phase() != Phase.HELD) {
        return null;
      }
      if (!holds.contains(found.hold())) {
        holds.add(found.hold());
      }
    }
    return holds;
  }

  /** As {@link #named}, with the resolved families, for globs. */
  private static List<Hold> found(List<QuiescePlan.Target> targets) {
    List<Hold> holds = new ArrayList<>();
    for (QuiescePlan.Target target : targets) {
      if (!target.wasHeld() || !target.added().isEmpty()) {
        return null;
      }
      holds.add(target.found().hold());
    }
    return holds;
  }

  /**
   * @return null when something has to be done
   */
  private Outcome alreadyQuiesced(List<Hold> holds) {
    if (holds == null) {
      return null;
    }
    for (Hold hold : holds) {
      Ownership.refuse(hold, request.claim());
      if (!sameTerms(hold)) {
        return null;
      }
    }
    Map<String, State> states = host.states(holds);
    if (UnreadMasks.matter(holds, states)) {
      return null;
    }
    for (Hold hold : holds) {
      if (!host.ungated(hold).isEmpty()
          || !host.unmasked(hold).isEmpty()
          || !host.shows(hold, states)
          || !host.left(hold).isEmpty()) {
        return null;
      }
    }
    Map<String, State> reported = ReportedStates.of(host.disk(), holds, states);
    return Outcome.of(
        holds, Phase.HELD, reported, reported, QuiesceText.quiesced(holds, /* already= */ true));
  }

  /** A refusal, with the units that would have been stopped. */
  private Outcome refused(String why, List<QuiescePlan.Target> targets) {
    List<Family> families = new ArrayList<>();
    List<FoundHold> holds = new ArrayList<>();
    for (QuiescePlan.Target target : targets) {
      families.add(target.family());
      if (target.found() != null) {
        holds.add(target.found());
      }
    }
    return Outcome.refused(why, Outcome.members(families, before, held), holds);
  }

  private boolean sameTerms(Hold hold) {
    Terms terms = request.terms();
    return !Ownership.isForeign(hold, request.claim())
        && (terms.until() == null || terms.until() == hold.until())
        && (terms.reason() == null || terms.reason().equals(hold.reason()))
        && sameLease(hold)
        && (hold.lease() == null || host.disk().leases().isSet(hold, host.time()));
  }

  private boolean sameLease(Hold hold) {
    return Lease.isAsAsked(hold.lease(), request.terms().lease(), host.time());
  }

  private List<QuiescePlan.Target> targets(List<Family> families, DependencyStarts starts) {
    List<QuiescePlan.Target> targets = new ArrayList<>();
    for (Family family : families) {
      FoundHold found = held.answering(family.subject());
      if (found != null && !found.hold().subject().equals(family.subject())) {
        found = null;
      }
      for (Member member : family.members()) {
        before.put(member.name(), member.unit().state());
      }
      QuiescePlan.Target target = found == null ? fresh(family) : renewed(family, found);
      targets.add(QuiescePlan.finish(target, before, starts, held));
    }
    return targets;
  }

  private Instant now() {
    return host.now().truncatedTo(ChronoUnit.SECONDS);
  }

  private QuiescePlan.Target fresh(Family family) {
    Terms terms = request.terms();
    Hold hold =
        new Hold(
            family.subject(),
            family.names(),
            terms.until() == null ? Until.RELEASED : terms.until(),
            now(),
            request.claim().holder(),
            terms.reason() == null ? "" : terms.reason(),
            terms.lease() == null || terms.lease().isZero()
                ? null
                : Lease.of(terms.lease(), host.time()),
            List.of(),
            family.doors(),
            List.of());
    return new QuiescePlan.Target(hold, null, family, family.members(), Set.of(), false);
  }

  private QuiescePlan.Target renewed(Family family, FoundHold found) {
    Terms terms = request.terms();
    Hold old = found.hold();
    Ownership.refuse(old, request.claim());
    if (terms.until() != null && terms.until() != old.until()) {
      throw new AgentException(
          old.subject()
              + " is held until "
              + (old.until() == Until.RELEASED ? "released" : "the next boot")
              + ", and a hold keeps its lifetime: release it first ("
              + host.releaseCommand(old.subject())
              + "), then quiesce it until "
              + terms.until().word());
    }
    List<Member> added = new ArrayList<>();
    for (Member member : family.members()) {
      if (old.member(member.name()) == null && !UnitName.isTemplate(member.name())) {
        added.add(member);
      }
    }
    Lease lease =
        sameLease(old)
            ? old.lease()
            : terms.lease().isZero() ? null : Lease.of(terms.lease(), host.time());
    Hold hold =
        old.withTerms(
            old.until(),
            Ownership.holder(old, request.claim()),
            Ownership.reason(old, request.claim(), terms),
            lease);
    for (HeldMember member : old.members()) {
      if (!before.containsKey(member.unit())) {
        before.put(member.unit(), host.statesOf(List.of(member.unit())).get(member.unit()));
      }
    }
    return new QuiescePlan.Target(hold, found, family, added, Set.of(), false);
  }

  /** The targets with their gates and lease files that are missing on the disk. */
  private List<QuiescePlan.Target> withGates(List<QuiescePlan.Target> targets) {
    List<QuiescePlan.Target> all = new ArrayList<>();
    for (QuiescePlan.Target target : targets) {
      Hold hold = target.hold();
      all.add(
          new QuiescePlan.Target(
              hold,
              target.found(),
              target.family(),
              target.added(),
              host.ungated(hold),
              setsLease(target)));
    }
    return all;
  }

  private boolean setsLease(QuiescePlan.Target target) {
    Lease lease = target.hold().lease();
    return lease != null
        && (!target.isNew() && !lease.equals(target.found().hold().lease())
            || !host.disk().leases().isSet(target.hold(), host.time()));
  }

  private List<String> warnings(List<QuiescePlan.Target> targets) {
    List<String> warnings = new ArrayList<>();
    boolean reload = false;
    Duration lease = request.terms().lease();
    if (lease != null && !lease.isZero() && lease.compareTo(request.timeout()) < 0) {
      warnings.add(
          "the lease of "
              + lease.toSeconds()
              + " s is shorter than the timeout of "
              + request.timeout().toSeconds()
              + " s: it may end while units are still being stopped");
    }
    for (QuiescePlan.Target target : targets) {
      reload |= !target.ungated().isEmpty();
      if (!target.isNew()) {
        Ownership.warn(target.found().hold(), request.claim(), warnings);
      }
      QuiesceText.gatesWereGone(target, warnings);
    }
    if (reload) {
      Set<String> waiting = waitingEdits(targets);
      if (!waiting.isEmpty()) {
        warnings.add(Text.waitingEdits(waiting));
      }
    }
    return warnings;
  }

  /** The units whose edits the next reload reads, among them members whose files were deleted. */
  private Set<String> waitingEdits(List<QuiescePlan.Target> targets) {
    Set<String> waiting = new LinkedHashSet<>(host.waitingEdits());
    for (QuiescePlan.Target target : targets) {
      for (Member member : target.family().members()) {
        if (member.unit().file().needsReload() && !member.unit().state().isMasked()) {
          waiting.add(member.name());
        }
      }
    }
    return waiting;
  }
}
