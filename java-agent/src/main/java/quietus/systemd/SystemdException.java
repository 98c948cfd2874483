// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import quietus.error.AgentException;

/**
 * systemd refused a call, or could not be reached. The message is a sentence for a person that
 * names the unit if there is one.
 */
public final class SystemdException extends AgentException {
  private static final long serialVersionUID = 1L;

  private static final String AGAIN = "Run again: it continues where this run ended";

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

  private SystemdException(String error, String message, Throwable cause) {
    super(message, cause);
    this.error = error;
  }

  /**
   * The connection ended.
   *
   * @param error the D-Bus name of the error, empty when there is none
   * @param reason how it ended
   */
  static SystemdException broken(String error, String reason, Throwable cause) {
    return new SystemdException(
        error, "the connection to systemd broke: " + reason + ". " + AGAIN, cause);
  }

  /**
   * systemd sent something that is no valid D-Bus message, or not of the type that it documents.
   *
   * @param what what is wrong with it, without a value that was received
   */
  static SystemdException malformed(String what) {
    return new SystemdException(
        "",
        "systemd sent a D-Bus message that cannot be read ("
            + what
            + "). "
            + AGAIN
            + "; if this message returns, report it together with the output of systemctl"
            + " --version");
  }

  /**
   * systemd did not answer.
   *
   * @param what what it was asked for
   * @param limit how long it was waited for, in ns
   */
  static SystemdException silent(String what, long limit) {
    return new SystemdException(
        "",
        "systemd has not answered "
            + what
            + " within "
            + (limit + 999_999_999) / 1_000_000_000
            + " s: it is busy, as a reload of many units can make it, or it hangs. See whether"
            + " systemctl answers. "
            + AGAIN);
  }

  /** The D-Bus name of the error; empty when systemd did not send one. */
  public String error() {
    return error;
  }
}
