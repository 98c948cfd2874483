package quietus.apply;

import java.util.ArrayList;
import java.util.List;
import quietus.disk.Leases;
import quietus.error.AgentException;
import quietus.hold.Hold;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Steps;

/**
 * Writes the gates that are missing and what ends the leases, and makes systemd read them. The
 * gates of a new hold close nothing yet: they look for a record that is not there.
 *
 * <p>After a crash here gates lie on the disk, read by systemd or not, and a lease's timer may run
 * that finds no hold to release. Nothing is stopped and every unit can start. The next quiesce
 * writes what is missing and goes on; a release takes the gates away (EnableRun).
 */
final class CloseGates {
  private final Host host;
  private final HostView view;
  private final QuiesceRequest request;
  private final Steps steps;

  CloseGates(Host host, HostView view, QuiesceRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  void apply(QuiescePlan plan, Findings findings) {
    steps.next("gates");
    boolean written = false;
    for (QuiescePlan.Target target : plan.targets()) {
      Hold hold = target.hold();
      if (!target.ungated().isEmpty()) {
        host.disk().holds().prepare(hold.until());
        host.disk().control().close(hold, target.ungated(), view.releaseCommand(hold.subject()));
        written = true;
      }
    }
    steps.next("reload");
    List<String> timers = leases(plan.targets());
    if (written || !timers.isEmpty() || !plan.gatesAreRead()) {
      findings.change();
      host.systemd().reload();
      if (!plan.gatesAreRead()) {
        throw new AgentException(
            "systemd did not read the gates of "
                + plan.targets().get(0).hold().subject()
                + " though it was told to reload; nothing was stopped. See: journalctl -b _PID=1 -n"
                + " 50, then run again");
      }
    }
    if (!timers.isEmpty()) {
      host.systemd().await(host.systemd().start(timers).values(), request.timeout());
    }
  }

  /** Writes what releases the holds when their leases end. Returns the timers to be started. */
  private List<String> leases(List<QuiescePlan.Target> targets) {
    List<String> timers = new ArrayList<>();
    for (QuiescePlan.Target target : targets) {
      Hold hold = target.hold();
      if (target.setsLease()) {
        host.disk().leases().set(hold, host.agent(), host.java(), request.user());
        timers.add(Leases.timer(hold.subject()));
      } else if (target.clearsLease()) {
        host.systemd()
            .await(
                host.systemd().stop(List.of(Leases.timer(hold.subject()))).values(),
                request.timeout());
        host.disk().leases().clear(hold.until(), hold.subject());
      }
    }
    return timers;
  }
}
