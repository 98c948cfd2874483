package quietus.run;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.apply.Host;
import quietus.apply.Steps;
import quietus.disk.ControlGroups;
import quietus.disk.DiskException;
import quietus.disk.Holds;
import quietus.disk.Leases;
import quietus.error.AgentException;
import quietus.family.Family;
import quietus.family.Member;
import quietus.family.Role;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.plan.DependencyStarts;
import quietus.plan.Forecast;
import quietus.plan.HoldsOnHost;
import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.ProtectedUnits;
import quietus.plan.Snapshot;
import quietus.plan.Text;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.Terms;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** Closes every door of some families at one instant, stops them, and proves that they are down. */
final class Quiesce {
  private final Host host;
  private final Request request;
  private final HoldsOnHost held;
  private final Steps steps;
  private final Runnable announce;
  private final HostView look;
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, State> before = new LinkedHashMap<>();
  private DependencyStarts pulled;
  private boolean changed;

  Quiesce(Host host, Request request, HoldsOnHost held, Steps steps, Runnable announce) {
    this.host = host;
    this.request = request;
    this.held = held;
    this.steps = steps;
    this.announce = announce;
    this.look = host.view();
  }

  /**
   * A family on its way into a hold.
   *
   * @param hold the record as it will be; its snapshot is taken anew, until it is written, when
   *     there was none
   * @param found the record that was there, or null
   * @param family the family as it was resolved
   * @param added members that are not in the record that was there
   */
  private record Target(Hold hold, Holds.Found found, Family family, List<Member> added) {
    boolean isNew() {
      return found == null;
    }

    Target with(Hold other) {
      return new Target(other, found, family, added);
    }
  }

  /**
   * The holds that the names themselves tell, without a look at what the families are; null when
   * one has none yet.
   */
  private List<Hold> named() {
    List<Hold> holds = new ArrayList<>();
    for (UnitName name : request.names()) {
      Holds.Found found = name.isGlob() ? null : held.answering(name.text());
      if (found == null || found.phase() != Phase.HELD) {
        return null;
      }
      if (!holds.contains(found.hold())) {
        holds.add(found.hold());
      }
    }
    return holds;
  }

  /** As {@link #named}, once it is known what the families are, for globs. */
  private static List<Hold> found(List<Target> targets) {
    List<Hold> holds = new ArrayList<>();
    for (Target target : targets) {
      if (target.isNew() || target.found().phase() != Phase.HELD || !target.added().isEmpty()) {
        return null;
      }
      holds.add(target.found().hold());
    }
    return holds;
  }

  /**
   * @return null when something has to be done first
   */
  private Outcome alreadyQuiesced(List<Hold> holds) {
    if (holds == null) {
      return null;
    }
    for (Hold hold : holds) {
      if (!sameTerms(hold)) {
        return null;
      }
    }
    Map<String, State> states = look.states(holds);
    for (Hold hold : holds) {
      if (!look.ungated(hold).isEmpty()
          || !look.unmasked(hold).isEmpty()
          || !look.shows(hold, states)
          || !look.left(hold).isEmpty()) {
        return null;
      }
    }
    return Outcome.of(holds, Phase.HELD, states, states, sentence(holds, "already "));
  }

  private boolean sameTerms(Hold hold) {
    Terms terms = request.terms();
    return (terms.until() == null || terms.until() == hold.until())
        && (terms.reason() == null || terms.reason().equals(hold.reason()))
        && sameLease(hold)
        && (hold.lease() == null || host.disk().leases().isSet(hold));
  }

  /**
   * A lease that has more than nine tenths of what is asked for left, and not more, is left alone:
   * else no task with a lease could be idempotent.
   */
  private boolean sameLease(Hold hold) {
    Duration lease = request.terms().lease();
    if (lease == null) {
      return true;
    }
    if (lease.isZero() || hold.lease() == null) {
      return lease.isZero() && hold.lease() == null;
    }
    Duration left = Duration.between(host.clock().instant(), hold.lease());
    return left.compareTo(lease) <= 0 && left.compareTo(lease.multipliedBy(9).dividedBy(10)) >= 0;
  }

