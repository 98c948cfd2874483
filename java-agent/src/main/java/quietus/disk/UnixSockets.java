// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The unix sockets on which somebody listens, by /proc/net/unix.
 *
 * <p>The kernel prints a socket's name there as it is, and any local user may bind a name with a
 * line break: what follows it looks like a line of its own. Such a name can add lines and hide
 * none, so an address without a line is one on which nobody listens. A line is believed when no
 * name that begins before it is long enough to reach it. Any other one is believed when its inode
 * is in one line only and a process has a socket with that inode, before and after looking for that
 * process: the inode of a socket that exists is in that socket's own line too. What is left to a
 * local user is that a listener whose inode he repeats is not believed.
 */
final class UnixSockets {
  /** The longest name of a socket, in bytes (unix(7)). */
  private static final int LONGEST = 108;

  private final Path proc;

  UnixSockets(Path proc) {
    this.proc = proc;
  }

  /**
   * A line of the table.
   *
   * @param sure no name of an earlier line reaches it
   */
  private record Line(String inode, String name, boolean sure) {}

  /** Those of some addresses on which somebody listens. */
  Set<String> listening(Set<String> addresses) {
    Set<String> open = new HashSet<>();
    Set<String> doubtful = new HashSet<>();
    List<Line> lines = lines();
    Map<String, Integer> inodes = count(lines);
    for (Line line : lines) {
      if (addresses.contains(line.name())) {
        if (line.sure()) {
          open.add(line.name());
        } else if (inodes.get(line.inode()) == 1) {
          doubtful.add(line.inode());
        }
      }
    }
    if (!doubtful.isEmpty()) {
      doubtful.retainAll(inodesOfProcesses());
      lines = lines();
      inodes = count(lines);
      for (Line line : lines) {
        if (addresses.contains(line.name())
            && doubtful.contains(line.inode())
            && inodes.get(line.inode()) == 1) {
          open.add(line.name());
        }
      }
    }
    return open;
  }

  private static Map<String, Integer> count(List<Line> lines) {
    Map<String, Integer> inodes = new HashMap<>();
    for (Line line : lines) {
      inodes.put(line.inode(), inodes.getOrDefault(line.inode(), 0) + 1);
    }
    return inodes;
  }

  /** All lines that look like a socket's; the name is empty where nobody listens by it. */
  private List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    byte[] table;
    try {
      table = Files.readAllBytes(proc.resolve("net/unix"));
    } catch (IOException e) {
      return lines; // that protocol is not there
    }
    int reach = 0;
    int start = 0;
    for (int end = 0; end < table.length; end++) {
      if (table[end] == '\n') {
        String line = new String(table, start, end - start, StandardCharsets.ISO_8859_1);
        int inode = endOfInode(line);
        if (start > 0 && inode > 0) {
          lines.add(line(line, inode, start > reach));
          if (inode < line.length()) {
            reach = Math.max(reach, start + inode + 1 + LONGEST);
          }
        }
        start = end + 1;
      }
    }
    return lines;
  }

  /** Where a line's seventh word ends; 0 when it has fewer. A socket without a name has no more. */
  private static int endOfInode(String line) {
    int at = 0;
    for (int word = 0; word < 7; word++) {
      while (at < line.length() && line.charAt(at) == ' ') {
        at++;
      }
      if (at == line.length()) {
        return 0;
      }
      while (at < line.length() && line.charAt(at) != ' ') {
        at++;
      }
    }
    return at;
  }

  private static Line line(String line, int inode, boolean sure) {
    List<String> words = Listeners.words(line.substring(0, inode), 7);
    // flag 10000 is __SO_ACCEPTCON; a datagram socket that is bound listens too
    boolean listens = words.get(3).equals("00010000") || words.get(4).equals("0002");
    return new Line(
        words.get(6),
        listens && inode < line.length()
            ? new String(
                line.substring(inode + 1).getBytes(StandardCharsets.ISO_8859_1),
                StandardCharsets.UTF_8)
            : "",
        sure);
  }

  private Set<String> inodesOfProcesses() {
    Set<String> inodes = new HashSet<>();
    for (Path process : Directories.entries(proc)) {
      if (Character.isDigit(process.getFileName().toString().charAt(0))) {
        for (Path open : Directories.entries(process.resolve("fd"))) {
          try {
            String file = Files.readSymbolicLink(open).toString();
            if (file.startsWith("socket:[")) {
              inodes.add(file.substring("socket:[".length(), file.length() - 1));
            }
          } catch (IOException e) {
            // closed meanwhile
          }
        }
      }
    }
    return inodes;
  }
}
