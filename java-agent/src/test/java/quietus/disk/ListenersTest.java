// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {
  @TempDir private Path root;

  @Test
  void whoListensIsReadFromTheKernelsTables() throws IOException {
    Path net = Files.createDirectories(root.resolve("proc/net"));
    Files.writeString(
        net.resolve("tcp"),
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0 100 0 0 10 0
           1: 0100007F:0050 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 101 1 0 20 4 30 10 -1
        """);
    Files.writeString(
        net.resolve("unix"),
        """
        Num       RefCount Protocol Flags    Type St Inode Path
        0000000000000000: 00000002 00000000 00010000 0001 01 200 /run/a socket
        0000000000000000: 00000003 00000000 00000000 0001 03 201 /run/b
        0000000000000000: 00000003 00000000 00000000 0001 03 202
        """);
    assertEquals(
        List.of("Stream 127.0.0.1:8080", "Stream /run/a socket"),
        new Listeners(root)
            .open(
                List.of(
                    "Stream 127.0.0.1:8080",
                    "Stream 0.0.0.0:80",
                    "Stream /run/a socket",
                    "Stream /run/b",
                    "Datagram 127.0.0.1:8080")));
  }

  private static final String LINE = "0000000000000000: 00000002 00000000 00010000 0001 01 ";

  /** The kernel's table as a local user can have it printed: names are printed as they are. */
  private void table(String... lines) throws IOException {
    Path net = Files.createDirectories(root.resolve("proc/net"));
    Files.writeString(
        net.resolve("unix"),
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
            + String.join("\n", lines)
            + "\n");
  }

  private void socketOf(int pid, int inode) throws IOException {
    Path fds = Files.createDirectories(root.resolve("proc/" + pid + "/fd"));
    Files.createSymbolicLink(fds.resolve("3"), Path.of("socket:[" + inode + "]"));
  }

  private List<String> open(String address) {
    return new Listeners(root).open(List.of(address));
  }

  @Test
  void aNameWithALineBreakForgesNoListener() throws IOException {
    socketOf(100, 300);
    table(LINE + "300 @x", LINE + "999 /run/let.sock");
    assertEquals(List.of(), open("Stream /run/let.sock"), "an inode that no process has open");
    table(LINE + "300 @x", LINE + "300 /run/let.sock");
    assertEquals(List.of(), open("Stream /run/let.sock"), "an inode that is in two lines");
    table(LINE + "300 /tmp/x", "junk", LINE + "999 @abstract");
    assertEquals(List.of(), open("Stream @abstract"), "two line breaks");
  }

  @Test
  void aListenerThatStandsBehindANamedSocketIsFoundByItsInode() throws IOException {
    socketOf(100, 300);
    socketOf(101, 301);
    table(LINE + "300 @x", LINE + "301 /run/let.sock");
    assertEquals(List.of("Stream /run/let.sock"), open("Stream /run/let.sock"));
  }

  @Test
  void aLineThatNoNameReachesNeedsNoProof() throws IOException {
    table(LINE + "300", LINE + "301", LINE + "302 /run/let.sock");
    assertEquals(List.of("Stream /run/let.sock"), open("Stream /run/let.sock"));
  }
}
