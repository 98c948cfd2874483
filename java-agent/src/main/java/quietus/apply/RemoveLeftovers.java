// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import quietus.disk.Control;
import quietus.plan.Leftovers;
import quietus.protocol.VerbRequest;

/**
 * Removes files that a run left when it ended early, and that no hold uses.
 *
 * <p>After a crash here some of these files are left; the next run removes them.
 */
public final class RemoveLeftovers {
  private final Host host;
  private final VerbRequest request;

  public RemoveLeftovers(Host host, VerbRequest request) {
    this.host = host;
    this.request = request;
  }

  public void apply(Leftovers left) {
    Control control = host.disk().control();
    for (Leftovers.Gates gates : left.gates()) {
      for (String unit : gates.units()) {
        control.open(gates.until(), unit, gates.subject());
      }
      control.flush(gates.until());
    }
    host.disk().clear(left.unfinished());
    List<String> timers = new ArrayList<>();
    for (Path file : left.leases()) {
      String name = file.getFileName().toString();
      if (name.endsWith(".timer") && !timers.contains(name)) {
        timers.add(name);
      }
    }
    if (!timers.isEmpty()) {
      host.systemd().await(host.systemd().stop(timers).values(), request.timeout());
    }
    host.disk().leases().clear(left.leases());
    if (!left.gates().isEmpty() || !left.leases().isEmpty()) {
      host.systemd().reload();
    }
  }
}