  Outcome run() {
    steps.next("look");
    Outcome same = alreadyQuiesced(named());
    if (same != null) {
      return same;
    }
    steps.next("resolve");
    List<Target> targets = targets(look.resolver(held).families(request.names()));
    same = alreadyQuiesced(found(targets));
    if (same != null) {
      return same;
    }
    held.refuseLost(before.keySet());
    refuse(targets);
    if (request.check()) {
      return predict(targets);
    }
    announce.run();
    targets = close(targets);
    drain(targets);
    List<Hold> holds = holds(targets);
    String late = stop(targets);
    if (late != null) {
      say(holds);
      return Outcome.of(holds, Phase.HELD, before, look.states(holds), late)
          .with(changed, true, warnings)
          .with(evidence(holds));
    }
    boolean said = changed;
    if (said) {
      say(holds);
    }
    Map<String, State> after = mask(targets);
    steps.next("verify");
    String trouble = trouble(holds, after);
    if (trouble == null && !request.settle().isZero()) {
      steps.next("settle");
      trouble = settle(holds);
      after = look.states(holds);
    }
    steps.next("journal");
    if (changed && !said) {
      say(holds);
    }
    Outcome outcome =
        Outcome.of(
            holds,
            Phase.HELD,
            before,
            after,
            trouble == null ? sentence(holds, changed ? "" : "already ") : trouble);
    return outcome.with(changed, trouble != null, warnings).with(evidence(holds));
  }

  private static List<Hold> holds(List<Target> targets) {
    List<Hold> holds = new ArrayList<>();
    for (Target target : targets) {
      holds.add(target.hold());
    }
    return holds;
  }

  private static String sentence(List<Hold> holds, String already) {
    List<String> subjects = new ArrayList<>();
    Set<String> members = new LinkedHashSet<>();
    for (Hold hold : holds) {
      subjects.add(hold.subject());
      for (HeldMember member : hold.members()) {
        members.add(member.unit());
      }
    }
    Until until = holds.isEmpty() ? Until.RELEASED : holds.get(0).until();
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + " "
        + already
        + "quiesced: "
        + Text.count(members.size(), "unit")
        + (members.size() == 1 ? " stays" : " stay")
        + " down until "
        + (until == Until.RELEASED ? "released" : "released or the next boot")
        + ".";
  }

  // ---- what is wanted

  private List<Target> targets(List<Family> families) {
    List<Target> targets = new ArrayList<>();
    pulled = new DependencyStarts(look, families);
    for (Family family : families) {
      Holds.Found found = held.answering(family.subject());
      if (found != null && !found.hold().subject().equals(family.subject())) {
        found = null;
      }
      for (Member member : family.members()) {
        before.put(member.name(), member.unit().state());
      }
      targets.add(found == null ? fresh(family) : renewed(family, found));
    }
    return targets;
  }

  private Target fresh(Family family) {
    Terms terms = request.terms();
    Instant now = host.clock().instant().truncatedTo(ChronoUnit.SECONDS);
    Duration lease = terms.lease();
    Hold hold =
        new Hold(
            family.subject(),
            family.names(),
            terms.until() == null ? Until.RELEASED : terms.until(),
            now,
            terms.by(),
            terms.reason() == null ? "" : terms.reason(),
            lease == null || lease.isZero() ? null : now.plus(lease),
            List.of(),
            family.doors(),
            List.of());
    return snapshot(new Target(hold, null, family, family.members()), before);
  }

  private Target renewed(Family family, Holds.Found found) {
    Terms terms = request.terms();
    Hold old = found.hold();
    if (terms.until() != null && terms.until() != old.until()) {
      throw new AgentException(
          old.subject()
              + " is held until "
              + (old.until() == Until.RELEASED ? "released" : "the next boot")
              + ", and a hold keeps its lifetime: release it first ("
              + look.releaseCommand(old.subject())
              + "), then quiesce it until "
              + terms.until().word());
    }
    List<Member> added = new ArrayList<>();
    for (Member member : family.members()) {
      if (old.member(member.name()) == null && !UnitName.isTemplate(member.name())) {
        added.add(member);
      }
    }
    Instant lease =
        sameLease(old)
            ? old.lease()
            : terms.lease().isZero()
                ? null
                : host.clock().instant().truncatedTo(ChronoUnit.SECONDS).plus(terms.lease());
    Hold hold =
        old.withTerms(
            old.until(), old.by(), terms.reason() == null ? old.reason() : terms.reason(), lease);
    for (HeldMember member : old.members()) {
      before.computeIfAbsent(member.unit(), unit -> look.statesOf(List.of(unit)).get(unit));
    }
    return snapshot(new Target(hold, found, family, added), before);
  }

