// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import quietus.error.AgentException;

/**
 * A file could not be trusted, read or written. The message names it, what is wrong and what to do.
 */
public final class DiskException extends AgentException {
  private static final long serialVersionUID = 1L;

  public DiskException(String message) {
    super(message);
  }

  public DiskException(String message, Throwable cause) {
    super(message, cause);
  }
}
