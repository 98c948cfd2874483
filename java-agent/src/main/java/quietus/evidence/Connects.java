// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * When somebody first connected to a listening unix socket. The kernel touches the access time of
 * the socket's file at a connection (unix(7) does not say so; it was measured). With {@code
 * relatime} it does so only when the file was changed since, or once a day: the first connection
 * since the socket was bound counts.
 */
final class Connects {
  private static final long DAY = TimeUnit.DAYS.toMicros(1);

  /** The kernel's coarse clock stands still for 10 ms, on a loaded virtual machine for longer. */
  private static final long TICK = TimeUnit.SECONDS.toMicros(1);

  private final Path root;

  Connects(Path root) {
    this.root = root;
  }

  /**
   * @param listens a socket's Listen=, a kind and an address by turns
   * @param begin when the start began, in microseconds since 1970
   * @return the time of the first connection, 0 when there was none until now, null when the files
   *     do not tell, as right after the socket was bound
   */
  Long first(List<String> listens, long begin) {
    long first = 0;
    for (int i = 0; i + 1 < listens.size(); i += 2) {
      String address = listens.get(i + 1);
      if (!address.startsWith("/") || !listens.get(i).equals("Stream")) {
        return null;
      }
      Long connected = first(root.resolve(address.substring(1)), begin);
      if (connected == null || connected != 0 && first != 0) {
        return null;
      }
      first = Math.max(first, connected);
    }
    return listens.isEmpty() ? null : Long.valueOf(first);
  }

  private Long first(Path file, long begin) {
    try {
      Path real = file.toRealPath();
      if (!isRelatime(real)) {
        return null;
      }
      Map<String, Object> times =
          Files.readAttributes(real, "unix:lastAccessTime,lastModifiedTime,ctime");
      long accessed = micros(times.get("lastAccessTime"));
      long changed = Math.max(micros(times.get("lastModifiedTime")), micros(times.get("ctime")));
      if (changed > begin || accessed - changed > DAY) {
        return null;
      }
      if (accessed <= changed) {
        // a connection within the same tick of the kernel's clock leaves the times equal
        return begin - changed > TICK ? Long.valueOf(0) : null;
      }
      return accessed;
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  private static long micros(Object time) {
    return ((FileTime) time).to(TimeUnit.MICROSECONDS);
  }

  /** True when the file system of a file is mounted with relatime, as Linux does by default. */
  private boolean isRelatime(Path file) throws IOException {
    String best = "";
    boolean relatime = false;
    for (String line : Files.readAllLines(root.resolve("proc/self/mountinfo"))) {
      String[] fields = line.split(" ");
      if (fields.length < 6) {
        continue;
      }
      String point = fields[4];
      boolean holds = point.equals("/") || file.toString().equals(point) || file.startsWith(point);
      if (holds && point.length() >= best.length()) {
        best = point;
        relatime = List.of(fields[5].split(",")).contains("relatime");
      }
    }
    return relatime;
  }
}
