package quietus.resolve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import quietus.disk.BusServices;
import quietus.disk.UnitFiles;
import quietus.error.AgentException;
import quietus.family.Dependency;
import quietus.family.Family;
import quietus.family.Member;
import quietus.family.Role;
import quietus.systemd.SystemdQuestions;
import quietus.unit.Relation;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/**
 * Finds families: a breadth-first walk over the relations that count, one round of loads for each
 * level.
 */
public final class Resolver {
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
  private final BusServices bus;
  private final List<Dependency> ties;
  private final Map<String, String> known;

  /** What systemd told in this search, by the name that was asked for and by the unit's own. */
  private final Map<String, Unit> told = new HashMap<>();

  /**
   * @param ties what the holds of the host remember
   * @param known the names to which those holds answer, each with its hold's subject: a mask hides
   *     whose alias a name was
   */
  public Resolver(
      SystemdQuestions systemd,
      UnitFiles files,
      BusServices bus,
      Collection<Dependency> ties,
      Map<String, String> known) {
    this.systemd = systemd;
    this.files = files;
    this.bus = bus;
    this.ties = new ArrayList<>(ties);
    this.known = Map.copyOf(known);
  }

  /**
   * Finds the families of some units; names of the same family give it once.
   *
   * @throws AgentException when a name stands for nothing
   */
  public List<Family> families(List<UnitName> names) {
    Set<String> subjects = new LinkedHashSet<>();
    for (UnitName name : names) {
      if (name.isGlob()) {
        subjects.addAll(expand(name));
      } else {
        subjects.add(subject(name.text()));
      }
    }
    List<Family> families = walk(subjects);
    while (families.size() > 1 && learn(families)) {
      families = walk(subjects);
    }
    return families;
  }

  private List<Family> walk(Set<String> subjects) {
    List<Family> families = new ArrayList<>();
    for (String subject : subjects) {
      families.add(family(subject));
    }
    return families;
  }

  /**
   * Of two units that are not loaded, systemd knows what the one says of the other only once it was
   * asked for the one: a family that was walked before that lacks it.
   *
   * @return true when a family is to be walked again with what the others told
   */
  private boolean learn(List<Family> families) {
    List<Dependency> more = new ArrayList<>();
    for (Family family : families) {
      for (Member member : family.members()) {
        for (Dependency tie :
            Dependency.of(
                member.name(),
                Dependency.follows(member.unit()),
                member.unit().related(Relation.TRIGGERS))) {
          for (Family other : families) {
            if (other.has(tie.from().get(0)) && !other.has(tie.to())) {
              more.add(tie);
            }
          }
        }
      }
    }
    more.removeAll(ties);
    ties.addAll(more);
    return !more.isEmpty();
  }

  /**
   * As {@link SystemdQuestions#load}, but a unit that was told is not asked for again: not until
   * one is met that is down. That one may have been loaded for the asking only, and systemd then
   * tells more of those that it refers to.
   */
  private Map<String, Unit> load(Collection<String> names) {
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      if (!told.containsKey(name)) {
        unknown.add(name);
      }
    }
    boolean isStale = false;
    if (!unknown.isEmpty()) {
      for (Map.Entry<String, Unit> one : systemd.load(unknown).entrySet()) {
        Unit unit = one.getValue();
        told.put(one.getKey(), unit);
        told.putIfAbsent(unit.id(), unit);
        isStale |= unit.state().isFound() && unit.state().isDown();
      }
    }
    Map<String, Unit> units = new LinkedHashMap<>();
    for (String name : names) {
      units.put(name, told.get(name));
    }
    if (isStale) {
      told.clear();
    }
    return units;
  }

  private Set<String> expand(UnitName glob) {
    Set<String> found = new LinkedHashSet<>();
    Set<String> candidates = new TreeSet<>(systemd.loaded(glob.text()).keySet());
    candidates.addAll(files.matching(name -> glob.matches(name) && !UnitName.isTemplate(name)));
    for (Map.Entry<String, Unit> candidate : load(candidates).entrySet()) {
      if (candidate.getValue().state().isFound()) {
        found.add(subjectOf(candidate.getValue()));
      }
    }
    if (found.isEmpty()) {
      throw new AgentException(
          "no unit on this host matches '"
              + glob
              + "'; see: systemctl list-units --all '"
              + glob
              + "'");
    }
    return found;
  }

  /** The unit that a name's family is named after: the unit itself, or what an activator starts. */
  private String subject(String name) {
    if (UnitName.isTemplate(name)) {
      if (!files.has(name) && systemd.loaded(UnitName.globOf(name)).isEmpty()) {
        throw new AgentException(notFound(name));
      }
      return name;
    }
    Unit unit = load(List.of(name)).get(name);
    if (!unit.state().isFound() && !isRemembered(name)) {
      throw new AgentException(notFound(name));
    }
    return subjectOf(unit);
  }

  private String notFound(String name) {
    return "there is no unit "
        + name
        + " on this host: systemd finds no file of that name. Check the spelling (systemctl"
        + " list-unit-files), or whether its package is installed";
  }

  private boolean isRemembered(String unit) {
    for (Dependency tie : ties) {
      if (tie.to().equals(unit)) {
        return true;
      }
    }
    return false;
  }

  private String subjectOf(Unit unit) {
    if (known.containsKey(unit.id())) {
      return known.get(unit.id());
    }
    if (unit.type().activates()) {
      if (unit.traits().accepts()) {
        return UnitName.stem(unit.id()) + "@.service";
      }
      List<String> triggered = unit.related(Relation.TRIGGERS);
      if (!triggered.isEmpty()) {
        return triggered.get(0);
      }
      for (Dependency tie : ties) {
        if (tie.to().equals(unit.id()) && tie.role() == Role.ACTIVATOR && !tie.from().isEmpty()) {
          return tie.from().get(0);
        }
      }
    }
    return unit.id();
  }

  private Family family(String subject) {
    Walk walk = new Walk();
    walk.meet(subject, Role.SUBJECT, "it is what was named", null);
    walk.run();
    List<Member> members = new ArrayList<>(walk.members.values());
    Set<String> names = new LinkedHashSet<>();
    names.add(subject);
    for (Member member : members) {
      if (member.role() == Role.SUBJECT) {
        names.addAll(member.unit().names());
      } else if (member.role() == Role.ACTIVATOR && member.because().contains(subject)) {
        names.add(member.name());
        names.addAll(member.unit().names());
      }
    }
    return new Family(subject, List.copyOf(names), members, Doors.of(members, files, bus, systemd));
  }

  /** One breadth-first walk. */
  private final class Walk {
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<String, String> primary = new LinkedHashMap<>();
    private Deque<Met> met = new ArrayDeque<>();

    private record Met(String name, Role role, String reason, String because) {}

    void meet(String name, Role role, String reason, String because) {
      met.add(new Met(name, role, reason, because));
    }

    void run() {
      while (!met.isEmpty()) {
        Deque<Met> level = met;
        met = new ArrayDeque<>();
        List<Member> added = new ArrayList<>();
        Map<String, Unit> loaded = load(unknown(level));
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
     * An instance of a template that is in the family is closed by the template's gate, unless it
     * has a file of its own.
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
     * The activators that are on disk and may start one of these units, loaded; systemd says
     * whether they do.
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
      return unknown.isEmpty() ? Map.of() : load(unknown);
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
      for (Dependency tie : ties) {
        for (String from : tie.from()) {
          if (from.equals(name) || unit.names().contains(from)) {
            meet(tie.to(), tie.role(), tie.reason(), name);
          }
        }
      }
    }
  }
}
