// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads directories that may be absent or unreadable: unit directories, and those of /proc. */
final class Directories {
  private Directories() {}

  /**
   * All entries, as paths: they keep a name's bytes, whatever the locale makes of them. Those read
   * so far, or none, when the directory cannot be read: it need not exist, and a process may have
   * ended or be another user's.
   */
  static List<Path> entries(Path dir) {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        all.add(entry);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // as said above
    }
    return all;
  }
}
