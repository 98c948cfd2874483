// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.util.List;
import quietus.unit.UnitName;

/**
 * What a request is about.
 *
 * @param names the units
 * @param user the calling user's manager instead of PID 1
 */
public record Scope(List<UnitName> names, boolean user) {
  public Scope {
    names = List.copyOf(names);
  }
}
