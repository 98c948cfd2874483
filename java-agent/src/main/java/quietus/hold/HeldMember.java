// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.util.List;
import java.util.Objects;
import quietus.family.Role;
import quietus.unit.State;

/**
 * One member of a held family, as it was when the hold began.
 *
 * @param unit its primary name
 * @param role what it is in the family
 * @param reason a sentence: why it is in the family
 * @param because the members that pulled it into the family; empty for a subject. A masked unit no
 *     longer shows its relations, so they are kept here
 * @param cover the unit whose gate and mask close it: itself, or its template
 * @param masked whether the hold masks its cover; a transient unit is never masked
 *     (docs/systemd-facts.md, Masks)
 * @param was its state
 * @param restore true when a release starts it
 * @param controlGroup where its processes were, relative to the root of the hierarchy; empty when
 *     it had none
 * @param listens a socket's addresses, as {@code Stream 0.0.0.0:8080}
 * @param follows the units with which systemd stops it; kept here for the same reason as {@code
 *     because}
 * @param triggers the units that it starts, for an activator
 */
public record HeldMember(
    String unit,
    Role role,
    String reason,
    List<String> because,
    String cover,
    boolean masked,
    State was,
    boolean restore,
    String controlGroup,
    List<String> listens,
    List<String> follows,
    List<String> triggers) {
  public HeldMember {
    Objects.requireNonNull(unit);
    Objects.requireNonNull(role);
    Objects.requireNonNull(reason);
    because = List.copyOf(because);
    Objects.requireNonNull(cover);
    Objects.requireNonNull(was);
    Objects.requireNonNull(controlGroup);
    listens = List.copyOf(listens);
    follows = List.copyOf(follows);
    triggers = List.copyOf(triggers);
  }
}
