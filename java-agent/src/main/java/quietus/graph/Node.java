// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.graph;

import java.util.Objects;
import quietus.unit.OneLine;

/**
 * What stands around the subject of a family: a member, or a door. Neither a terminal nor an XML
 * reader gets a control character from it.
 *
 * @param name the unit; of a door what sort it is
 * @param label how it belongs to the family, a phrase
 * @param state how it stands, or what closes the door
 * @param target the unit that it starts or belongs to
 * @param isDoor whether it is a door
 */
public record Node(String name, String label, String state, String target, boolean isDoor) {
  public Node {
    name = OneLine.visible(Objects.requireNonNull(name));
    label = OneLine.visible(Objects.requireNonNull(label));
    state = OneLine.visible(Objects.requireNonNull(state));
    target = OneLine.visible(Objects.requireNonNull(target));
  }
}
