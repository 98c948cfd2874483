package quietus.protocol;

import java.time.Duration;
import java.util.List;
import quietus.unit.UnitName;

/**
 * What is asked of the agent.
 *
 * @param names the units, at least one; none for a look at all that is held
 * @param state the state to bring about; {@link State#ANY} only looks
 * @param terms the terms of the hold
 * @param timeout how long to wait for all stops, or all starts
 * @param lockTimeout how long to wait for another run
 * @param drain how long work in flight may go on
 * @param settle how long to watch the family after the stop, or what came back after the start
 * @param refuseDependents fail when an active unit would be stopped along with the family
 * @param allowProtected permit what Ansible, the bus or the boot stand on
 * @param user the calling user's manager instead of PID 1
 * @param check predict, touch nothing
 * @param expiredOnly release only what has a lease that is over
 */
public record Request(
    List<UnitName> names,
    State state,
    Terms terms,
    Duration timeout,
    Duration lockTimeout,
    Duration drain,
    Duration settle,
    boolean refuseDependents,
    boolean allowProtected,
    boolean user,
    boolean check,
    boolean expiredOnly) {
  public Request {
    names = List.copyOf(names);
  }

  /** The states that can be asked for. */
  public enum State {
    QUIESCED,
    RUNNING,
    ANY
  }
}
