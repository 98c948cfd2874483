// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The D-Bus service files of a host: which names the bus starts, and how (dbus-daemon(1), Service
 * files).
 */
public final class BusServices {
  private static final List<String> SYSTEM =
      List.of(
          "etc/dbus-1/system-services",
          "run/dbus-1/system-services",
          "usr/local/share/dbus-1/system-services",
          "usr/share/dbus-1/system-services",
          "lib/dbus-1/system-services");
  private static final List<String> SESSION =
      List.of(
          "etc/dbus-1/services", "usr/local/share/dbus-1/services", "usr/share/dbus-1/services");

  private final Path root;
  private final boolean user;
  private List<Service> all;

  /**
   * @param user the session bus instead of the system's
   */
  public BusServices(Path root, boolean user) {
    this.root = root;
    this.user = user;
  }

  /**
   * A name that the bus starts something for.
   *
   * @param name such as {@code org.freedesktop.Avahi}
   * @param unit the unit that systemd starts for it, empty when the bus runs a program itself
   */
  public record Service(String name, String unit) {}

  /** All of them; the first file of a name counts. Read once, when first asked. */
  public List<Service> all() {
    if (all == null) {
      all = new ArrayList<>();
      for (String dir : user ? SESSION : SYSTEM) {
        try (DirectoryStream<Path> files =
            Files.newDirectoryStream(root.resolve(dir), "*.service")) {
          for (Path file : files) {
            add(file);
          }
        } catch (IOException e) {
          // a directory of the search path need not be there
        }
      }
    }
    return all;
  }

  private void add(Path file) {
    String name = "";
    String unit = "";
    try {
      for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
        if (line.startsWith("Name=")) {
          name = line.substring(5).trim();
        } else if (line.startsWith("SystemdService=")) {
          unit = line.substring(15).trim();
        }
      }
    } catch (IOException e) {
      return; // gone meanwhile, or not for us to read: then it is not for the bus either
    }
    for (Service known : all) {
      if (known.name().equals(name)) {
        return;
      }
    }
    if (!name.isEmpty()) {
      all.add(new Service(name, unit));
    }
  }
}
