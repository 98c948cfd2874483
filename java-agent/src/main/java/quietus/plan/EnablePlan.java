// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Member;
import quietus.hold.Until;
import quietus.protocol.Report;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;

/**
 * Which units to start of those that are not held, and which gates without a record to remove
 * first.
 */
public final class EnablePlan implements Plan {
  private final EnablePlanner planner;
  private final List<Stray> stray;
  private final Map<String, State> before;
  private final Set<String> subjects = new LinkedHashSet<>();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<String, List<String>> families = new LinkedHashMap<>();
  private final Set<String> start = new LinkedHashSet<>();
  private final List<String> warnings = new ArrayList<>();

  /**
   * Gates of a hold whose record is gone.
   *
   * @param units the units that have them
   */
  public record Stray(String subject, Until until, Set<String> units) {}

  EnablePlan(EnablePlanner planner, List<Stray> stray, Map<String, State> before) {
    this.planner = planner;
    this.stray = stray;
    this.before = before;
  }

  /** For the planner only, before it returns the plan. */
  void add(String subject, Member member) {
    subjects.add(subject);
    members.putIfAbsent(member.name(), member);
    List<String> of = families.get(member.name());
    if (of == null) {
      of = new ArrayList<>();
      families.put(member.name(), of);
    }
    of.add(subject);
    before.putIfAbsent(member.name(), member.unit().state());
  }

  /** For the planner only. */
  void start(String unit) {
    start.add(unit);
  }

  /** For the planner only. */
  void leave(String unit, String why) {
    start.remove(unit);
    warnings.add(why);
  }

  Member member(String unit) {
    return members.get(unit);
  }

  @Override
  public Set<String> subjects() {
    Set<String> subjects = new LinkedHashSet<>();
    for (Stray one : stray) {
      subjects.add(one.subject());
    }
    return subjects;
  }

  public List<Stray> stray() {
    return stray;
  }

  /** The units to be started. */
  public Set<String> start() {
    return start;
  }

  /** All members of the families. */
  public Set<String> units() {
    return members.keySet();
  }

  /** The states of the members when this was planned. */
  public Map<String, State> before() {
    return before;
  }

  /** The units that holds keep masked. */
  public Set<String> maskedElsewhere(Until until) {
    return planner.maskedElsewhere(until);
  }

  /** The same plan, decided again from the current state. */
  public EnablePlan again() {
    return planner.plan();
  }

  /** The same plan, decided again after the stray gates are removed. */
  public EnablePlan withoutStray() {
    return planner.withoutStray(this);
  }

  @Override
  public boolean isNoOp() {
    return stray.isEmpty() && start.isEmpty();
  }

  @Override
  public Outcome outcome() {
    Map<String, State> after = new LinkedHashMap<>(before);
    Set<String> up = new LinkedHashSet<>(start);
    for (Map.Entry<String, State> entry : before.entrySet()) {
      if (entry.getValue().isUp()) {
        up.add(entry.getKey());
      }
    }
    for (Stray one : stray) {
      Set<String> elsewhere = maskedElsewhere(one.until());
      for (String unit : one.units()) {
        State now = after.get(unit);
        if (now != null && !elsewhere.contains(unit)) {
          after.put(unit, new State("loaded", now.active(), now.sub(), 0));
        }
      }
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
    return outcome(after, null);
  }

  /**
   * The report's contents.
   *
   * @param trouble what went wrong, as a sentence, or null
   */
  public Outcome outcome(Map<String, State> after, String trouble) {
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
    return new Outcome(
        !isNoOp(),
        trouble != null,
        trouble == null ? sentence() : trouble,
        lines,
        List.of(),
        List.of(),
        List.of(),
        List.copyOf(warnings),
        null);
  }

  private String sentence() {
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + (start.isEmpty()
            ? " not held, and everything that is enabled is up."
            : " running: started " + Text.list(start) + ".");
  }
}
