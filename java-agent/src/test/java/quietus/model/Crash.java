package quietus.model;

/**
 * The agent's end at a crash point: everything it had in its memory is gone, what it wrote and
 * asked for stays.
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
