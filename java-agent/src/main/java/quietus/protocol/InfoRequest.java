// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import quietus.graph.Format;

/**
 * To look at some units, or at all that is held; nothing is changed.
 *
 * @param startedBy tell of each member that is up what started it
 * @param graph draw the family; null for no picture
 * @param attempts tell of the attempts to start what is held
 */
public record InfoRequest(Scope scope, boolean startedBy, Format graph, boolean attempts)
    implements Request {
  /** To look at what systemd and the holds tell. */
  public InfoRequest(Scope scope) {
    this(scope, false, null, false);
  }
}
