// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import quietus.hold.Now;

/** The time that passes since a boot, as the kernel says it (proc_uptime(5)). */
final class BootClock {
  private final Path proc;

  BootClock(Path root) {
    this.proc = root.resolve("proc");
  }

  Now now(Instant clock) {
    String boot = read("sys/kernel/random/boot_id");
    String uptime = read("uptime");
    int dot = uptime.indexOf('.');
    if (boot.isEmpty() || dot <= 0) {
      return new Now(clock, "", clock.getEpochSecond());
    }
    try {
      return new Now(clock, boot, Long.parseLong(uptime.substring(0, dot)));
    } catch (NumberFormatException e) {
      return new Now(clock, "", clock.getEpochSecond());
    }
  }

  private String read(String file) {
    try {
      return new String(Files.readAllBytes(proc.resolve(file)), StandardCharsets.US_ASCII).trim();
    } catch (IOException e) {
      return "";
    }
  }
}
