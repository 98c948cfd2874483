// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.Control;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Until;
import quietus.plan.HostView;
import quietus.plan.ReleasePlan;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * Removes the masks. systemd needs no reload for units that it has unloaded: it reads them, with
 * their gates, when it loads them again; nor for units whose masks it has never read. It is
 * reloaded only if it still shows something else, or if a unit was edited or removed while it was
 * held: what is started is what is on the disk.
 *
 * <p>After a crash here the records and the gates are unchanged, so the family stays down; some
 * masks are missing. A quiesce writes them again; the next release goes on.
 */
final class Unmask {
  private final Host host;
  private final HostView view;
  private final Steps steps;

  Unmask(Host host, HostView view, Steps steps) {
    this.host = host;
    this.view = view;
    this.steps = steps;
  }

  /** Returns the states of the members after it. */
  Map<String, State> apply(ReleasePlan plan) {
    steps.next("unmask");
    Control control = host.disk().control();
    boolean gone = false;
    Set<String> bare = new LinkedHashSet<>();
    for (Hold hold : plan.holds()) {
      Set<String> elsewhere = plan.maskedElsewhere(hold.until());
      for (String unit : hold.masks()) {
        if (!elsewhere.contains(unit)) {
          gone |= control.unmask(hold.until(), unit);
          if (!control.isMasked(Until.RELEASED, unit) && !control.isMasked(Until.REBOOT, unit)) {
            bare.add(unit);
          }
        }
      }
      if (gone) {
        control.flush(hold.until());
      }
    }
    Map<String, State> states = plan.before();
    if (gone) {
      control.invalidateUnitCache();
      states = view.states(plan.holds());
    }
    if (gone ? !areReadAgain(plan, bare, states) : isShownMasked(plan.holds(), bare, states)) {
      host.systemd().reload();
      states = view.states(plan.holds());
    }
    return states;
  }

  /**
   * True when systemd has read the units that lost their masks as they are on the disk, and their
   * gates too.
   */
  private boolean areReadAgain(ReleasePlan plan, Set<String> bare, Map<String, State> states) {
    Set<String> kept = new LinkedHashSet<>();
    for (Hold hold : plan.holds()) {
      Set<String> members = new LinkedHashSet<>();
      for (HeldMember member : hold.members()) {
        if (!UnitName.isTemplate(member.unit()) && bare.contains(member.cover())) {
          members.add(member.unit());
          if (!states.get(member.unit()).load().equals("loaded")) {
            return false;
          }
          if (!plan.before().get(member.unit()).isMasked()) {
            kept.add(member.unit());
          }
        }
      }
      if (!view.withoutGate(hold, members).isEmpty()) {
        return false;
      }
    }
    return kept.isEmpty() || host.systemd().edited(kept).isEmpty();
  }

  private static boolean isShownMasked(
      List<Hold> holds, Set<String> bare, Map<String, State> states) {
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (bare.contains(member.cover()) && states.get(member.unit()).isMasked()) {
          return true;
        }
      }
    }
    return false;
  }
}