  /** The target with what its hold remembers of the members that were added to it. */
  private Target snapshot(Target target, Map<String, State> states) {
    Snapshot snapshot = new Snapshot(target.family(), pulled);
    Set<String> own = Set.of(target.hold().subject());
    for (Member member : target.added()) {
      snapshot.take(
          member,
          states.getOrDefault(member.name(), State.NOT_FOUND),
          held.elsewhere(member.name(), own));
    }
    Hold base =
        target.isNew()
            ? target.hold()
            : target
                .found()
                .hold()
                .withTerms(
                    target.hold().until(),
                    target.hold().by(),
                    target.hold().reason(),
                    target.hold().lease());
    if (target.isNew()) {
      base =
          new Hold(
              base.subject(),
              base.names(),
              base.until(),
              base.since(),
              base.by(),
              base.reason(),
              base.lease(),
              List.of(),
              base.doors(),
              List.of());
    }
    return target.with(
        base.withMore(snapshot.members(), target.family().names(), snapshot.inexact()));
  }

  /** Refuses before anything is touched. */
  private void refuse(List<Target> targets) {
    ProtectedUnits guard = new ProtectedUnits(request.user(), host.groups().own());
    List<String> dependents = new ArrayList<>();
    for (Target target : targets) {
      for (Member member : target.added()) {
        String reason = guard.reason(member.name());
        if (reason != null && !request.allowProtected()) {
          throw new AgentException(
              "to quiesce "
                  + target.hold().subject()
                  + " would stop "
                  + member.name()
                  + " ("
                  + member.reason()
                  + "), and "
                  + reason
                  + "; nothing was touched. If that is what you want, allow_protected permits it");
        }
        if (member.role() == Role.DEPENDENT && member.unit().state().isUp()) {
          dependents.add(member.name());
        }
      }
    }
    if (request.refuseDependents() && !dependents.isEmpty()) {
      throw new AgentException(
          Text.list(dependents)
              + " "
              + Text.is(dependents)
              + " up and would be stopped along with "
              + targets.get(0).hold().subject()
              + ", and dependents=refuse forbids that; nothing was touched. Stop "
              + (dependents.size() == 1 ? "it" : "them")
              + " first, or use dependents=hold");
    }
  }

  /** What {@link #run} would do from here on, told from the same facts in the same order. */
  private Outcome predict(List<Target> targets) {
    List<Hold> holds = holds(targets);
    boolean reload = false;
    for (Target target : targets) {
      Set<String> ungated = look.ungated(target.hold());
      reload |= !ungated.isEmpty();
      drifted(target, ungated, "gate");
      changed |=
          target.isNew()
              || target.found().phase() == Phase.RELEASING
              || !target.hold().equals(target.found().hold())
              || target.hold().lease() != null && !host.disk().leases().isSet(target.hold());
    }
    Set<String> waiting = reload ? waitingEdits(targets) : Set.of();
    if (!waiting.isEmpty()) {
      warnings.add("the reload took in edits that were waiting for one: " + Text.list(waiting));
    }
    Map<String, Unit> units = new LinkedHashMap<>();
    Map<String, State> now = new LinkedHashMap<>();
    Map<String, State> after = new LinkedHashMap<>();
    boolean unshown = false;
    for (Target target : targets) {
      for (Member member : target.family().members()) {
        units.put(member.name(), member.unit());
      }
      for (HeldMember member : target.hold().members()) {
        State state = before.get(member.unit());
        boolean template = UnitName.isTemplate(member.unit());
        now.put(member.unit(), state);
        after.put(
            member.unit(),
            template ? state : Forecast.down(state, units.get(member.unit()), member.masked()));
        unshown |= member.masked() && !template && !state.isMasked();
      }
    }
    List<String> up = up(now, Set.of());
    woken(targets, up);
    boolean unmasked = false;
    Map<Until, Set<String>> written = new LinkedHashMap<>();
    for (Target target : targets) {
      Set<String> missing = look.unmasked(target.hold());
      Set<String> before =
          written.computeIfAbsent(target.hold().until(), until -> new LinkedHashSet<>());
      missing.removeAll(before); // one mask is enough for two holds of the same lifetime
      before.addAll(missing);
      unmasked |= !missing.isEmpty();
      drifted(target, missing, "mask");
    }
    changed |= reload || !up.isEmpty() || unshown || unmasked || !gatesAreRead(targets);
    String trouble = leftOfTheDead(holds, before);
    return Outcome.of(
            holds,
            Phase.HELD,
            before,
            after,
            trouble == null ? sentence(holds, changed ? "" : "already ") : trouble)
        .with(changed, trouble != null, warnings);
  }

