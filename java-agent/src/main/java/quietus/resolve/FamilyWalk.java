// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.UnitFiles;
import quietus.family.Dependency;
import quietus.family.Member;
import quietus.family.Role;
import quietus.systemd.SystemdQuestions;
import quietus.unit.Relation;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** One breadth-first walk over the relations that count. It is used once. */
final class FamilyWalk {
  /**
   * The relations along which systemd stops one unit with another (systemd.unit(5), Mapping of unit
   * properties to their inverses).
   */
  private static final Map<Relation, String> STOPS_ALONG = new LinkedHashMap<>();

  static {
    STOPS_ALONG.put(Relation.REQUIRED_BY, "requires");
    STOPS_ALONG.put(Relation.REQUISITE_OF, "has as a requisite");
    STOPS_ALONG.put(Relation.BOUND_BY, "is bound to");
    STOPS_ALONG.put(Relation.CONSISTS_OF, "is part of");
    STOPS_ALONG.put(Relation.PROPAGATES_STOP_TO, "takes its stops from");
  }

  private final SystemdQuestions systemd;
  private final UnitFiles files;
  private final ToldUnits told;
  private final List<Dependency> dependencies;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<String, String> primary = new LinkedHashMap<>();
  private Deque<Met> met = new ArrayDeque<>();

  private record Met(String name, Role role, String reason, String because) {}

  FamilyWalk(
      SystemdQuestions systemd, UnitFiles files, ToldUnits told, List<Dependency> dependencies) {
    this.systemd = systemd;
    this.files = files;
    this.told = told;
    this.dependencies = dependencies;
  }

  private void meet(String name, Role role, String reason, String because) {
    met.add(new Met(name, role, reason, because));
  }

  /** The members of the family of a subject; itself is the first. */
  List<Member> from(String subject) {
    meet(subject, Role.SUBJECT, "it is what was named", null);
    while (!met.isEmpty()) {
      Deque<Met> level = met;
      met = new ArrayDeque<>();
      List<Member> added = new ArrayList<>();
      Map<String, Unit> loaded = told.load(unknown(level));
      for (Met one : level) {
        Member member = add(one, loaded);
        if (member != null) {
          added.add(member);
        }
      }
      Map<String, Unit> candidates = candidates(added);
      for (Member member : added) {
        expand(member, candidates);
      }
    }
    return new ArrayList<>(members.values());
  }

  private Set<String> unknown(Collection<Met> level) {
    Set<String> names = new LinkedHashSet<>();
    for (Met one : level) {
      if (!primary.containsKey(one.name()) && !UnitName.isTemplate(one.name())) {
        names.add(one.name());
      }
    }
    return names;
  }

  /**
   * @return the new member, or null when it is one already or none at all
   */
  private Member add(Met one, Map<String, Unit> loaded) {
    String known = primary.get(one.name());
    if (known != null) {
      members.computeIfPresent(
          known,
          (name, member) -> one.because() == null ? member : member.alsoBecause(one.because()));
      return null;
    }
    Unit unit =
        UnitName.isTemplate(one.name()) ? Unit.notFound(one.name()) : loaded.get(one.name());
    if (members.containsKey(unit.id())) {
      primary.put(one.name(), unit.id());
      members.computeIfPresent(
          unit.id(),
          (name, member) -> one.because() == null ? member : member.alsoBecause(one.because()));
      return null;
    }
    Member member =
        new Member(
            unit.id(),
            one.role(),
            one.reason(),
            one.because() == null ? List.of() : List.of(one.because()),
            cover(unit.id(), unit),
            unit);
    primary.put(one.name(), unit.id());
    for (String alias : unit.names()) {
      primary.put(alias, unit.id());
    }
    members.put(unit.id(), member);
    return member;
  }

  /**
   * An instance of a template that is in the family is closed by the template's gate, unless it has
   * a file of its own.
   */
  private String cover(String id, Unit unit) {
    String template = UnitName.templateOf(id);
    boolean ownFile = unit.file().fragment().endsWith("/" + id);
    return template != null
            && members.containsKey(template)
            && !ownFile
            && !unit.file().isTransient()
        ? template
        : id;
  }

  /**
   * The activators that are on disk and may start one of these units, loaded; systemd says whether
   * they do.
   */
  private Map<String, Unit> candidates(List<Member> added) {
    Set<String> names = new LinkedHashSet<>();
    for (Member member : added) {
      names.addAll(member.unit().names());
    }
    Set<String> unknown = new LinkedHashSet<>();
    for (String name : files.activatorsOf(names)) {
      if (!primary.containsKey(name) && !UnitName.isTemplate(name)) {
        unknown.add(name);
      }
    }
    return unknown.isEmpty() ? Map.of() : told.load(unknown);
  }

  private void expand(Member member, Map<String, Unit> candidates) {
    Unit unit = member.unit();
    String name = member.name();
    for (String activator : unit.related(Relation.TRIGGERED_BY)) {
      meet(activator, Role.ACTIVATOR, Sentences.activates(activator, name), name);
    }
    for (Unit candidate : candidates.values()) {
      for (String triggered : candidate.related(Relation.TRIGGERS)) {
        if (unit.names().contains(triggered)) {
          meet(candidate.id(), Role.ACTIVATOR, Sentences.activates(candidate.id(), name), name);
        }
      }
      if (candidate.traits().accepts()
          && name.equals(UnitName.stem(candidate.id()) + "@.service")) {
        meet(candidate.id(), Role.ACTIVATOR, Sentences.activates(candidate.id(), name), name);
      }
    }
    for (Map.Entry<Relation, String> relation : STOPS_ALONG.entrySet()) {
      boolean part = relation.getKey() == Relation.CONSISTS_OF && unit.type() == UnitType.TARGET;
      for (String dependent : unit.related(relation.getKey())) {
        meet(
            dependent,
            part ? Role.PART : Role.DEPENDENT,
            part
                ? "it is part of " + name
                : "it " + relation.getValue() + " " + name + ", so systemd stops it too",
            name);
      }
    }
    if (unit.type() == UnitType.SOCKET) {
      for (String triggered : unit.related(Relation.TRIGGERS)) {
        meet(triggered, Role.DEPENDENT, name + " cannot listen again while it runs", name);
      }
      if (unit.traits().accepts()) {
        meet(
            UnitName.stem(name) + "@.service",
            Role.INSTANCE,
            name + " starts an instance of it for each connection",
            name);
      }
    }
    if (UnitName.isTemplate(name)) {
      for (String instance : systemd.loaded(UnitName.globOf(name)).keySet()) {
        if (name.equals(UnitName.templateOf(instance))) {
          meet(instance, Role.INSTANCE, "it is an instance of " + name, name);
        }
      }
    }
    for (Dependency dependency : dependencies) {
      for (String from : dependency.from()) {
        if (from.equals(name) || unit.names().contains(from)) {
          meet(dependency.to(), dependency.role(), dependency.reason(), name);
        }
      }
    }
  }
}
