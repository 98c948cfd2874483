package quietus.unit;

import java.util.Locale;
import java.util.Optional;

/** The kinds of units that systemd knows (systemd.unit(5)). */
public enum UnitType {
  SERVICE, SOCKET, TIMER, PATH, AUTOMOUNT, MOUNT, TARGET, SLICE, SCOPE, DEVICE, SWAP, SNAPSHOT;

  /** The suffix with its dot, such as {@code .service}. */
  public String suffix() {
    return "." + name().toLowerCase(Locale.ROOT);
  }

  /** True for the kinds that start another unit: socket, timer, path, automount. */
  public boolean activates() {
    return this == SOCKET || this == TIMER || this == PATH || this == AUTOMOUNT;
  }

  /** The type that a unit name's suffix says, or empty when it has none that systemd knows. */
  public static Optional<UnitType> of(String unit) {
    for (UnitType type : values()) {
      if (unit.endsWith(type.suffix()) && unit.length() > type.suffix().length()) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
