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
}
