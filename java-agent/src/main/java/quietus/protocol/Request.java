// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.util.List;
import quietus.unit.UnitName;

/** What is asked of the agent. */
public sealed interface Request permits VerbRequest, InfoRequest {
  Scope scope();

  /** The units, at least one; none for a look at all that is held. */
  default List<UnitName> names() {
    return scope().names();
  }

  /** The calling user's manager instead of PID 1. */
  default boolean user() {
    return scope().user();
  }
}