  // ---- gates and hold

  private List<Target> close(List<Target> targets) {
    steps.next("gates");
    // Not by the hold: the hash of a record costs the JVM 30 ms at its first use.
    Map<String, Set<String>> missing = new LinkedHashMap<>();
    for (Target target : targets) {
      Set<String> covers = look.ungated(target.hold());
      if (!covers.isEmpty()) {
        missing.put(target.hold().subject(), covers);
        drifted(target, covers, "gate");
      }
    }
    Set<String> waiting = missing.isEmpty() ? Set.of() : waitingEdits(targets);
    for (Target target : targets) {
      Hold hold = target.hold();
      if (missing.containsKey(hold.subject())) {
        host.disk().holds().prepare(hold.until());
        host.disk()
            .control()
            .close(hold, missing.get(hold.subject()), look.releaseCommand(hold.subject()));
      }
    }
    steps.next("reload");
    List<String> timers = leases(targets);
    if (!missing.isEmpty() || !timers.isEmpty() || !gatesAreRead(targets)) {
      changed = true;
      host.systemd().reload();
      if (!gatesAreRead(targets)) {
        throw new DiskException(
            "systemd did not read the gates of "
                + targets.get(0).hold().subject()
                + " though it was told to reload; nothing was stopped. See: journalctl -b _PID=1 -n"
                + " 50, then run again");
      }
    }
    if (!waiting.isEmpty()) {
      warnings.add("the reload took in edits that were waiting for one: " + Text.list(waiting));
    }
    if (!timers.isEmpty()) {
      host.systemd().await(host.systemd().start(timers).values(), request.timeout());
    }
    steps.next("hold");
    Set<String> names = new LinkedHashSet<>();
    for (Target target : targets) {
      for (Member member : target.added()) {
        names.add(member.name());
      }
    }
    Map<String, State> fresh = look.statesOf(names);
    List<Target> closed = new ArrayList<>();
    List<Hold> records = new ArrayList<>();
    for (Target target : targets) {
      Target last = snapshot(target, fresh);
      if (!target.isNew() && target.found().phase() == Phase.RELEASING) {
        host.disk().holds().move(target.found().hold(), Phase.RELEASING, Phase.HELD);
        changed = true;
      }
      if (target.isNew() || !last.hold().equals(target.found().hold())) {
        records.add(last.hold());
      }
      closed.add(last);
    }
    if (!records.isEmpty()) {
      host.disk().holds().write(records, Phase.HELD);
      changed = true;
    }
    return spawnedMeanwhile(closed);
  }

  /** Writes what releases the holds when their leases end. @return the timers that were written */
  private List<String> leases(List<Target> targets) {
    List<String> timers = new ArrayList<>();
    for (Target target : targets) {
      Hold hold = target.hold();
      if (hold.lease() != null && !host.disk().leases().isSet(hold)) {
        host.disk().leases().set(hold, host.agent(), host.java(), request.user());
        timers.add(Leases.timer(hold.subject()));
      } else if (hold.lease() == null && !target.isNew() && target.found().hold().lease() != null) {
        host.systemd()
            .await(
                host.systemd().stop(List.of(Leases.timer(hold.subject()))).values(),
                request.timeout());
        host.disk().leases().clear(hold.until(), hold.subject());
      }
    }
    return timers;
  }

