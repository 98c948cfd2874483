// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The names of files that are not whole yet. Whoever writes has the lock, so that one which is
 * found under the lock was left by a run that ended early.
 */
final class Unfinished {
  private static final String PREFIX = ".quietus-new-";

  private final List<Path> seen = new ArrayList<>();

  /** A name beside a file, for what becomes that file. */
  static Path beside(Path file, int number) {
    return file.resolveSibling(PREFIX + ProcessHandle.current().pid() + "-" + number);
  }

  /** Keeps the entry of a directory when it has such a name. */
  void look(Path entry, String name) {
    if (name.startsWith(PREFIX) && !seen.contains(entry)) {
      seen.add(entry);
    }
  }

  /** Those in the directories that were listed so far. */
  List<Path> seen() {
    return new ArrayList<>(seen);
  }
}
