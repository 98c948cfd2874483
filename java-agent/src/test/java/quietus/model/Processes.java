// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The processes of the host, shown as the kernel shows them: in {@code sys/fs/cgroup} and {@code
 * proc} below the root.
 */
final class Processes {
  /** Above what Linux gives, so that no real process has one of these numbers. */
  private long lastPid = 4_194_304;

  private final Path root;
  private final Map<String, List<Proc>> groups = new TreeMap<>();

  /** A process. */
  static final class Proc {
    final long pid;
    final Program program;
    final String group;
    Timeline.Due exit;

    /** The process that it started; null when it has none. */
    Proc child;

    boolean isAlive = true;

    private Proc(long pid, Program program, String group) {
      this.pid = pid;
      this.program = program;
      this.group = group;
    }
  }

  Processes(Path root) {
    this.root = root;
  }

  /** Makes the directories under which processes appear. */
  void mount() {
    try {
      Files.createDirectories(root.resolve("sys/fs/cgroup"));
      Files.createDirectories(root.resolve("proc"));
      Files.writeString(root.resolve("sys/fs/cgroup/cgroup.procs"), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Proc spawn(String group, Program program) {
    Proc proc = new Proc(++lastPid, program, group);
    groups.computeIfAbsent(group, g -> new ArrayList<>()).add(proc);
    Path dir = root.resolve("proc").resolve(Long.toString(proc.pid));
    try {
      Files.createDirectories(dir);
      Files.writeString(dir.resolve("stat"), proc.pid + " (" + name(program) + ") S 1\n");
      Files.writeString(dir.resolve("comm"), name(program) + "\n");
      Files.write(
          dir.resolve("cmdline"),
          program.line().replace(' ', '\0').getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    show(group);
    return proc;
  }

  private static String name(Program program) {
    String first = program.line().split("\\s+")[0];
    return first.substring(first.lastIndexOf('/') + 1);
  }

  void end(Proc proc) {
    proc.isAlive = false;
    Timeline.cancel(proc.exit);
    groups.getOrDefault(proc.group, new ArrayList<>()).remove(proc);
    delete(root.resolve("proc").resolve(Long.toString(proc.pid)));
    show(proc.group);
  }

  List<Proc> in(String group) {
    return List.copyOf(groups.getOrDefault(group, List.of()));
  }

  private void show(String group) {
    Path dir = root.resolve("sys/fs/cgroup").resolve(group.substring(1));
    List<Proc> procs = groups.getOrDefault(group, List.of());
    if (procs.isEmpty()) {
      delete(dir);
      return;
    }
    StringBuilder pids = new StringBuilder();
    procs.forEach(p -> pids.append(p.pid).append('\n'));
    try {
      Files.createDirectories(dir);
      Files.writeString(dir.resolve("cgroup.procs"), pids);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path tree) {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(path);
      }
    } catch (java.nio.file.NoSuchFileException e) {
      // nothing there
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void clear() {
    groups.clear();
    delete(root.resolve("proc"));
    delete(root.resolve("sys/fs/cgroup"));
    mount();
  }
}