  private boolean gatesAreRead(List<Target> targets) {
    for (Target target : targets) {
      Set<String> names = new LinkedHashSet<>();
      for (HeldMember member : target.hold().members()) {
        if (!UnitName.isTemplate(member.unit())) {
          names.add(member.unit());
        }
      }
      if (!look.gatesAreRead(target.hold(), names)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The units whose edits the coming reload takes in; a member's own deleted files are among them.
   */
  private Set<String> waitingEdits(List<Target> targets) {
    Set<String> waiting = look.waitingEdits();
    for (Target target : targets) {
      for (Member member : target.family().members()) {
        if (member.unit().file().needsReload() && !member.unit().state().isMasked()) {
          waiting.add(member.name());
        }
      }
    }
    return waiting;
  }

  /** Says that something was taken away while the hold was in force. */
  private void drifted(Target target, Set<String> missing, String what) {
    if (target.isNew() || target.found().phase() != Phase.HELD) {
      return;
    }
    Hold old = target.found().hold();
    Set<String> gone = new LinkedHashSet<>(missing);
    gone.retainAll(what.equals("gate") ? old.covers() : old.masks());
    if (!gone.isEmpty()) {
      warnings.add(
          "the "
              + what
              + " of "
              + Text.list(gone)
              + " was gone while "
              + old.subject()
              + " was held"
              + (what.equals("gate")
                  ? ""
                  : " (somebody took it away, or an earlier run did not get that far)")
              + "; it is back");
    }
  }

  /**
   * Instances that were spawned between the snapshot and the instant of closing: none can come
   * after.
   */
  private List<Target> spawnedMeanwhile(List<Target> targets) {
    List<Target> all = new ArrayList<>();
    for (Target target : targets) {
      List<HeldMember> more = new ArrayList<>();
      Set<String> known = new HashSet<>();
      for (HeldMember member : target.hold().members()) {
        known.add(member.unit());
      }
      for (HeldMember member : target.hold().members()) {
        if (UnitName.isTemplate(member.unit())) {
          String name = member.unit();
          for (Map.Entry<String, State> one :
              host.systemd().loaded(UnitName.globOf(name)).entrySet()) {
            if (!known.contains(one.getKey()) && name.equals(UnitName.templateOf(one.getKey()))) {
              Unit unit = host.systemd().load(List.of(one.getKey())).get(one.getKey());
              more.add(
                  new HeldMember(
                      one.getKey(),
                      Role.INSTANCE,
                      "it is an instance of " + name,
                      List.of(name),
                      name,
                      true,
                      one.getValue(),
                      false,
                      unit.traits().controlGroup(),
                      List.of(),
                      List.of(),
                      List.of()));
            }
          }
        }
      }
      if (more.isEmpty()) {
        all.add(target);
      } else {
        Hold hold = target.hold().withMore(more, List.of(), List.of());
        host.disk().holds().write(hold, Phase.HELD);
        all.add(target.with(hold));
      }
    }
    return all;
  }

  // ---- stop

  /**
   * Lets work in flight end by itself: the activators first, so that no more of it begins; then
   * runs and connections have their time.
   */
  private void drain(List<Target> targets) {
    if (request.drain().isZero()) {
      return;
    }
    steps.next("drain");
    long deadline = System.nanoTime() + request.drain().toNanos();
    List<String> activators = new ArrayList<>();
    Set<String> working = new LinkedHashSet<>();
    for (Target target : targets) {
      Set<String> spawned = Snapshot.spawned(target.family());
      for (Member member : target.family().members()) {
        State state = member.unit().state();
        if (member.unit().type().activates() && !state.isDown()) {
          activators.add(member.name());
        } else if (member.unit().traits().runsOnce()
            || Snapshot.isConnection(member.name(), member.role(), spawned)) {
          working.add(member.name());
        }
      }
      for (HeldMember member : target.hold().members()) {
        if (member.role() == Role.INSTANCE
            && !UnitName.isTemplate(member.unit())
            && Snapshot.isConnection(member.unit(), member.role(), spawned)) {
          working.add(member.unit());
        }
      }
    }
    if (!activators.isEmpty()) {
      changed = true;
      host.systemd().await(host.systemd().stop(activators).values(), request.timeout());
    }
    for (; ; ) {
      List<String> up = up(look.statesOf(working), Set.of());
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (up.isEmpty()) {
        return;
      }
      if (left.isNegative() || !host.systemd().awaitChange(up, left)) {
        warnings.add(
            "work was still in flight after "
                + request.drain().toSeconds()
                + " s and was stopped: "
                + Text.list(up));
        return;
      }
    }
  }

  /**
   * @return null when all are down; else what did not stop in time, as a sentence
   */
  private String stop(List<Target> targets) {
    steps.next("stop");
    long deadline = System.nanoTime() + request.timeout().toNanos();
    List<Hold> holds = holds(targets);
    Map<String, State> states = look.standing(holds);
    // Jobs from before the gates were closed are cancelled; one that somebody queues later is
    // refused at the gate.
    Set<String> waiting = new LinkedHashSet<>();
    for (Target target : targets) {
      boolean wasOpen = target.isNew() || target.found().phase() == Phase.RELEASING;
      for (HeldMember member : target.hold().members()) {
        State state = states.get(member.unit());
        if (state != null
            && state.job() != 0
            && (wasOpen || target.found().hold().member(member.unit()) == null)) {
          waiting.add(member.unit());
        }
      }
    }
    for (; ; states = look.standing(holds)) {
      List<String> up = up(states, waiting);
      waiting = Set.of();
      if (up.isEmpty()) {
        return null;
      }
      changed = true;
      woken(targets, up);
      Map<String, Long> jobs = host.systemd().stop(up);
      Duration limit = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      Map<Long, String> ended = host.systemd().await(jobs.values(), limit);
      if (ended.size() < Set.copyOf(jobs.values()).size() || System.nanoTime() > deadline) {
        up = up(look.states(holds), Set.of());
        return up.isEmpty() ? null : timedOut(holds, up);
      }
      if (jobs.isEmpty()) {
        host.systemd().awaitChange(up, limit);
      }
    }
  }

  /** Says that a member was up though it was held. */
  private void woken(List<Target> targets, List<String> up) {
    for (Target target : targets) {
      if (target.isNew() || target.found().phase() != Phase.HELD) {
        continue;
      }
      List<String> woken = new ArrayList<>();
      for (String unit : up) {
        if (target.found().hold().member(unit) != null) {
          woken.add(unit);
        }
      }
      String text =
          Text.list(woken)
              + (woken.size() == 1 ? " was up though " : " were up though ")
              + target.hold().subject()
              + " was held (somebody started it past the gate, or an earlier run did not get that"
              + " far); it is stopped again";
      if (!woken.isEmpty() && !warnings.contains(text)) {
        warnings.add(text);
      }
    }
  }

  private String timedOut(List<Hold> holds, List<String> up) {
    List<String> left = new ArrayList<>();
    for (Hold hold : holds) {
      Map<String, List<ControlGroups.Process>> processes = look.left(hold);
      if (!processes.isEmpty()) {
        left.add(Text.processes(processes));
      }
    }
    return Text.list(up)
        + " did not stop within "
        + request.timeout().toSeconds()
        + " s"
        + (left.isEmpty() ? "" : ", these processes are left: " + Text.list(left))
        + ". The hold stays, nothing of the family can start. Wait, or end the processes, and run"
        + " again with a longer timeout; or release it: "
        + look.releaseCommand(holds.get(0).subject());
  }

  /**
   * The units that are not down, those that start others first: with a stop job pending they start
   * nothing (FACTS.md, Transactions).
   *
   * @param waiting units of which a queued job counts too
   */
  private static List<String> up(Map<String, State> states, Set<String> waiting) {
    List<String> activators = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Map.Entry<String, State> entry : states.entrySet()) {
      if (!entry.getValue().isDead() || waiting.contains(entry.getKey())) {
        (UnitType.activates(entry.getKey()) ? activators : others).add(entry.getKey());
      }
    }
    activators.addAll(others);
    return activators;
  }

  // ---- masks

  /**
   * Masks what is down. systemd has forgotten a unit that is down and that nothing it has loaded
   * refers to, and finds the mask when it is asked for that unit again; for a family of such it
   * need not reload.
   *
   * @return how the members stand then
   */
  private Map<String, State> mask(List<Target> targets) {
    steps.next("mask");
    boolean written = false;
    for (Target target : targets) {
      Set<String> missing = look.unmasked(target.hold());
      for (String unit : missing) {
        host.disk().control().mask(target.hold(), unit);
        written = true;
      }
      host.disk().control().flush(target.hold().until());
      drifted(target, missing, "mask");
    }
    List<Hold> holds = holds(targets);
    if (!written) {
      Map<String, State> states = look.states(holds);
      if (look.areMasked(holds, states)) {
        return states;
      }
    }
    changed = true;
    host.disk().control().invalidateUnitCache();
    Map<String, State> states = look.states(holds);
    if (!look.areMasked(holds, states)) {
      host.systemd().reload();
      states = look.states(holds);
    }
    return states;
  }

  /** What is not as it should be, as a sentence; null when all is well. */
  private String trouble(Collection<Hold> holds, Map<String, State> after) {
    List<String> up = up(after, Set.of());
    if (!up.isEmpty()) {
      return Text.list(up)
          + " "
          + Text.is(up)
          + " not down after the stop ("
          + after.get(up.get(0)).active()
          + "/"
          + after.get(up.get(0)).sub()
          + "). The hold stays; see: systemctl status "
          + up.get(0)
          + ", then run again";
    }
    for (Hold hold : holds) {
      Map<String, List<ControlGroups.Process>> left = look.left(hold);
      if (!left.isEmpty()) {
        return areLeft(hold, left);
      }
      for (HeldMember member : hold.members()) {
        if (member.masked()
            && !UnitName.isTemplate(member.unit())
            && !after.get(member.unit()).isMasked()) {
          return member.unit()
              + " is not masked though its mask was written and systemd was told to reload. The"
              + " hold and the gates stay, nothing of the family can start; see: journalctl -b"
              + " _PID=1 -n 50, then run again";
        }
      }
    }
    return null;
  }

  private static String areLeft(Hold hold, Map<String, List<ControlGroups.Process>> left) {
    return "systemd stopped "
        + hold.subject()
        + ", but processes of the family are left (KillMode= lets them live): "
        + Text.processes(left)
        + ". It is not quiesced. The hold stays, nothing of the family can start; end these"
        + " processes and run again";
  }

  /**
   * The processes of members that are down already: no stop will end them.
   *
   * @return a sentence, null when there are none
   */
  private String leftOfTheDead(List<Hold> holds, Map<String, State> states) {
    for (Hold hold : holds) {
      Map<String, List<ControlGroups.Process>> left = look.left(hold);
      for (String unit : List.copyOf(left.keySet())) {
        if (!states.get(unit).isDead()) {
          left.remove(unit);
        }
      }
      if (!left.isEmpty()) {
        return areLeft(hold, left);
      }
    }
    return null;
  }

  /**
   * Watches until the time is over or something moved. @return what moved, as a sentence; null when
   * nothing did
   */
  private String settle(List<Hold> holds) {
    long deadline = System.nanoTime() + request.settle().toNanos();
    Set<String> names = look.states(holds).keySet();
    for (; ; ) {
      boolean signalled =
          host.systemd()
              .awaitChange(names, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      String moved = trouble(holds, look.states(holds));
      if (moved != null) {
        return "something moved while the family was watched: " + moved;
      }
      List<String> listeners = listeners(holds);
      if (!listeners.isEmpty()) {
        return "somebody still listens where the family did: "
            + Text.list(listeners)
            + ". The hold stays; see who it is: ss -lnp";
      }
      if (!signalled) {
        return null;
      }
    }
  }

  private List<String> listeners(List<Hold> holds) {
    List<String> listens = new ArrayList<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.was().isUp()) {
          listens.addAll(member.listens());
        }
      }
    }
    return listens.isEmpty() ? listens : host.listeners().open(listens);
  }

