package quietus.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.apply.Host;
import quietus.disk.Control;
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
import quietus.plan.Forecast;
import quietus.plan.HoldsOnHost;
import quietus.plan.HostView;
import quietus.plan.Outcome;
import quietus.plan.Text;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.Steps;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * Opens every door of some families at one instant and brings back what their snapshots say;
 * without a hold, what enablement says.
 */
final class Release {
  private static final Path[] MV = {
    Path.of("/bin/mv"), Path.of("/usr/bin/mv"), Path.of("/run/current-system/sw/bin/mv")
  };

  private final Host host;
  private final Request request;
  private final HoldsOnHost held;
  private final Steps steps;
  private final Runnable announce;
  private final HostView look;
  private final List<String> warnings = new ArrayList<>();
  private boolean changed;

  Release(Host host, Request request, HoldsOnHost held, Steps steps, Runnable announce) {
    this.host = host;
    this.request = request;
    this.held = held;
    this.steps = steps;
    this.announce = announce;
    this.look = host.view();
  }

  Outcome run() {
    steps.next("look");
    List<Holds.Found> found = new ArrayList<>();
    List<UnitName> without = new ArrayList<>();
    if (request.expiredOnly()) {
      return expired();
    }
    for (UnitName name : request.names()) {
      List<Holds.Found> of = name.isGlob() ? held.matching(name) : new ArrayList<>();
      if (!name.isGlob() && held.answering(name.text()) != null) {
        of.add(held.answering(name.text()));
      }
      for (Holds.Found one : of) {
        if (!found.contains(one)) {
          found.add(one);
        }
      }
      if (of.isEmpty()) {
        without.add(name);
      }
    }
    Set<String> subjects = new LinkedHashSet<>();
    for (Holds.Found one : found) {
      subjects.add(one.hold().subject());
      if (!without.isEmpty()) {
        without.removeIf(
            name -> one.hold().member(name.text()) != null); // it comes back along with that family
      }
    }
    List<Outcome> outcomes = new ArrayList<>();
    if (!found.isEmpty()) {
      if (!without.isEmpty()) {
        refuse(resolve(without), held.closedElsewhere(subjects));
      }
      outcomes.add(request.check() ? predict(found) : release(found));
    }
    if (!without.isEmpty() && (outcomes.isEmpty() || !outcomes.get(0).failed())) {
      outcomes.add(enable(without, held.closedElsewhere(subjects)));
    }
    return outcomes.size() == 1 ? outcomes.get(0) : both(outcomes.get(0), outcomes.get(1));
  }

  private Outcome expired() {
    List<Holds.Found> over = new ArrayList<>();
    for (UnitName name : request.names()) {
      Holds.Found found = held.answering(name.text());
      if (found != null
          && found.hold().lease() != null
          && !host.clock().instant().isBefore(found.hold().lease())) {
        over.add(found);
      }
    }
    if (over.isEmpty()) {
      return Outcome.saying(false, "No lease is over.");
    }
    return request.check() ? predict(over) : release(over);
  }

  private static Outcome both(Outcome a, Outcome b) {
    List<Report.Member> members = new ArrayList<>(a.members());
    members.addAll(b.members());
    return new Outcome(
        a.changed() || b.changed(),
        b.failed(),
        a.msg() + " " + b.msg(),
        members,
        a.doors(),
        a.holds(),
        a.inexact(),
        b.warnings(), // this run's, those of the first part among them
        null);
  }

  // ---- with a hold

  private Outcome release(List<Holds.Found> found) {
    List<Hold> holds = new ArrayList<>();
    Set<String> subjects = new LinkedHashSet<>();
    for (Holds.Found one : found) {
      holds.add(one.hold());
      subjects.add(one.hold().subject());
    }
    refuse(holds);
    announce.run();
    Map<String, State> before = look.states(holds, oneshot(holds));
    awaitOthers(before);
    stopServicesThatBlockSockets(holds, before);
    remarkWaitingEdits(holds);
    steps.next("unmask");
    Set<String> start = toStart(holds, subjects, unmask(holds, subjects, before));
    steps.next("open");
    open(holds, List.copyOf(start));
    steps.next("start");
    Set<String> wanted = await(start);
    steps.next("verify");
    Map<String, State> after = look.states(holds);
    String trouble = trouble(start, wanted, after, holds);
    if (trouble != null) {
      return Outcome.of(holds, Phase.RELEASING, before, after, trouble).with(true, true, warnings);
    }
    say(holds);
    steps.next("gates");
    forget(holds);
    steps.next("journal");
    return Outcome.of(holds, Phase.RELEASING, before, after, sentence(holds, start))
        .with(true, false, warnings)
        .released();
  }

