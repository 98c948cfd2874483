// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import quietus.disk.DiskView;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Until;
import quietus.unit.State;

/**
 * States as a report tells them. A unit that systemd keeps in its memory is {@code loaded} until
 * the next reload reads its mask, and refused by its gate as long. A report calls it {@code masked}
 * at once, as {@code systemctl is-enabled} does, which looks at the disk.
 */
public final class ReportedStates {
  private ReportedStates() {}

  /**
   * @param holds whose masks count where they are on the disk
   * @return the states of the same units
   */
  public static Map<String, State> of(
      DiskView disk, Collection<Hold> holds, Map<String, State> states) {
    Map<String, State> reported = new LinkedHashMap<>(states);
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        State state = reported.get(member.unit());
        if (state != null
            && member.masked()
            && state.load().equals("loaded")
            && isMasked(disk.control(), member.cover())) {
          reported.put(
              member.unit(), new State("masked", state.active(), state.sub(), state.job()));
        }
      }
    }
    return reported;
  }

  private static boolean isMasked(DiskView.ControlView control, String unit) {
    return control.isMasked(Until.RELEASED, unit) || control.isMasked(Until.REBOOT, unit);
  }
}
