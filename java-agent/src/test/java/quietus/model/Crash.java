// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

/**
 * The end of the agent at a crash point: what it had in memory is lost; what it wrote, and what it
 * asked systemd for, stays.
 */
public final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  private final int point;

  Crash(int point, String where) {
    super("crash at point " + point + ", " + where);
    this.point = point;
  }

  /** The number of the crash point, as {@link ModelSystemd#crashAt} takes it. */
  public int point() {
    return point;
  }
}
