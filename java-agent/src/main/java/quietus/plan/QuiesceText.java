// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.ControlGroups;
import quietus.hold.Hold;
import quietus.hold.Until;

/** The messages of a quiesce, the same in check mode and in a run. */
public final class QuiesceText {
  private QuiesceText() {}

  /** Says that families are held, and for how long. */
  public static String quiesced(List<Hold> holds, boolean already) {
    List<String> subjects = new ArrayList<>();
    Set<String> members = new LinkedHashSet<>();
    for (Hold hold : holds) {
      subjects.add(hold.subject());
      members.addAll(hold.units());
    }
    Until until = holds.isEmpty() ? Until.RELEASED : holds.get(0).until();
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + (already ? " already" : "")
        + " quiesced: "
        + Text.count(members.size(), "unit")
        + (members.size() == 1 ? " stays" : " stay")
        + " down until "
        + (until == Until.RELEASED ? "released" : "released or the next boot")
        + ".";
  }

  /** Warns of gates that were removed during the hold. */
  static void gatesWereGone(QuiescePlan.Target target, List<String> warnings) {
    if (target.wasHeld()) {
      Set<String> gone = new LinkedHashSet<>(target.ungated());
      gone.retainAll(target.found().hold().covers());
      gone("gate", gone, target, "", warnings);
    }
  }

  /** Warns of masks that were removed during the hold. */
  public static void masksWereGone(
      QuiescePlan.Target target, Set<String> missing, List<String> warnings) {
    if (target.wasHeld()) {
      Set<String> gone = new LinkedHashSet<>(missing);
      gone.retainAll(target.found().hold().masks());
      String why =
          gone.size() == 1
              ? " (somebody removed it, or an earlier run ended before it was written)"
              : " (somebody removed them, or an earlier run ended before they were written)";
      gone("mask", gone, target, why, warnings);
    }
  }

  private static void gone(
      String what, Set<String> gone, QuiescePlan.Target target, String why, List<String> warnings) {
    if (gone.isEmpty()) {
      return;
    }
    boolean one = gone.size() == 1;
    warnings.add(
        "the "
            + what
            + (one ? " of " : "s of ")
            + Text.list(gone)
            + (one ? " was" : " were")
            + " missing while "
            + target.hold().subject()
            + " was held"
            + why
            + (one ? "; it was written again" : "; they were written again"));
  }

  /** Warns of held members that were up. */
  public static void woken(
      List<QuiescePlan.Target> targets, List<String> up, List<String> warnings) {
    for (QuiescePlan.Target target : targets) {
      if (!target.wasHeld()) {
        continue;
      }
      List<String> woken = new ArrayList<>();
      for (String unit : up) {
        if (target.found().hold().member(unit) != null) {
          woken.add(unit);
        }
      }
      boolean one = woken.size() == 1;
      String text =
          Text.list(woken)
              + (one ? " was" : " were")
              + " up though "
              + target.hold().subject()
              + " was held (somebody started "
              + (one ? "it past the gate" : "them past the gates")
              + ", or an earlier run ended before the stop); "
              + (one ? "it is" : "they are")
              + " stopped again";
      if (!woken.isEmpty() && !warnings.contains(text)) {
        warnings.add(text);
      }
    }
  }

  /** Says that processes are left after the stop. */
  public static String areLeft(Hold hold, Map<String, List<ControlGroups.Process>> left) {
    return "systemd stopped "
        + hold.subject()
        + ", but processes of the family are left (KillMode= lets them live): "
        + Text.processes(left)
        + ". It is not quiesced. The hold stays, nothing of the family can start; end these"
        + " processes and run again";
  }
}
