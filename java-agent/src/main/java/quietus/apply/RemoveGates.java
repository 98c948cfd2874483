// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Set;
import quietus.disk.Control;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;

/**
 * Removes the gates and lease runners of holds, and last their records. The lease service's own run
 * arms its timer at its end.
 *
 * <p>After a crash here the family is up. Gates that close nothing, or the record of the release,
 * are left. The next release removes them; a quiesce uses them again.
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
    ArmLeases leases = new ArmLeases(host, request);
    for (Hold hold : holds) {
      gone |= of(hold.subject());
    }
    if (hasLease(holds) && !request.expiredOnly()) {
      leases.without(holds);
    }
    if (gone || leases.reloads()) {
      host.systemd().reload();
    }
    leases.start();
    for (Hold hold : holds) {
      host.disk().holds().delete(hold, Phase.RELEASING);
    }
  }

  private static boolean hasLease(List<Hold> holds) {
    for (Hold hold : holds) {
      if (hold.lease() != null) {
        return true;
      }
    }
    return false;
  }

  /** Removes a subject's gates. Returns true when there were any. */
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
