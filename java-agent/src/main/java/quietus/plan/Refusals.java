// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.List;
import quietus.family.Member;
import quietus.family.Role;
import quietus.protocol.QuiesceRequest;
import quietus.unit.UnitName;

/** Refuses to quiesce protected units, and dependents that are up where that is asked for. */
final class Refusals {
  private final HostView host;
  private final QuiesceRequest request;

  Refusals(HostView host, QuiesceRequest request) {
    this.host = host;
    this.request = request;
  }

  /** Why these are refused, as a sentence; null when they are not. */
  String of(List<QuiescePlan.Target> targets) {
    ProtectedUnits guard = new ProtectedUnits(request.user(), host.ownGroup());
    List<String> dependents = new ArrayList<>();
    for (QuiescePlan.Target target : targets) {
      for (Member member : target.added()) {
        String reason = request.allowProtected() ? null : guard.reason(member.name());
        if (reason != null) {
          return isProtected(target.hold().subject(), member, reason);
        }
        if (member.role() == Role.DEPENDENT && member.unit().state().isUp()) {
          dependents.add(member.name());
        }
      }
    }
    return request.refuseDependents() && !dependents.isEmpty()
        ? areUp(dependents, targets.get(0).hold().subject())
        : null;
  }

  private String isProtected(String subject, Member member, String reason) {
    String glob = globOf(subject);
    String what =
        member.name().equals(subject) && glob != null
            ? subject + " matches '" + glob + "'"
            : "to quiesce "
                + subject
                + (glob == null ? "" : ", which matches '" + glob + "',")
                + " would stop "
                + member.name()
                + " ("
                + member.reason()
                + ")";
    return what
        + ", and "
        + reason
        + "; nothing was touched. "
        + (glob == null
            ? "If that is what you want, allow_protected permits it"
            : "Give a narrower glob; or, if that is what you want, allow_protected permits it");
  }

  /** The glob that alone leads to a unit; null when the unit is named. */
  private String globOf(String subject) {
    String glob = null;
    for (UnitName name : request.names()) {
      if (!name.isGlob() && name.text().equals(subject)) {
        return null;
      }
      if (glob == null && name.isGlob() && name.matches(subject)) {
        glob = name.text();
      }
    }
    return glob;
  }

  private static String areUp(List<String> dependents, String subject) {
    return Text.list(dependents)
        + " "
        + Text.is(dependents)
        + " up and would be stopped along with "
        + subject
        + ", and dependents=refuse forbids that; nothing was touched. Stop "
        + (dependents.size() == 1 ? "it" : "them")
        + " first, or use dependents=hold";
  }
}
