// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import quietus.family.Member;
import quietus.family.Role;
import quietus.hold.HeldMember;
import quietus.plan.ActivatorsFirst;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.plan.Snapshot;
import quietus.plan.Text;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * Lets work in flight end by itself: stops the activators, so that no more work begins, then waits
 * for runs and connections to end.
 *
 * <p>After a crash here the family is held, its activators are down, and work in flight goes on.
 * The next quiesce stops the rest; a release starts the activators again.
 */
final class Drain {
  private final Host host;
  private final HostView view;
  private final QuiesceRequest request;
  private final Steps steps;

  Drain(Host host, HostView view, QuiesceRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  void apply(List<QuiescePlan.Target> targets, Findings findings) {
    if (request.drain().isZero()) {
      return;
    }
    steps.next("drain");
    long deadline = System.nanoTime() + request.drain().toNanos();
    List<String> activators = new ArrayList<>();
    Set<String> working = new LinkedHashSet<>();
    for (QuiescePlan.Target target : targets) {
      sort(target, activators, working);
    }
    if (!activators.isEmpty()) {
      findings.change();
      host.systemd().await(host.systemd().stop(activators).values(), request.timeout());
    }
    while (true) {
      List<String> up = ActivatorsFirst.up(view.statesOf(working), Set.of());
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (up.isEmpty()) {
        return;
      }
      if (left.isNegative() || !host.systemd().awaitChange(up, left)) {
        findings
            .warnings()
            .add(
                "work was still in flight after "
                    + request.drain().toSeconds()
                    + " s and was stopped: "
                    + Text.list(up));
        return;
      }
    }
  }

  private static void sort(
      QuiescePlan.Target target, List<String> activators, Set<String> working) {
    Set<String> spawned = Snapshot.spawned(target.family());
    for (Member member : target.family().members()) {
      State state = member.unit().state();
      if (member.unit().type().activates() && !state.isDown()) {
        activators.add(member.name());
      } else if (member.unit().traits().runsOnce()
          || Snapshot.isConnection(member.name(), member.role(), spawned)) {
        working.add(member.name());
      }
    }
    for (HeldMember member : target.hold().members()) {
      if (member.role() == Role.INSTANCE
          && !UnitName.isTemplate(member.unit())
          && Snapshot.isConnection(member.unit(), member.role(), spawned)) {
        working.add(member.unit());
      }
    }
  }
}
