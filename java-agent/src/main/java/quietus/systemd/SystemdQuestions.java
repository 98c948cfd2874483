// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.Ending;
import quietus.unit.State;
import quietus.unit.Unit;

/**
 * What is asked of a systemd manager (PID 1, or a user's); none of it starts, stops or reloads
 * anything. Every method may throw {@link SystemdException}.
 */
public interface SystemdQuestions {
  /** systemd's major version, such as 252. */
  int version();

  /** The directories in which the manager looks for units, first the one that outranks all. */
  List<Path> unitPath();

  /**
   * Everything known of some units; systemd loads them if it has not. All calls are sent together.
   *
   * @return by the name that was asked for; a unit that does not exist is there with {@link
   *     Unit#notFound}
   */
  Map<String, Unit> load(Collection<String> names);

  /**
   * The paths of the drop-ins that systemd has read of some units; of those that are loaded only,
   * because systemd lists none for the others.
   */
  default Map<String, List<String>> dropIns(Collection<String> names) {
    Map<String, List<String>> dropIns = new LinkedHashMap<>();
    for (Map.Entry<String, Unit> unit : load(names).entrySet()) {
      if (unit.getValue().state().load().equals("loaded")) {
        dropIns.put(unit.getKey(), unit.getValue().file().dropIns());
      }
    }
    return dropIns;
  }

  /**
   * The loaded units among some whose files were edited or removed since systemd read them
   * (NeedDaemonReload).
   */
  default Set<String> edited(Collection<String> names) {
    Set<String> edited = new LinkedHashSet<>();
    for (Unit unit : load(names).values()) {
      if (unit.file().needsReload() && unit.state().load().equals("loaded")) {
        edited.add(unit.id());
      }
    }
    return edited;
  }

  /**
   * The states of some units, in one call, however many they are.
   *
   * @return by the name that was asked for, in its order
   */
  Map<String, State> states(Collection<String> names);

  /** How the last run of some units ended, by name. */
  Map<String, Ending> endings(Collection<String> names);

  /**
   * The primary names of the loaded units that match a glob (ListUnitsByPatterns), with their
   * states, sorted by name.
   */
  Map<String, State> loaded(String... patterns);

  /**
   * When systemd last read all unit files, in microseconds since 1970 (UnitsLoadTimestamp): the
   * last reload or, before the first, the boot. Before systemd 250 only the boot is known.
   */
  long lastReload();

  /**
   * How many starts of some units were refused at their gates since this connection was made. A
   * masked unit's are not among them: they are refused before they become jobs.
   */
  default int refused(Collection<String> units) {
    return 0;
  }

  /**
   * Some properties of some units, one call for each, all sent together.
   *
   * @param units names of units; the empty name is the manager itself
   * @param properties each with the last part of its interface: {@code Unit.ActiveState}
   * @return by unit and property without its interface: a {@link String}, a {@link Long} (a truth
   *     is 1 or 0), a {@link List} of strings, pairs one after the other. What systemd does not
   *     tell is absent
   */
  default Map<String, Map<String, Object>> properties(
      Collection<String> units, List<String> properties) {
    return Map.of();
  }
}
