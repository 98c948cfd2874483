// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.family;

import java.util.List;
import java.util.Objects;

/**
 * A unit with everything that must be held for it to stay down.
 *
 * @param subject the unit that the family is named after
 * @param names all names by which it can be asked for
 * @param members the subject first
 * @param doors every other way by which it could start again
 */
public record Family(String subject, List<String> names, List<Member> members, List<Door> doors) {
  public Family {
    Objects.requireNonNull(subject);
    names = List.copyOf(names);
    members = List.copyOf(members);
    doors = List.copyOf(doors);
  }

  /** True when a unit, by its primary name, is a member. */
  public boolean has(String unit) {
    for (Member member : members) {
      if (member.name().equals(unit)) {
        return true;
      }
    }
    return false;
  }
}
