// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which processes hold the lock, told from /proc (proc(5)); for the rare runs that must know. */
final class LockHolders {
  private static final Path PROC = Path.of("/proc");

  private LockHolders() {}

  /** What the holder recorded; empty when it did not. */
  static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).trim();
    } catch (IOException e) {
      return "";
    }
  }

  /** {@code process 123}, or that it is not known. */
  static String process(Path file) {
    try {
      String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
      for (String line : Files.readAllLines(PROC.resolve("locks"), StandardCharsets.ISO_8859_1)) {
        int at = line.indexOf(inode);
        int device = at < 0 ? -1 : line.lastIndexOf(' ', at);
        if (device > 0 && !line.contains("->")) {
          return "process " + line.substring(line.lastIndexOf(' ', device - 1) + 1, device);
        }
      }
    } catch (IOException e) {
      // then it is not known
    }
    return "it did not say what it does";
  }

  /**
   * The open files of other processes that are a removed file of this name; each can be opened as
   * long as its process has it open.
   */
  static List<Path> ofRemoved(Path file) {
    String removed = file + " (deleted)";
    List<Path> found = new ArrayList<>();
    for (Path process : Directories.entries(PROC)) {
      String pid = process.getFileName().toString();
      if (pid.charAt(0) >= '1' && pid.charAt(0) <= '9') {
        for (Path open : Directories.entries(process.resolve("fd"))) {
          try {
            if (Files.readSymbolicLink(open).toString().equals(removed)) {
              found.add(open);
            }
          } catch (IOException e) {
            // closed meanwhile
          }
        }
      }
    }
    return found;
  }
}
