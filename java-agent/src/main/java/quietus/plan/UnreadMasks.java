// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import quietus.family.Door;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.unit.State;

/**
 * Masks that systemd has to read, though the gates are in force. The record and the states tell it,
 * so that a run finds what an earlier one, which ended before its reload, left.
 */
public final class UnreadMasks {
  private UnreadMasks() {}

  /**
   * True when systemd has not read the mask of a member for which the gate is not enough: one that
   * a unit upholds, so that systemd tries to start it again and again and fills the journal; or one
   * for which systemd keeps descriptors, perhaps sockets that listen, and closes them when it has
   * read the mask.
   *
   * @param states the states of all members of these holds
   */
  public static boolean matter(Collection<Hold> holds, Map<String, State> states) {
    for (Hold hold : holds) {
      Set<String> upheld = upheld(hold);
      for (HeldMember member : hold.members()) {
        State state = states.get(member.unit());
        if (member.masked()
            && state.load().equals("loaded")
            && (upheld.contains(member.unit()) || state.keepsDescriptors())) {
          return true;
        }
      }
    }
    return false;
  }

  private static Set<String> upheld(Hold hold) {
    Set<String> upheld = new LinkedHashSet<>();
    for (Door door : hold.doors()) {
      if (door.kind() == Door.Kind.UPHELD) {
        upheld.add(door.unit());
      }
    }
    return upheld;
  }
}
