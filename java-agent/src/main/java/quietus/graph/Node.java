// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.graph;

import java.util.Objects;

/**
 * What stands around the subject of a family: a member, or a door.
 *
 * @param name the unit; of a door what sort it is
 * @param label how it belongs to the family, a phrase
 * @param state how it stands, or what closes the door
 * @param target the unit that it starts or belongs to
 * @param isDoor whether it is a door
 */
public record Node(String name, String label, String state, String target, boolean isDoor) {
  public Node {
    Objects.requireNonNull(name);
    Objects.requireNonNull(label);
    Objects.requireNonNull(state);
    Objects.requireNonNull(target);
  }
}
