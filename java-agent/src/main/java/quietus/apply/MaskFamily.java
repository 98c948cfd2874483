// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Door;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.plan.QuiesceText;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Masks the members, without a reload. systemd unloads a unit that is down and that no loaded unit
 * refers to, and finds the mask when it loads that unit again. It reads the mask of any other unit
 * with the next reload, whoever asks for it; until then the gate refuses what the mask would. A
 * reload on a host with thousands of units takes many seconds. It is made where the gate is not
 * enough: a unit outside of the family upholds a member, so that systemd tries to start it again
 * and again and fills the journal until it has read the mask; or systemd keeps descriptors for a
 * member, perhaps sockets that listen, and closes them when it has read the mask.
 *
 * <p>After a crash here the family is held and down, and some masks are missing. The gates keep it
 * down. The next quiesce writes what is missing, and does not make the reload that was left out; a
 * release removes the masks that exist.
 */
final class MaskFamily {
  private final Host host;
  private final HostView view;
  private final Steps steps;

  MaskFamily(Host host, HostView view, Steps steps) {
    this.host = host;
    this.view = view;
    this.steps = steps;
  }

  /** Returns the states of the members after it. */
  Map<String, State> apply(List<QuiescePlan.Target> targets, Findings findings) {
    steps.next("mask");
    boolean written = false;
    for (QuiescePlan.Target target : targets) {
      Set<String> missing = view.unmasked(target.hold());
      for (String unit : missing) {
        host.disk().control().mask(target.hold(), unit);
        written = true;
      }
      host.disk().control().flush(target.hold().until());
      QuiesceText.masksWereGone(target, missing, findings.warnings());
    }
    if (written) {
      findings.change();
      host.disk().control().invalidateUnitCache();
    }
    List<Hold> holds = QuiescePlan.holds(targets);
    Map<String, State> states = view.states(holds);
    boolean needsMasks = isUpheld(holds) || hasDescriptors(states);
    boolean unread = written && needsMasks && !areMasked(holds, states);
    if (unread || !view.open(holds, states).isEmpty()) {
      findings.change();
      host.systemd().reload();
      states = view.states(holds);
    }
    return states;
  }

  private static boolean isUpheld(List<Hold> holds) {
    for (Hold hold : holds) {
      for (Door door : hold.doors()) {
        if (door.kind() == Door.Kind.UPHELD) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean hasDescriptors(Map<String, State> states) {
    for (State state : states.values()) {
      if (state.sub().equals("dead-resources-pinned")) {
        return true;
      }
    }
    return false;
  }

  private static boolean areMasked(List<Hold> holds, Map<String, State> states) {
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (member.masked() && states.get(member.unit()).load().equals("loaded")) {
          return false;
        }
      }
    }
    return true;
  }
}
