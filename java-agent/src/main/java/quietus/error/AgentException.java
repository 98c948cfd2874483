// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.error;

import quietus.unit.OneLine;

/**
 * A run that cannot go on. The message is for a person: it names the unit, what happened and what
 * to do next. It may have file names and texts in it that others chose, so control characters do
 * not get into it.
 */
public class AgentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AgentException(String message) {
    super(OneLine.visible(message));
  }

  public AgentException(String message, Throwable cause) {
    super(OneLine.visible(message), cause);
  }
}
