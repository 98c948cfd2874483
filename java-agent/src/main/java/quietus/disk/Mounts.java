// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel tells of mounts: proc_pid_mountinfo(5). */
public final class Mounts {
  private static final int MOUNT_POINT = 4;
  private static final int OPTIONS = 5;

  private final String text;

  Mounts(String text) {
    this.text = text;
  }

  /** The mounts of this process; none where /proc is not there. */
  public static Mounts read() {
    try {
      // any bytes may be in the name of a mount point
      return new Mounts(
          Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return new Mounts("");
    }
  }

  /**
   * Whether the file system of a path runs no programs (noexec).
   *
   * @param file absolute, of characters that the kernel does not escape; need not exist
   */
  public boolean isNoexec(Path file) {
    String path = file.toString();
    String best = "";
    boolean noexec = false;
    int begin = 0;
    while (begin < text.length()) {
      int end = text.indexOf('\n', begin);
      end = end < 0 ? text.length() : end;
      String line = text.substring(begin, end);
      String mountPoint = word(line, MOUNT_POINT);
      if (isAbove(mountPoint, path) && mountPoint.length() >= best.length()) {
        best = mountPoint; // of two at one place the later one hides the other
        noexec = (',' + word(line, OPTIONS) + ',').contains(",noexec,");
      }
      begin = end + 1;
    }
    return noexec;
  }

  /** Compares text: a name that the locale cannot express is no Path. */
  private static boolean isAbove(String mountPoint, String path) {
    return mountPoint.equals("/")
        || !mountPoint.isEmpty() && (path + '/').startsWith(mountPoint + '/');
  }

  private static String word(String line, int index) {
    int begin = 0;
    for (int i = 0; i < index; i++) {
      begin = line.indexOf(' ', begin) + 1;
      if (begin == 0) {
        return "";
      }
    }
    int end = line.indexOf(' ', begin);
    return end < 0 ? line.substring(begin) : line.substring(begin, end);
  }
}
