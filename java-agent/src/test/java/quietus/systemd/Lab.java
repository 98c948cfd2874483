// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.nio.file.Path;
import java.time.Duration;

/** Ways to systemd that only tests choose between. */
public final class Lab {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private Lab() {}

  /**
   * Connects.
   *
   * @param way {@code system} or {@code user} as the agent does, {@code bus} by the system bus,
   *     else the path of a manager's own socket
   */
  public static Systemd connect(String way) {
    return switch (way) {
      case "system" -> DbusSystemd.system();
      case "user" -> DbusSystemd.user();
      case "bus" -> DbusSystemd.at(Path.of("/run/dbus/system_bus_socket"), true, LIMIT);
      default -> DbusSystemd.at(Path.of(way), false, LIMIT);
    };
  }
}
