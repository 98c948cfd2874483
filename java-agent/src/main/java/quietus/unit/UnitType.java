// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import java.util.Locale;
import java.util.Optional;

/** The kinds of units that systemd knows (systemd.unit(5)). */
public enum UnitType {
  SERVICE,
  SOCKET,
  TIMER,
  PATH,
  AUTOMOUNT,
  MOUNT,
  TARGET,
  SLICE,
  SCOPE,
  DEVICE,
  SWAP,
  SNAPSHOT;

  private static final UnitType[] ALL = values();

  private final String suffix = "." + name().toLowerCase(Locale.ROOT);

  /** The suffix with its dot, such as {@code .service}. */
  public String suffix() {
    return suffix;
  }

  /** True for the kinds that start another unit: socket, timer, path, automount. */
  public boolean activates() {
    return this == SOCKET || this == TIMER || this == PATH || this == AUTOMOUNT;
  }

  /** True for the name of a unit of such a kind. */
  public static boolean activates(String unit) {
    Optional<UnitType> type = of(unit);
    return type.isPresent() && type.get().activates();
  }

  /** The type that a unit name's suffix says, or empty when it has none that systemd knows. */
  public static Optional<UnitType> of(String unit) {
    for (UnitType type : ALL) {
      if (unit.endsWith(type.suffix) && unit.length() > type.suffix.length()) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
