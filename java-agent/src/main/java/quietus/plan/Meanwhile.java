// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.nio.file.Path;
import java.util.List;
import quietus.family.Door;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.unit.UnitName;

/**
 * Warns of masks and of enablement that somebody changed during a hold. A release keeps these
 * changes.
 */
final class Meanwhile {
  private final HostView host;

  Meanwhile(HostView host) {
    this.host = host;
  }

  void warn(Hold hold, List<String> warnings) {
    for (HeldMember member : hold.members()) {
      if (UnitName.isTemplate(member.unit())) {
        continue;
      }
      if (!member.restore() && !member.was().isMasked()) {
        mask(member.unit(), warnings);
      }
      if (!member.was().isMasked()) {
        enablement(hold, member, warnings);
      }
    }
  }

  private void mask(String unit, List<String> warnings) {
    Path mask = host.disk().control().foreignMask(host.unitPath(), unit);
    if (mask != null) {
      warnings.add(
          unit
              + " was masked by an administrator while it was held ("
              + mask
              + "); that mask is kept");
    }
  }

  private void enablement(Hold hold, HeldMember member, List<String> warnings) {
    String unit = member.unit();
    boolean was = false;
    boolean pulled = false;
    for (Door door : hold.doors()) {
      if (door.unit().equals(unit)) {
        was |= door.kind() == Door.Kind.ENABLED;
        pulled |= door.kind() == Door.Kind.BOOT || door.kind() == Door.Kind.WANTED;
      }
    }
    if (!was && pulled) {
      return; // enabled by another kind of link: there is nothing to compare with
    }
    boolean is = host.isInstalled(unit);
    if (was && !is) {
      warnings.add(
          unit
              + " was disabled while it was held: "
              + (member.restore() ? "it was up, so it is started, and" : "it is left so, and")
              + " a boot does not start it any more");
    } else if (!was && is) {
      warnings.add(unit + " was enabled while it was held: a boot starts it from now on");
    }
  }
}
