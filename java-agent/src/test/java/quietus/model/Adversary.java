// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/** What the rest of the host does between two steps of the agent. */
@FunctionalInterface
public interface Adversary {
  /** Does nothing. */
  Adversary NONE = (outside, moment) -> {};

  /**
   * Called before and after each call of the port, between the single requests that a call sends
   * together, and between two iterations of systemd's event loop while the agent waits. It decides
   * for itself (by a seeded random) whether to act. Each call costs 1 ms of virtual time.
   *
   * @param outside through which it acts
   * @param moment what the agent is doing, such as {@code before reload}
   */
  void act(Outside outside, String moment);
}
