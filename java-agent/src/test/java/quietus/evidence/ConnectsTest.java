// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Regular files in place of socket files: the kernel keeps the times of both in the same way. */
class ConnectsTest {
  @TempDir private Path root;
  private long made;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(root.resolve("proc/self"));
    mount("relatime");
    make("w.sock");
  }

  private void mount(String options) throws IOException {
    Files.writeString(
        root.resolve("proc/self/mountinfo"),
        "1 0 0:1 / / rw,noatime - ext4 x rw\n2 1 0:2 / "
            + root.toRealPath()
            + " rw,"
            + options
            + " - tmpfs x rw\n");
  }

  private void make(String name) throws IOException {
    Files.createFile(root.resolve(name));
    made = micros(Instant.now()) + 1000; // no file's change is later
  }

  private static long micros(Instant time) {
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1000;
  }

  /** Sets the times as a connection does; setting them changes the file's ctime, too. */
  private void connect(String name, long at) throws IOException {
    Files.getFileAttributeView(root.resolve(name), BasicFileAttributeView.class)
        .setTimes(FileTime.from(made - 9_000_000, TimeUnit.MICROSECONDS), time(at), null);
  }

  private static FileTime time(long micros) {
    return FileTime.from(micros, TimeUnit.MICROSECONDS);
  }

  private Long first(long begin, String... listens) {
    return new Connects(root).first(List.of(listens), begin);
  }

  @Test
  void theTimeOfTheFirstConnectionIsTheFilesAccess() throws IOException {
    connect("w.sock", made + 5_000_000);
    assertEquals(made + 5_000_000, first(made + 6_000_000, "Stream", "/w.sock"));
  }

  @Test
  void withoutAConnectionItIsZero() throws IOException {
    connect("w.sock", made - 8_000_000);
    assertEquals(0, first(made + 6_000_000, "Stream", "/w.sock"));
  }

  @Test
  void rightAfterTheSocketWasBoundNothingIsTold() throws IOException {
    connect("w.sock", made - 8_000_000);
    assertNull(first(made + 500_000, "Stream", "/w.sock"), "a connection in the same tick");
  }

  @Test
  void aSocketThatWasBoundAfterTheStartTellsNothing() throws IOException {
    connect("w.sock", made + 5_000_000);
    assertNull(first(made - 60_000_000, "Stream", "/w.sock"));
  }

  @Test
  void aDayLaterTheKernelMayHaveTouchedItAgain() throws IOException {
    connect("w.sock", made + TimeUnit.DAYS.toMicros(2));
    assertNull(first(made + TimeUnit.DAYS.toMicros(3), "Stream", "/w.sock"));
  }

  @Test
  void onlyAFileSystemWithRelatimeTells() throws IOException {
    connect("w.sock", made + 5_000_000);
    for (String options : List.of("noatime", "strictatime", "nodiratime")) {
      mount(options);
      assertNull(first(made + 6_000_000, "Stream", "/w.sock"), options);
    }
  }

  @Test
  void whatIsNoStreamWithAPathTellsNothing() throws IOException {
    connect("w.sock", made + 5_000_000);
    long begin = made + 6_000_000;
    assertNull(first(begin));
    assertNull(first(begin, "Stream", "127.0.0.1:80"));
    assertNull(first(begin, "Datagram", "/w.sock"));
    assertNull(first(begin, "Stream", "@abstract"));
    assertNull(first(begin, "Stream", "/gone.sock"));
    assertNull(first(begin, "Stream", "/w.sock", "Stream", "[::]:80"));
  }

  @Test
  void ofTwoFilesWithAConnectionEachNeitherIsChosen() throws IOException {
    make("v.sock");
    connect("w.sock", made + 5_000_000);
    connect("v.sock", made - 8_000_000);
    long begin = made + 7_000_000;
    assertEquals(made + 5_000_000, first(begin, "Stream", "/w.sock", "Stream", "/v.sock"));
    connect("v.sock", made + 6_000_000);
    assertNull(first(begin, "Stream", "/w.sock", "Stream", "/v.sock"));
  }
}
