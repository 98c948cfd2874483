// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The units that every systemd has and that others depend on, reduced to what orders and starts
 * them.
 */
final class BaseUnits {
  private static final Map<String, String> FILES = new LinkedHashMap<>();

  static {
    FILES.put(
        "sysinit.target", "[Unit]\nDescription=System Initialization\nAfter=emergency.target\n");
    FILES.put(
        "basic.target",
        "[Unit]\n"
            + "Description=Basic System\n"
            + "Requires=sysinit.target\n"
            + "Wants=sockets.target timers.target paths.target slices.target\n"
            + "After=sysinit.target sockets.target paths.target slices.target\n");
    FILES.put(
        "multi-user.target",
        "[Unit]\n"
            + "Description=Multi-User System\n"
            + "Requires=basic.target\n"
            + "After=basic.target\n"
            + "AllowIsolate=yes\n");
    FILES.put("sockets.target", "[Unit]\nDescription=Socket Units\n");
    FILES.put("timers.target", "[Unit]\nDescription=Timer Units\n");
    FILES.put("paths.target", "[Unit]\nDescription=Path Units\n");
    FILES.put("slices.target", "[Unit]\nDescription=Slice Units\n");
    FILES.put(
        "shutdown.target",
        "[Unit]\nDescription=System Shutdown\nDefaultDependencies=no\nRefuseManualStart=yes\n");
    FILES.put(
        "dbus.socket",
        "[Unit]\n"
            + "Description=D-Bus System Message Bus Socket\n\n"
            + "[Socket]\n"
            + "ListenStream=/run/dbus/system_bus_socket\n");
    FILES.put(
        "dbus.service",
        "[Unit]\n"
            + "Description=D-Bus System Message Bus\n"
            + "Requires=dbus.socket\n\n"
            + "[Service]\n"
            + "Type=notify\n"
            + "ExecStart=/usr/bin/dbus-daemon\n"
            + "ExecReload=/bin/true\n");
  }

  private BaseUnits() {}

  /** Writes those that are not there. */
  static void install(Path root) {
    Path dir = root.resolve("usr/lib/systemd/system");
    try {
      Files.createDirectories(dir);
      for (Map.Entry<String, String> file : FILES.entrySet()) {
        if (!Files.exists(dir.resolve(file.getKey()))) {
          Files.writeString(dir.resolve(file.getKey()), file.getValue());
        }
      }
      if (!Files.exists(dir.resolve("default.target"), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(dir.resolve("default.target"), Path.of("multi-user.target"));
      }
      Path wants = Files.createDirectories(dir.resolve("sockets.target.wants"));
      if (!Files.exists(wants.resolve("dbus.socket"), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(wants.resolve("dbus.socket"), Path.of("../dbus.socket"));
      }
      for (Path unitDir : UnitPath.directories(root)) {
        if (!unitDir.toString().contains("generator")) {
          Files.createDirectories(unitDir.getParent());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
