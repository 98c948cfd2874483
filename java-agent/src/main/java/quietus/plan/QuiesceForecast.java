// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.ControlGroups;
import quietus.family.Member;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;

/** What a run of a plan to quiesce will report. */
final class QuiesceForecast {
  private final HostView host;
  private final QuiescePlan plan;
  private final List<String> warnings;
  private boolean changed;

  QuiesceForecast(HostView host, QuiescePlan plan) {
    this.host = host;
    this.plan = plan;
    this.warnings = new ArrayList<>(plan.warnings());
  }

  Outcome outcome() {
    for (QuiescePlan.Target target : plan.targets()) {
      changed |=
          !target.wasHeld()
              || !target.ungated().isEmpty()
              || target.setsLease()
              || !target.hold().equals(target.found().hold());
    }
    Map<String, State> after = stop();
    mask();
    List<Hold> holds = plan.holds();
    changed |=
        !plan.gatesAreRead()
            || !host.open(holds, plan.before()).isEmpty()
            || UnreadMasks.matter(holds, plan.before());
    String trouble = leftOfTheDead(holds);
    return Outcome.of(
            holds,
            Phase.HELD,
            plan.reported(),
            after,
            trouble == null ? QuiesceText.quiesced(holds, !changed) : trouble)
        .with(changed, trouble != null, warnings);
  }

  /**
   * @return the states after the stop and the masks
   */
  private Map<String, State> stop() {
    Map<String, Unit> units = new LinkedHashMap<>();
    Map<String, State> now = new LinkedHashMap<>();
    Map<String, State> after = new LinkedHashMap<>();
    for (QuiescePlan.Target target : plan.targets()) {
      for (Member member : target.family().members()) {
        units.put(member.name(), member.unit());
      }
      for (HeldMember member : target.hold().members()) {
        State state = plan.before().get(member.unit());
        boolean template = UnitName.isTemplate(member.unit());
        now.put(member.unit(), state);
        after.put(
            member.unit(),
            template ? state : Forecast.down(state, units.get(member.unit()), member.masked()));
      }
    }
    List<String> up = ActivatorsFirst.up(now, Set.of());
    changed |= !up.isEmpty();
    QuiesceText.woken(plan.targets(), up, warnings);
    return after;
  }

  /** Two holds of the same lifetime share one mask. */
  private void mask() {
    Map<Until, Set<String>> written = new LinkedHashMap<>();
    for (QuiescePlan.Target target : plan.targets()) {
      Set<String> missing = host.unmasked(target.hold());
      Set<String> others = written.get(target.hold().until());
      if (others == null) {
        others = new LinkedHashSet<>();
        written.put(target.hold().until(), others);
      }
      missing.removeAll(others);
      others.addAll(missing);
      changed |= !missing.isEmpty();
      QuiesceText.masksWereGone(target, missing, warnings);
    }
  }

  /**
   * The processes of members that are already down, which no stop will end.
   *
   * @return a sentence, null when there are none
   */
  private String leftOfTheDead(List<Hold> holds) {
    for (Hold hold : holds) {
      Map<String, List<ControlGroups.Process>> left = host.left(hold);
      for (String unit : List.copyOf(left.keySet())) {
        if (!plan.before().get(unit).isDead()) {
          left.remove(unit);
        }
      }
      if (!left.isEmpty()) {
        return QuiesceText.areLeft(hold, left);
      }
    }
    return null;
  }
}
