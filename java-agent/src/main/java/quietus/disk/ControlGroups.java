// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes of a unit, as the kernel's control groups list them (cgroups(7)). */
public final class ControlGroups {
  private final Path mount;
  private final Path proc;

  /**
   * @param root the root of the file system, {@code /} except in tests
   */
  public ControlGroups(Path root) {
    Path unified = root.resolve("sys/fs/cgroup");
    Path legacy = unified.resolve("systemd");
    Path hybrid = unified.resolve("unified");
    this.mount =
        Files.exists(unified.resolve("cgroup.procs"))
            ? unified
            : Files.exists(hybrid.resolve("cgroup.procs")) ? hybrid : legacy;
    this.proc = root.resolve("proc");
  }

  /**
   * A process.
   *
   * @param pid its id
   * @param command its command line, cut to 80 characters; its name in brackets when it has none
   */
  public record Process(long pid, String command) {
    @Override
    public String toString() {
      return pid + " (" + command + ")";
    }
  }

  /** The processes in a control group and all below it; empty when there is no such group. */
  public List<Process> processes(String controlGroup) {
    List<Process> found = new ArrayList<>();
    if (!controlGroup.isEmpty() && !controlGroup.contains("..")) {
      collect(mount.resolve(controlGroup.substring(1)), found);
    }
    return found;
  }

  private void collect(Path group, List<Process> found) {
    String pids;
    try {
      pids =
          new String(Files.readAllBytes(group.resolve("cgroup.procs")), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return; // the group is gone, and its processes with it
    }
    int start = 0;
    for (int end = pids.indexOf('\n'); end >= 0; end = pids.indexOf('\n', start)) {
      long pid = number(pids, start, end);
      if (pid > 0 && isAlive(pid)) {
        found.add(new Process(pid, command(pid)));
      }
      start = end + 1;
    }
    try (DirectoryStream<Path> below = Files.newDirectoryStream(group)) {
      for (Path child : below) {
        if (Files.isDirectory(child)) {
          collect(child, found);
        }
      }
    } catch (IOException e) {
      // gone meanwhile
    }
  }

  /** The number there, 0 where there is none. */
  private static long number(String text, int start, int end) {
    long number = 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || number > Integer.MAX_VALUE) {
        return 0;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /** A zombie holds nothing but its number. */
  private boolean isAlive(long pid) {
    try {
      String stat =
          new String(
              Files.readAllBytes(proc.resolve(Long.toString(pid)).resolve("stat")),
              StandardCharsets.UTF_8);
      int after = stat.lastIndexOf(')');
      return after < 0 || after + 2 >= stat.length() || stat.charAt(after + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  private String command(long pid) {
    try {
      byte[] line = Files.readAllBytes(proc.resolve(Long.toString(pid)).resolve("cmdline"));
      if (line.length == 0) {
        byte[] name = Files.readAllBytes(proc.resolve(Long.toString(pid)).resolve("comm"));
        return "["
            + quietus.unit.UnitName.printable(new String(name, StandardCharsets.UTF_8).trim())
            + "]";
      }
      return quietus.unit.UnitName.printable(
          new String(line, StandardCharsets.UTF_8).replace('\0', ' ').trim());
    } catch (IOException e) {
      return "it ended meanwhile";
    }
  }

  /**
   * The control group of this process, as {@code /proc/self/cgroup} says it; empty when it cannot
   * be read.
   */
  public String own() {
    try {
      for (String line : Files.readAllLines(proc.resolve("self/cgroup"))) {
        int path = line.indexOf('/');
        if (path >= 0 && (line.startsWith("0::") || line.contains(":name=systemd:"))) {
          return line.substring(path);
        }
      }
    } catch (IOException e) {
      // not known
    }
    return "";
  }
}
