// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import quietus.unit.Unit;

/**
 * One member of a family that was just resolved.
 *
 * @param name its primary name; a template has one too, though systemd cannot load it
 * @param role what it is in the family
 * @param reason a sentence: why it is in the family
 * @param because the members that pulled it in; empty for a subject
 * @param cover the unit whose gate closes it: itself, or its template
 * @param unit what systemd says of it
 */
public record Member(
    String name, Role role, String reason, List<String> because, String cover, Unit unit) {
  public Member {
    Objects.requireNonNull(name);
    Objects.requireNonNull(role);
    Objects.requireNonNull(reason);
    because = List.copyOf(because);
    Objects.requireNonNull(cover);
    Objects.requireNonNull(unit);
  }

  /** The same member, pulled in by one more. */
  public Member alsoBecause(String other) {
    if (because.contains(other) || role == Role.SUBJECT) {
      return this;
    }
    List<String> more = new ArrayList<>(because);
    more.add(other);
    return new Member(name, role, reason, more, cover, unit);
  }
}
