// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import quietus.disk.DiskView;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Now;
import quietus.hold.Phase;

/** Warns of leases that are overdue or will not end, and of a clock that jumped. */
public final class LeaseWarnings {
  private LeaseWarnings() {}

  /**
   * @param except the subjects of this run
   */
  public static List<String> of(
      DiskView disk, List<FoundHold> holds, Now now, String command, Set<String> except) {
    List<String> warnings = new ArrayList<>();
    for (FoundHold found : holds) {
      Hold hold = found.hold();
      if (hold.lease() == null || except.contains(hold.subject())) {
        continue;
      }
      if (hold.lease().isOver(now)) {
        warnings.add(
            "the lease on "
                + hold.subject()
                + " is overdue since "
                + now.clock().plusSeconds(hold.lease().left(now)).truncatedTo(ChronoUnit.SECONDS)
                + (found.phase() == Phase.HELD
                    ? " and it is still held"
                    : " and not all of it is back")
                + "; see: journalctl -u "
                + disk.leases().service(hold.until())
                + ", or release it: "
                + command
                + (disk.isUser() ? " release --user '" : " release '")
                + hold.subject()
                + "'");
      } else if (!disk.leases().isSet(hold, now)) {
        warnings.add(
            "what ends the lease on "
                + hold.subject()
                + " is missing, so it stays held after "
                + hold.lease().end()
                + "; to write it again, quiesce the unit again");
      }
      String jump = hold.lease().jump(now);
      if (jump != null) {
        warnings.add(hold.subject() + ": " + jump);
      }
    }
    return warnings;
  }
}