  private static String sentence(List<Hold> holds, Set<String> start) {
    List<String> subjects = new ArrayList<>();
    for (Hold hold : holds) {
      subjects.add(hold.subject());
    }
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + " released: "
        + (start.isEmpty()
            ? "nothing of it had to be started."
            : Text.count(start.size(), "unit") + (start.size() == 1 ? " is" : " are") + " back.");
  }

  /**
   * True when nobody named the hold, and a glob alone matches it: whoever releases all of {@code
   * x*} asks for no single one of them to be up.
   */
  private boolean isGlobbed(Hold hold) {
    for (UnitName name : request.names()) {
      if (!name.isGlob() && hold.answersTo(name.text())) {
        return false;
      }
    }
    return true;
  }

  /**
   * An administrator's mask is left alone, so what it masks cannot be brought back; where a glob
   * matches what was masked before, there is nothing to bring.
   */
  private void refuse(List<Hold> holds) {
    List<Path> path = host.unitFiles().unitPath();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.restore()
            || member.role() == Role.SUBJECT && !(member.was().isMasked() && isGlobbed(hold))) {
          Path mask = host.disk().control().foreignMask(path, member.unit());
          if (mask != null) {
            throw masked(member.unit(), mask, "The hold of " + hold.subject() + " stays; ");
          }
        }
      }
    }
  }

  private static AgentException masked(String unit, Path mask, String stays) {
    return new AgentException(
        unit
            + " is masked by an administrator ("
            + mask
            + "), and that mask is left alone. "
            + stays
            + "to bring the unit up, take it away first: systemctl unmask "
            + (mask.startsWith("/run") ? "--runtime " : "")
            + unit
            + ", then run again");
  }

  /**
   * A socket refuses to start while its service is up, so a service that was started past its gate,
   * and keeps its socket down, starts again with it.
   */
  private void stopServicesThatBlockSockets(List<Hold> holds, Map<String, State> states) {
    Set<String> blocking = new LinkedHashSet<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.restore()
            && UnitType.of(member.unit()).orElse(UnitType.SERVICE) == UnitType.SOCKET
            && !states.get(member.unit()).isUp()) {
          for (String service : member.triggers()) {
            if (hold.member(service) != null && states.get(service).isUp()) {
              blocking.add(service);
            }
          }
        }
      }
    }
    if (!blocking.isEmpty()) {
      steps.next("stop");
      warnings.add(
          Text.list(blocking)
              + (blocking.size() == 1 ? " was" : " were")
              + " up though held, and no socket can start to listen while its service is up:"
              + " stopped, to be started together");
      if (request.check()) {
        return;
      }
      host.systemd().await(host.systemd().stop(List.copyOf(blocking)).values(), request.timeout());
    }
  }

  /**
   * Takes the masks away. As with a mask, systemd need not reload for units that it has forgotten:
   * it reads them anew, with their gates, when it is asked for them. What it then shows decides.
   *
   * @return how the members stand then
   */
  private Map<String, State> unmask(
      List<Hold> holds, Set<String> subjects, Map<String, State> before) {
    boolean gone = false;
    Set<String> bare = new LinkedHashSet<>();
    for (Hold hold : holds) {
      Set<String> elsewhere = held.maskedElsewhere(hold.until(), subjects);
      for (String unit : hold.masks()) {
        if (!elsewhere.contains(unit)) {
          gone |= host.disk().control().unmask(hold.until(), unit);
          if (!host.disk().control().isMasked(Until.RELEASED, unit)
              && !host.disk().control().isMasked(Until.REBOOT, unit)) {
            bare.add(unit);
          }
        }
      }
      if (gone) {
        host.disk().control().flush(hold.until());
      }
    }
    Map<String, State> states = before;
    if (gone) {
      host.disk().control().invalidateUnitCache();
      states = look.states(holds);
    }
    if (gone ? !isReadAnew(holds, bare, states) : isShownMasked(holds, bare, states)) {
      host.systemd().reload();
      states = look.states(holds);
    }
    return states;
  }

  /** True when systemd has read the units that lost their masks, and their gates too. */
  private boolean isReadAnew(List<Hold> holds, Set<String> bare, Map<String, State> states) {
    for (Hold hold : holds) {
      Set<String> members = new LinkedHashSet<>();
      for (HeldMember member : hold.members()) {
        if (!UnitName.isTemplate(member.unit()) && bare.contains(member.cover())) {
          members.add(member.unit());
          if (!states.get(member.unit()).load().equals("loaded")) {
            return false;
          }
        }
      }
      if (!look.gatesAreRead(hold, members)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isShownMasked(
      List<Hold> holds, Set<String> bare, Map<String, State> states) {
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (bare.contains(member.cover()) && states.get(member.unit()).isMasked()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Says which edits the reloads of this release take in; asked before anything is changed. */
  private void remarkWaitingEdits(List<Hold> holds) {
    for (Hold hold : holds) {
      for (Until until : Until.values()) {
        if (!host.disk().control().gated(until, hold.subject()).isEmpty()) {
          Set<String> waiting = look.waitingEdits();
          if (!waiting.isEmpty()) {
            warnings.add(
                "the reload took in edits that were waiting for one: " + Text.list(waiting));
          }
          return;
        }
      }
    }
  }

  /** What the snapshots want up and no other hold keeps closed. */
  private Set<String> toStart(List<Hold> holds, Set<String> subjects, Map<String, State> states) {
    Set<String> closed = held.closedElsewhere(subjects);
    Set<String> start = new LinkedHashSet<>();
    List<String> kept = new ArrayList<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.restore() && closed.contains(member.unit())) {
          kept.add(member.unit());
        } else if (member.restore()) {
          start.add(member.unit());
        }
      }
    }
    List<String> gone = new ArrayList<>();
    for (String unit : start) {
      if (!states.get(unit).isFound()) {
        gone.add(unit);
      }
    }
    start.removeAll(gone);
    if (!gone.isEmpty()) {
      warnings.add(areGone(gone));
    }
    if (!kept.isEmpty()) {
      warnings.add(areKept(kept));
    }
    return start;
  }

  private static String areGone(List<String> gone) {
    boolean one = gone.size() == 1;
    return Text.list(gone)
        + (one ? " was" : " were")
        + " up when the hold began and "
        + Text.is(gone)
        + " not on this host any more ("
        + (one ? "its package was" : "their packages were")
        + " removed?), so "
        + (one ? "it was" : "they were")
        + " not started";
  }

  private static String areKept(List<String> kept) {
    return Text.list(kept)
        + " "
        + Text.is(kept)
        + " held by another family too, and "
        + (kept.size() == 1 ? "comes" : "come")
        + " back when that is released";
  }

  /**
   * Waits for what a run that died has left under way: stop jobs that nothing may replace, or the
   * oneshot that opens the gates.
   *
   * @param states how the members and that oneshot stand
   */
  private void awaitOthers(Map<String, State> states) {
    Map<Long, String> jobs = new LinkedHashMap<>();
    for (Map.Entry<String, State> entry : states.entrySet()) {
      jobs.put(entry.getValue().job(), entry.getKey());
    }
    jobs.remove(0L);
    if (!jobs.isEmpty()) {
      jobs.keySet().removeAll(host.systemd().await(jobs.keySet(), request.timeout()).keySet());
      if (!jobs.isEmpty()) {
        throw new AgentException(
            "a job of "
                + Text.list(jobs.values())
                + " was under way and did not end within "
                + request.timeout().toSeconds()
                + " s; nothing was released. See: systemctl list-jobs, then run again");
      }
    }
  }

  private static String oneshot(List<Hold> holds) {
    StringBuilder subjects = new StringBuilder();
    for (Hold hold : holds) {
      subjects.append(hold.subject()).append(' ');
    }
    return "quietus-release-" + Integer.toHexString(subjects.toString().hashCode()) + ".service";
  }

  /**
   * Opens the gates: with something to start, as one transaction in which its start jobs are queued
   * before the gates open.
   */
  private void open(List<Hold> holds, List<String> start) {
    Holds records = host.disk().holds();
    List<Hold> closed = new ArrayList<>();
    List<List<String>> moves = new ArrayList<>();
    List<String> subjects = new ArrayList<>();
    Set<String> members = new LinkedHashSet<>();
    for (Hold hold : holds) {
      records.prepare(hold.until());
      if (!records.exists(hold, Phase.RELEASING)) {
        closed.add(hold);
        subjects.add(hold.subject());
        moves.add(
            List.of(
                mv(),
                "-T",
                records.path(hold.until(), Phase.HELD, hold.subject()).toString(),
                records.path(hold.until(), Phase.RELEASING, hold.subject()).toString()));
      }
      for (HeldMember member : hold.members()) {
        if (!UnitName.isTemplate(member.unit())) {
          members.add(member.unit());
        }
      }
    }
    if (closed.isEmpty()) {
      List<String> down = new ArrayList<>();
      for (Map.Entry<String, State> entry : look.statesOf(start).entrySet()) {
        if (!entry.getValue().isUp()) {
          down.add(entry.getKey());
        }
      }
      host.systemd().start(activatorsFirst(down));
    } else if (start.isEmpty()) {
      for (Hold hold : closed) {
        records.move(hold, Phase.HELD, Phase.RELEASING);
      }
    } else {
      // Ordered before all members, not those alone that were up: a start may pull in one that was
      // down.
      long job =
          host.systemd()
              .startOneshotBefore(
                  oneshot(holds),
                  "Quietus releases " + Text.list(subjects),
                  moves,
                  start,
                  List.copyOf(members));
      String result = host.systemd().await(List.of(job), request.timeout()).get(job);
      for (Hold hold : closed) {
        if (!records.exists(hold, Phase.RELEASING)) {
          throw new AgentException(
              "the gates of "
                  + hold.subject()
                  + " could not be opened: "
                  + oneshot(holds)
                  + " ended with "
                  + (result == null
                      ? "no result within " + request.timeout().toSeconds() + " s"
                      : "'" + result + "'")
                  + ". The hold stays; see: journalctl -b -u "
                  + oneshot(holds)
                  + ", then run again");
        }
        records.flush(hold);
      }
    }
  }

  private static String mv() {
    for (Path path : MV) {
      if (Files.isExecutable(path)) {
        return path.toString();
      }
    }
    return MV[0].toString();
  }

  private static List<String> activatorsFirst(List<String> units) {
    List<String> first = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (String unit : units) {
      (UnitType.activates(unit) ? first : rest).add(unit);
    }
    first.addAll(rest);
    return first;
  }

  /** Waits for the start jobs. @return the units whose job did not end in time */
  private Set<String> await(Set<String> start) {
    Map<String, Long> jobs = new LinkedHashMap<>();
    for (Map.Entry<String, State> entry : look.statesOf(start).entrySet()) {
      if (entry.getValue().job() != 0) {
        jobs.put(entry.getKey(), entry.getValue().job());
      }
    }
    Set<String> unfinished = new LinkedHashSet<>();
    if (!jobs.isEmpty()) {
      Map<Long, String> ended = host.systemd().await(jobs.values(), request.timeout());
      for (Map.Entry<String, Long> job : jobs.entrySet()) {
        if (!ended.containsKey(job.getValue())) {
          unfinished.add(job.getKey());
        }
      }
    }
    return unfinished;
  }

  private String trouble(
      Set<String> start, Set<String> unfinished, Map<String, State> after, List<Hold> holds) {
    String record =
        " The gates are open, and the record of what was up is kept until all of it is back: put it"
            + " right, then run again ("
            + look.releaseCommand(holds.isEmpty() ? "" : holds.get(0).subject())
            + ")";
    if (!unfinished.isEmpty()) {
      return Text.list(unfinished)
          + " did not come up within "
          + request.timeout().toSeconds()
          + " s and "
          + Text.is(unfinished)
          + " still on the way; see: systemctl status "
          + unfinished.iterator().next()
          + "."
          + (holds.isEmpty() ? "" : record);
    }
    List<String> down = new ArrayList<>();
    for (String unit : start) {
      if (!after.get(unit).isUp() || after.get(unit).sub().contains("auto-restart")) {
        down.add(unit);
      }
    }
    if (down.isEmpty()) {
      return null;
    }
    List<String> asBefore = new ArrayList<>(down);
    asBefore.removeIf(
        unit ->
            !after.get(unit).sub().contains("auto-restart") && !after.get(unit).isComingUp()
                || !wasRestarting(unit, holds));
    if (!asBefore.isEmpty()) {
      warnings.add(
          Text.list(asBefore)
              + (asBefore.size() == 1 ? " was" : " were")
              + " not up when the hold began but restarting, and "
              + Text.is(asBefore)
              + " again; see: journalctl -b -u "
              + asBefore.get(0));
      down.removeAll(asBefore);
      if (down.isEmpty()) {
        return null;
      }
    }
    String first = down.get(0);
    return Text.list(down)
        + " did not come up ("
        + after.get(first).active()
        + "/"
        + after.get(first).sub()
        + "); see: journalctl -b -u "
        + first
        + "."
        + (holds.isEmpty() ? "" : record);
  }

  private static boolean wasRestarting(String unit, List<Hold> holds) {
    for (Hold hold : holds) {
      HeldMember member = hold.member(unit);
      if (member != null
          && (member.was().active().equals("activating")
              || member.was().sub().contains("auto-restart"))) {
        return true;
      }
    }
    return false;
  }

  /** Takes away what is left of some holds: gates, then the record. */
  private void forget(List<Hold> holds) {
    boolean gone = false;
    List<String> timers = new ArrayList<>();
    for (Hold hold : holds) {
      if (hold.lease() != null) {
        timers.add(Leases.timer(hold.subject()));
      }
    }
    if (!timers.isEmpty()) {
      host.systemd().await(host.systemd().stop(timers).values(), request.timeout());
    }
    for (Hold hold : holds) {
      gone |= removeGates(hold.subject());
      gone |= hold.lease() != null && host.disk().leases().clear(hold.until(), hold.subject());
    }
    if (gone) {
      host.systemd().reload();
    }
    for (Hold hold : holds) {
      host.disk().holds().delete(hold, Phase.RELEASING);
    }
  }

  private boolean removeGates(String subject) {
    boolean gone = false;
    for (Until until : Until.values()) {
      Control control = host.disk().control();
      Set<String> gated = control.gated(until, subject);
      for (String unit : gated) {
        gone |= control.open(until, unit, subject);
      }
      if (!gated.isEmpty()) {
        control.flush(until);
      }
    }
    return gone;
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
              "Quietus released "
                  + hold.subject()
                  + ", held since "
                  + hold.since()
                  + " by "
                  + hold.by()
                  + ".");
    }
  }

  /** What {@link #release} would do, told from the same facts in the same order. */
  private Outcome predict(List<Holds.Found> found) {
    List<Hold> holds = new ArrayList<>();
    Set<String> subjects = new LinkedHashSet<>();
    for (Holds.Found one : found) {
      holds.add(one.hold());
      subjects.add(one.hold().subject());
    }
    refuse(holds);
    Map<String, State> before = look.states(holds);
    stopServicesThatBlockSockets(holds, before);
    remarkWaitingEdits(holds);
    Set<String> closed = held.closedElsewhere(subjects);
    List<Path> path = host.systemd().unitPath();
    Set<String> start = new LinkedHashSet<>();
    Set<String> up = new LinkedHashSet<>();
    List<String> kept = new ArrayList<>();
    List<String> gone = new ArrayList<>();
    Map<String, State> after = new LinkedHashMap<>();
    for (Hold hold : holds) {
      Set<String> elsewhere = held.maskedElsewhere(hold.until(), subjects);
      for (HeldMember member : hold.members()) {
        State now = before.get(member.unit());
        boolean stays = closed.contains(member.unit());
        boolean unmask =
            now.isMasked()
                && !elsewhere.contains(member.cover())
                && !stays
                && !UnitName.isTemplate(member.unit());
        State bare =
            unmask
                ? new State(
                    host.disk().control().loadStateBelow(path, member.unit()),
                    now.active(),
                    now.sub(),
                    0)
                : now;
        after.put(member.unit(), bare);
        if (member.restore() && stays) {
          kept.add(member.unit());
        } else if (member.restore()) {
          (bare.isFound() ? start : gone).add(member.unit());
        } else if (bare.isUp()) {
          up.add(member.unit());
        }
      }
    }
    up.addAll(start);
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (start.contains(member.unit())) {
          // A unit that was on its way up ends where that way leads; which state that is systemd
          // alone knows.
          after.put(
              member.unit(),
              Forecast.up(
                  member.unit(),
                  member.was().active().equals("active") ? member.was().sub() : "running",
                  member.triggers(),
                  up));
        }
      }
    }
    if (!gone.isEmpty()) {
      warnings.add(areGone(gone));
    }
    if (!kept.isEmpty()) {
      warnings.add(areKept(kept));
    }
    return Outcome.of(holds, Phase.HELD, before, after, sentence(holds, start))
        .with(true, false, warnings)
        .released();
  }

  // ---- without a hold

  /** Refuses before anything is touched. */
  private void refuse(List<Family> families, Set<String> closed) {
    List<Path> path = host.unitFiles().unitPath();
    for (Family family : families) {
      held.refuseLost(List.of(family.subject()));
      Path mask = host.disk().control().foreignMask(path, family.subject());
      if (mask != null) {
        throw masked(family.subject(), mask, "");
      }
      if (closed.contains(family.subject())) {
        throw new AgentException(
            family.subject()
                + " has no hold of its own, but is held along with another family; release that"
                + " one: "
                + Text.list(holding(family.subject()))
                + " (list them: "
                + host.command()
                + " holds)");
      }
    }
  }

  /**
   * @param closed the units that holds keep closed which this run does not release
   */
  private Outcome enable(List<UnitName> names, Set<String> closed) {
    List<Family> families = resolve(names);
    Map<String, State> before = new LinkedHashMap<>();
    for (Family family : families) {
      for (Member member : family.members()) {
        before.put(member.name(), member.unit().state());
      }
    }
    refuse(families, closed);
    Set<String> stray = stray(families);
    if (!stray.isEmpty() && !request.check()) {
      families = resolve(names);
    }
    Set<String> start = new LinkedHashSet<>();
    Set<String> subjects = new LinkedHashSet<>();
    Map<String, Member> members = new LinkedHashMap<>();
    Map<String, List<String>> of = new LinkedHashMap<>();
    for (Family family : families) {
      subjects.add(family.subject());
      for (Member member : family.members()) {
        members.putIfAbsent(member.name(), member);
        of.computeIfAbsent(member.name(), name -> new ArrayList<>()).add(family.subject());
        before.putIfAbsent(member.name(), member.unit().state());
        if (wantsUp(member)
            && !closed.contains(member.name())
            && (!member.unit().state().isMasked() || stray.contains(member.name()))) {
          start.add(member.name());
        }
      }
    }
    start.removeIf(unit -> before.get(unit).isUp() && before.get(unit).job() == 0);
    skipBlockedSockets(start, members, before);
    if (request.check()) {
      Map<String, State> after = new LinkedHashMap<>(before);
      Set<String> up = new LinkedHashSet<>(start);
      for (Map.Entry<String, State> entry : before.entrySet()) {
        if (entry.getValue().isUp()) {
          up.add(entry.getKey());
        }
      }
      for (String unit : stray) {
        after.computeIfPresent(
            unit, (name, now) -> new State("loaded", now.active(), now.sub(), 0));
      }
      for (String unit : start) {
        Unit known = members.get(unit).unit();
        after.put(
            unit,
            Forecast.up(
                unit,
                known.traits().serviceType().equals("oneshot") ? "exited" : "running",
                known.related(Relation.TRIGGERS),
                up));
      }
      return outcome(
              members,
              of,
              before,
              after,
              start.isEmpty() ? asEnabled(subjects) : areRunning(subjects, start))
          .with(changed || !start.isEmpty(), false, warnings);
    }
    if (start.isEmpty()) {
      return outcome(
              members,
              of,
              before,
              stray.isEmpty() ? before : look.statesOf(members.keySet()),
              asEnabled(subjects))
          .with(changed, false, warnings);
    }
    announce.run();
    steps.next("start");
    changed = true;
    host.systemd().start(activatorsFirst(List.copyOf(start)));
    Set<String> unfinished = await(start);
    steps.next("verify");
    Map<String, State> after = look.statesOf(members.keySet());
    String trouble = trouble(start, unfinished, after, List.of());
    return outcome(
            members, of, before, after, trouble == null ? areRunning(subjects, start) : trouble)
        .with(true, trouble != null, warnings);
  }

  /** A socket refuses to start while its service is up, so it is told, not tried. */
  private void skipBlockedSockets(
      Set<String> start, Map<String, Member> members, Map<String, State> before) {
    for (String unit : List.copyOf(start)) {
      if (UnitType.of(unit).orElse(UnitType.SERVICE) == UnitType.SOCKET) {
        for (String service : members.get(unit).unit().related(Relation.TRIGGERS)) {
          if (before.containsKey(service) && before.get(service).isUp()) {
            start.remove(unit);
            warnings.add(
                unit
                    + " is enabled and does not listen, and cannot start to while "
                    + service
                    + " is up; to have both: systemctl stop "
                    + service
                    + "; systemctl start "
                    + unit
                    + " "
                    + service);
          }
        }
      }
    }
  }

  private List<Family> resolve(List<UnitName> names) {
    steps.next("resolve");
    return look.resolver(held).families(names);
  }

  /**
   * Takes away the gates, and the masks beside them, that are left of a hold whose record is
   * gone. @return the units that had them
   */
  private Set<String> stray(List<Family> families) {
    Control control = host.disk().control();
    Set<String> stray = new LinkedHashSet<>();
    boolean gone = false;
    for (Family family : families) {
      for (Until until : Until.values()) {
        Set<String> gated = control.gated(until, family.subject());
        if (gated.isEmpty()) {
          continue;
        }
        changed = true;
        stray.addAll(gated);
        if (request.check()) {
          continue;
        }
        if (!gone) {
          steps.next("gates");
          announce.run();
          gone = true;
        }
        Set<String> elsewhere = held.maskedElsewhere(until, Set.of());
        for (String unit : gated) {
          if (!elsewhere.contains(unit)) {
            control.unmask(until, unit);
          }
        }
        removeGates(family.subject());
      }
    }
    if (gone) {
      host.systemd().reload();
    }
    return stray;
  }

  private List<String> holding(String unit) {
    List<String> subjects = new ArrayList<>();
    for (Holds.Found one : held.all()) {
      if (one.hold().member(unit) != null) {
        subjects.add(one.hold().subject());
      }
    }
    return subjects;
  }

  private static String areRunning(Set<String> subjects, Set<String> started) {
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + " running: started "
        + Text.list(started)
        + ".";
  }

  private static String asEnabled(Set<String> subjects) {
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + " not held, and everything that is enabled is up.";
  }

  /**
   * True when a boot would bring it up: enabled, or pulled in by a target though it has no install
   * section of its own.
   */
  private static boolean wantsUp(Member member) {
    Unit unit = member.unit();
    if (member.role() == Role.DEPENDENT
        || UnitName.isTemplate(member.name())
        || unit.traits().runsOnce()
        || unit.file().isTransient()) {
      return false;
    }
    if (unit.file().enablement().equals("disabled")) {
      return false;
    }
    List<String> pulling = new ArrayList<>(unit.related(Relation.WANTED_BY));
    pulling.addAll(unit.related(Relation.REQUIRED_BY));
    pulling.addAll(unit.related(Relation.UPHELD_BY));
    for (String puller : pulling) {
      if (puller.endsWith(".target")) {
        return true;
      }
    }
    return false;
  }

  private static Outcome outcome(
      Map<String, Member> members,
      Map<String, List<String>> families,
      Map<String, State> before,
      Map<String, State> after,
      String msg) {
    List<Report.Member> lines = new ArrayList<>();
    for (Member member : members.values()) {
      lines.add(
          new Report.Member(
              member.name(),
              member.role(),
              member.reason(),
              families.get(member.name()),
              before.get(member.name()),
              after.getOrDefault(member.name(), State.NOT_FOUND),
              null,
              false));
    }
    return new Outcome(false, false, msg, lines, List.of(), List.of(), List.of(), List.of(), null);
  }
}
