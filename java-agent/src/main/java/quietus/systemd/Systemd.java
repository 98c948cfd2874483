package quietus.systemd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import quietus.unit.State;
import quietus.unit.Unit;

/**
 * What is asked of a systemd manager (PID 1, or a user's). One instance is one connection, used by
 * one thread. Every method may throw {@link SystemdException}.
 */
public interface Systemd extends AutoCloseable {
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
   * for of others it tells none.
   */
  default Map<String, List<String>> dropIns(Collection<String> names) {
    Map<String, List<String>> dropIns = new java.util.LinkedHashMap<>();
    for (Map.Entry<String, Unit> unit : load(names).entrySet()) {
      if (unit.getValue().state().load().equals("loaded")) {
        dropIns.put(unit.getKey(), unit.getValue().file().dropIns());
      }
    }
    return dropIns;
  }

  /**
   * How some units stand, in one call, however many they are.
   *
   * @return by the name that was asked for, in its order
   */
  Map<String, State> states(Collection<String> names);

  /**
   * The primary names of the loaded units that match a glob (ListUnitsByPatterns), with their
   * states, sorted by name.
   */
  Map<String, State> loaded(String... patterns);

  /** Reads all unit files anew (daemon-reload) and returns when that is done. */
  void reload();

  /**
   * When systemd last read all unit files, in microseconds since 1970 (UnitsLoadTimestamp): the
   * last reload or, before the first, the boot. Before systemd 250 only the boot is told.
   */
  long lastReload();

  /**
   * Queues stop jobs in mode {@code replace-irreversibly}, one transaction a unit, in this order,
   * all sent together.
   *
   * @return the job of each unit; a unit that has none to stop is not in it
   */
  Map<String, Long> stop(List<String> units);

  /**
   * Queues start jobs in mode {@code replace}, as {@link #stop}. A unit that systemd refuses to
   * queue is in no result; {@link SystemdException} names it.
   */
  Map<String, Long> start(List<String> units);

  /**
   * Starts a transient service of type oneshot that wants some units and is ordered before them:
   * one ordered transaction in which their start jobs are queued before its commands run (FACTS.md,
   * Transactions).
   *
   * @param wants the units that it starts
   * @param before the units that it is ordered before: those, and whatever their start may pull in
   * @param commands absolute paths with arguments, run one after the other
   * @return its job
   */
  long startOneshotBefore(
      String name,
      String description,
      List<List<String>> commands,
      List<String> wants,
      List<String> before);

  /**
   * Waits until jobs have ended, by systemd's own signals.
   *
   * @return each job's result ({@code done}, {@code canceled}, {@code timeout}, {@code failed},
   *     {@code dependency}, {@code skipped}, {@code assert}, ...); {@code unknown} for a job that
   *     ended before this connection was made; a job that has not ended within the time is not in
   *     it
   */
  Map<Long, String> await(Collection<Long> jobs, Duration limit);

  /**
   * Waits until systemd signals that something about one of these units changed, or the time is
   * over. What changed since {@link #states} was called last counts, so that nothing is missed
   * between the two; a change that those states already showed may be signalled once more.
   *
   * @param units primary names
   * @return false when the time is over
   */
  boolean awaitChange(Collection<String> units, Duration limit);

  /**
   * How many starts of some units were refused at their gates since this connection was made. A
   * masked unit's are not among them: they are refused before they become jobs.
   */
  default int refused(Collection<String> units) {
    return 0;
  }

  @Override
  void close();
}