  private Report.Evidence evidence(List<Hold> holds) {
    List<Report.Left> left = new ArrayList<>();
    Set<String> units = new LinkedHashSet<>();
    for (Hold hold : holds) {
      for (Map.Entry<String, List<ControlGroups.Process>> entry : look.left(hold).entrySet()) {
        for (ControlGroups.Process process : entry.getValue()) {
          left.add(new Report.Left(entry.getKey(), process.pid(), process.command()));
        }
      }
      for (HeldMember member : hold.members()) {
        units.add(member.unit());
      }
    }
    return new Report.Evidence(left, listeners(holds), host.systemd().refused(units));
  }

  private void say(List<Hold> holds) {
    for (Hold hold : holds) {
      Set<String> units = new LinkedHashSet<>();
      for (HeldMember member : hold.members()) {
        units.add(member.unit());
      }
      host.journal()
          .say(
              units,
              "Quietus holds "
                  + hold.subject()
                  + " since "
                  + hold.since()
                  + ", by "
                  + hold.by()
                  + (hold.reason().isEmpty() ? "" : ": \"" + hold.reason() + "\"")
                  + ". It stays down until "
                  + (hold.until() == Until.RELEASED
                      ? "it is released"
                      : "it is released or the next boot")
                  + (hold.lease() == null ? "" : ", at the latest " + hold.lease())
                  + ". To release it: "
                  + look.releaseCommand(hold.subject()));
    }
  }
}
