// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import java.util.ArrayList;
import java.util.Collection;
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

/**
 * Finds families: a breadth-first walk over the relations that count, one round of loads for each
 * level.
 */
public final class Resolver {
  private final SystemdQuestions systemd;
  private final UnitFiles files;
  private final BusServices bus;
  private final List<Dependency> dependencies;
  private final Map<String, String> known;
  private final ToldUnits told;

  /**
   * @param dependencies what the holds of the host remember
   * @param known the names to which those holds answer, each with its hold's subject: a mask hides
   *     whose alias a name was
   */
  public Resolver(
      SystemdQuestions systemd,
      UnitFiles files,
      BusServices bus,
      Collection<Dependency> dependencies,
      Map<String, String> known) {
    this.systemd = systemd;
    this.files = files;
    this.bus = bus;
    this.dependencies = new ArrayList<>(dependencies);
    this.known = Map.copyOf(known);
    this.told = new ToldUnits(systemd);
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
        for (Dependency dependency :
            Dependency.of(
                member.name(),
                Dependency.follows(member.unit()),
                member.unit().related(Relation.TRIGGERS))) {
          for (Family other : families) {
            if (other.has(dependency.from().get(0)) && !other.has(dependency.to())) {
              more.add(dependency);
            }
          }
        }
      }
    }
    more.removeAll(dependencies);
    dependencies.addAll(more);
    return !more.isEmpty();
  }

  private Set<String> expand(UnitName glob) {
    Set<String> found = new LinkedHashSet<>();
    Set<String> candidates = new TreeSet<>(systemd.loaded(glob.text()).keySet());
    candidates.addAll(files.matching(name -> glob.matches(name) && !UnitName.isTemplate(name)));
    for (Map.Entry<String, Unit> candidate : told.load(candidates).entrySet()) {
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
    Unit unit = told.load(List.of(name)).get(name);
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
    for (Dependency dependency : dependencies) {
      if (dependency.to().equals(unit)) {
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
      for (Dependency dependency : dependencies) {
        if (dependency.to().equals(unit.id())
            && dependency.role() == Role.ACTIVATOR
            && !dependency.from().isEmpty()) {
          return dependency.from().get(0);
        }
      }
    }
    return unit.id();
  }

  private Family family(String subject) {
    List<Member> members = new FamilyWalk(systemd, files, told, dependencies).from(subject);
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
}
