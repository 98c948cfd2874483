package quietus.systemd;

import quietus.error.AgentException;

/**
 * systemd refused a call, or could not be reached. The message is a sentence for a person that
 * names the unit if there is one.
 */
public final class SystemdException extends AgentException {
  private static final long serialVersionUID = 1L;

  private final String error;

  /**
   * @param error the D-Bus name of the error, such as {@code org.freedesktop.systemd1.NoSuchUnit};
   *     empty when it is none of systemd's
   */
  public SystemdException(String error, String message) {
    super(message);
    this.error = error;
  }

  public SystemdException(String message, Throwable cause) {
    super(message, cause);
    this.error = "";
  }

  /** The D-Bus name of the error; empty when systemd did not send one. */
  public String error() {
    return error;
  }
}
