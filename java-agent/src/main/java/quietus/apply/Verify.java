// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.ControlGroups;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.plan.ActivatorsFirst;
import quietus.plan.HostView;
import quietus.plan.QuiesceText;
import quietus.plan.Text;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Verifies that the family is down, and watches it for a while if that is asked for. It writes
 * nothing. After a crash here the family is held, down, and masked or gated.
 */
final class Verify {
  private final Host host;
  private final HostView view;
  private final QuiesceRequest request;
  private final Steps steps;
  private boolean settled;

  Verify(Host host, HostView view, QuiesceRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  /** Returns what is wrong, as a sentence; null when nothing is. */
  String apply(List<Hold> holds, Map<String, State> after) {
    steps.next("verify");
    String trouble = trouble(holds, after);
    if (trouble == null && !request.settle().isZero()) {
      steps.next("settle");
      settled = true;
      trouble = settle(holds);
    }
    return trouble;
  }

  /** True when the family was watched, so that its states were looked at again. */
  boolean isSettled() {
    return settled;
  }

  private String trouble(Collection<Hold> holds, Map<String, State> after) {
    List<String> up = ActivatorsFirst.up(after, Set.of());
    if (!up.isEmpty()) {
      return Text.list(up)
          + " "
          + Text.is(up)
          + " not down after the stop ("
          + after.get(up.get(0)).active()
          + "/"
          + after.get(up.get(0)).sub()
          + "). The hold stays; see: systemctl status "
          + up.get(0)
          + ", then run again";
    }
    for (Hold hold : holds) {
      Map<String, List<ControlGroups.Process>> left = view.left(hold);
      if (!left.isEmpty()) {
        return QuiesceText.areLeft(hold, left);
      }
      Set<String> unmasked = view.unmasked(hold);
      if (!unmasked.isEmpty()) {
        return "the mask of "
            + unmasked.iterator().next()
            + " is gone though this run wrote it. The hold and the gates stay, nothing of the"
            + " family can start; find out who removed it, and run again";
      }
    }
    Set<String> open = view.open(holds, after);
    if (!open.isEmpty()) {
      return "systemd shows neither the mask nor the gate of "
          + open.iterator().next()
          + ", though both were written and it was told to reload. The hold stays; see: journalctl"
          + " -b _PID=1 -n 50, then run again";
    }
    return null;
  }

  /** Watches until the time is over or a state changes. Returns what changed, or null. */
  private String settle(List<Hold> holds) {
    long deadline = System.nanoTime() + request.settle().toNanos();
    Set<String> names = view.states(holds).keySet();
    while (true) {
      boolean signalled =
          host.systemd()
              .awaitChange(names, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      String trouble = trouble(holds, view.states(holds));
      if (trouble != null) {
        return "a state changed while the family was watched: " + trouble;
      }
      List<String> listeners = listeners(holds);
      if (!listeners.isEmpty()) {
        return "another process still listens where the family did: "
            + Text.list(listeners)
            + ". The hold stays; see who it is: ss -lnp";
      }
      if (!signalled) {
        return null;
      }
    }
  }

  private List<String> listeners(List<Hold> holds) {
    List<String> listens = new ArrayList<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.was().isUp()) {
          listens.addAll(member.listens());
        }
      }
    }
    return listens.isEmpty() ? listens : host.listeners().open(listens);
  }

  Report.Evidence evidence(List<Hold> holds) {
    List<Report.Left> left = new ArrayList<>();
    Set<String> units = new LinkedHashSet<>();
    for (Hold hold : holds) {
      for (Map.Entry<String, List<ControlGroups.Process>> entry : view.left(hold).entrySet()) {
        for (ControlGroups.Process process : entry.getValue()) {
          left.add(new Report.Left(entry.getKey(), process.pid(), process.command()));
        }
      }
      units.addAll(hold.units());
    }
    return new Report.Evidence(left, listeners(holds), view.refused(units));
  }
}
