// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import quietus.error.AgentException;
import quietus.fuzz.Inputs;
import quietus.unit.UnitName;

/** Files of /proc and of control groups, whose content other users influence. */
class KernelTextFuzzTest {
  private static Path root;

  @BeforeAll
  static void files() throws IOException {
    Path memory = Path.of("/dev/shm");
    root =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "quietus-fuzz")
            : Files.createTempDirectory("quietus-fuzz");
    for (String directory :
        List.of("proc/net", "proc/self", "proc/7", "sys/fs/cgroup/system.slice/a.service")) {
      Files.createDirectories(root.resolve(directory));
    }
    Files.writeString(root.resolve("sys/fs/cgroup/cgroup.procs"), "1\n");
  }

  @AfterAll
  static void remove() throws IOException {
    try (var below = Files.walk(root)) {
      below.sorted((a, b) -> b.compareTo(a)).forEach(path -> path.toFile().delete());
    }
  }

  private static void write(String path, byte[] text) {
    try {
      Files.write(root.resolve(path), text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @FuzzTest
  void tablesOfSocketsAreReadWhateverIsInThem(byte[] table) {
    for (String name : List.of("tcp", "tcp6", "udp", "udp6", "unix")) {
      write("proc/net/" + name, table);
    }
    List<String> all =
        List.of("Stream 0.0.0.0:8080", "Datagram [::]:53", "Stream /run/a.sock", "Stream @a");
    Inputs.take(
        AgentException.class,
        () ->
            assertTrue(
                all.containsAll(new Listeners(root).open(all)),
                "only addresses that were asked for"));
  }

  @FuzzTest
  void processesAreListedWhateverTheyCallThemselves(byte[] text) {
    write("proc/7/cmdline", text);
    write("proc/7/comm", text);
    write("proc/7/stat", text);
    write("proc/self/cgroup", text);
    write(
        "sys/fs/cgroup/system.slice/a.service/cgroup.procs",
        "7\n".getBytes(StandardCharsets.US_ASCII));
    Inputs.take(
        AgentException.class,
        () -> {
          ControlGroups groups = new ControlGroups(root);
          groups.own();
          for (ControlGroups.Process process : groups.processes("/system.slice/a.service")) {
            for (int i = 0; i < process.command().length(); i++) {
              assertTrue(!UnitName.isUnprintable(process.command().charAt(i)), process.command());
            }
          }
        });
  }

  @FuzzTest
  void listsOfProcessesAreReadWhateverIsInThem(byte[] text) {
    write("proc/7/cmdline", "a".getBytes(StandardCharsets.US_ASCII));
    write("proc/7/stat", "7 (a) S".getBytes(StandardCharsets.US_ASCII));
    write("sys/fs/cgroup/system.slice/a.service/cgroup.procs", text);
    Inputs.take(
        AgentException.class, () -> new ControlGroups(root).processes("/system.slice/a.service"));
  }
}
