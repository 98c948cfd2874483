package quietus.run;

/**
 * A run that stopped because going on would have done harm, or could not have succeeded. The
 * message says why and what to do.
 */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
