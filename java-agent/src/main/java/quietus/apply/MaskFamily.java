// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.hold.Hold;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.plan.QuiesceText;
import quietus.plan.UnreadMasks;
import quietus.protocol.Steps;
import quietus.unit.State;

/**
 * Masks the members, without a reload. systemd unloads a unit that is down and that no loaded unit
 * refers to, and finds the mask when it loads that unit again. It reads the mask of any other unit
 * with the next reload, whoever asks for it; until then the gate refuses what the mask would. A
 * reload on a host with thousands of units takes many seconds. It is made where the gate is not
 * enough, as {@link UnreadMasks} tells.
 *
 * <p>After a crash here the family is held and down, and some masks are missing, or systemd has not
 * read them. The gates keep it down. The next quiesce writes what is missing, and makes the reload
 * where it matters; a release removes the masks that exist.
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
    if (UnreadMasks.matter(holds, states) || !view.open(holds, states).isEmpty()) {
      findings.change();
      host.systemd().reload();
      states = view.states(holds);
    }
    return states;
  }
}
