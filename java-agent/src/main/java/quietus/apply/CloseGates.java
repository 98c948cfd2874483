// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.ArrayList;
import java.util.List;
import quietus.error.AgentException;
import quietus.hold.Hold;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Steps;

/**
 * Writes the gates that are missing and the lease runners, and makes systemd read them. The gates
 * of a new hold close nothing yet, because its record does not exist.
 *
 * <p>After a crash here there are gates on the disk, which systemd may have read, and perhaps a
 * lease runner without a hold. Nothing is stopped and every unit can start. The next quiesce writes
 * what is missing and goes on; a release removes the gates (EnableRun).
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
    ArmLeases leases = leases(plan.targets());
    if (written || leases.reloads() || !plan.gatesAreRead()) {
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
    leases.start();
  }

  /** Writes or removes the lease runners, where a lease changes. */
  private ArmLeases leases(List<QuiescePlan.Target> targets) {
    ArmLeases leases = new ArmLeases(host, request);
    List<Hold> holds = new ArrayList<>();
    boolean changes = false;
    for (QuiescePlan.Target target : targets) {
      holds.add(target.hold());
      changes |= target.setsLease() || target.clearsLease();
    }
    if (changes) {
      leases.write(holds);
    }
    return leases;
  }
}
