// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import quietus.unit.UnitType;

/** The reasons that a person reads. */
final class Sentences {
  private Sentences() {}

  static String activates(String activator, String unit) {
    return switch (UnitType.of(activator).orElse(UnitType.SERVICE)) {
      case SOCKET -> "its connections start " + unit;
      case TIMER -> "it starts " + unit + " on time";
      case PATH -> "it starts " + unit + " when a path changes";
      case AUTOMOUNT -> "an access to its directory starts " + unit;
      default -> "it starts " + unit;
    };
  }
}
