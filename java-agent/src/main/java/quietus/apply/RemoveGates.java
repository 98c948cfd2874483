package quietus.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import quietus.disk.Control;
import quietus.disk.Leases;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;

/**
 * Takes away what is left of some holds: leases and gates, then the records, which are last.
 *
 * <p>After a crash here the family is up, and gates that close nothing, or the record of a release
 * under way, are left. The next release takes them away; a quiesce uses them again.
 */
final class RemoveGates {
  private final Host host;
  private final RunningRequest request;
  private final Steps steps;

  RemoveGates(Host host, RunningRequest request, Steps steps) {
    this.host = host;
    this.request = request;
    this.steps = steps;
  }

  void apply(List<Hold> holds) {
    steps.next("gates");
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
      gone |= of(hold.subject());
      gone |= hold.lease() != null && host.disk().leases().clear(hold.until(), hold.subject());
    }
    if (gone) {
      host.systemd().reload();
    }
    for (Hold hold : holds) {
      host.disk().holds().delete(hold, Phase.RELEASING);
    }
  }

  /** Takes a subject's gates away. Returns true when there were any. */
  boolean of(String subject) {
    boolean gone = false;
    Control control = host.disk().control();
    for (Until until : Until.values()) {
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
}
