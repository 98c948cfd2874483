// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.family.Role;
import quietus.hold.FoundHold;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.unit.State;

class DiskTest {
  @TempDir Path root;

  private Disk disk;
  private Hold hold;

  @BeforeEach
  void aHold() {
    disk = new Disk(Layout.system(root));
    hold =
        new Hold(
            "a.service",
            List.of("a.service"),
            Until.RELEASED,
            Instant.EPOCH,
            new Holder("me", "me@here", null),
            "why",
            null,
            List.of(
                new HeldMember(
                    "a.service",
                    Role.SUBJECT,
                    "named",
                    List.of(),
                    "a.service",
                    true,
                    new State("loaded", "active", "running", 0),
                    true,
                    "",
                    List.of(),
                    List.of(),
                    List.of())),
            List.of(),
            List.of());
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
  }

  private Hold because(String reason) {
    return hold.withTerms(Until.RELEASED, new quietus.hold.Holder("me", null, null), reason, null);
  }

  @Test
  void aRecordThatCouldNotBeReadAgainIsNotWritten() {
    assertThrows(DiskException.class, () -> disk.holds().write(because("two\nlines"), Phase.HELD));
    assertFalse(disk.holds().exists(hold, Phase.HELD));
  }

  @Test
  void noLineOfAGateComesFromItsReason() throws IOException {
    disk.control().close(because("a\n[Service]\nExecStop=/bin/x\u2028\\"), "a.service", "b\nc");
    for (String line :
        Files.readAllLines(disk.control().gate(Until.RELEASED, "a.service", "a.service"))) {
      assertTrue(
          line.startsWith("#") || line.equals("[Unit]") || line.startsWith("AssertPathExists="),
          line);
    }
  }

  @Test
  void aHoldIsWhereTheGateLooksAndNobodyElseCanReadIt() throws IOException {
    disk.holds().write(hold, Phase.HELD);
    assertEquals(List.of(new FoundHold(hold, Phase.HELD)), disk.holds().all().found());
    assertEquals("rw-------", mode("etc/quietus/holds/a.service"));
    assertEquals("rwx------", mode("etc/quietus/holds"));
    disk.control().close(hold, "a.service", "quietus release a.service");
    String gate =
        Files.readString(
            root.resolve("etc/systemd/system.control/a.service.d/zz-quietus-a.service.conf"));
    assertTrue(
        gate.endsWith(
            "[Unit]\nAssertPathExists=!" + root.resolve("etc/quietus/holds/a.service") + "\n"),
        gate);
    assertTrue(gate.contains("why") && gate.contains("quietus release a.service"), gate);
  }

  @Test
  void aMoveOpensAndClosesAndKeepsTheRecord() {
    disk.holds().write(hold, Phase.HELD);
    disk.holds().move(hold, Phase.HELD, Phase.RELEASING);
    assertEquals(List.of(new FoundHold(hold, Phase.RELEASING)), disk.holds().all().found());
    disk.holds().move(hold, Phase.RELEASING, Phase.HELD);
    disk.holds().delete(hold, Phase.HELD);
    assertTrue(disk.holds().all().found().isEmpty());
  }

  @Test
  void aGateThatWasEditedIsNoGate() throws IOException {
    disk.control().close(hold, "a.service", "x");
    assertTrue(disk.control().isGated(hold, "a.service"));
    Path gate = disk.control().gate(Until.RELEASED, "a.service", "a.service");
    Files.writeString(gate, Files.readString(gate) + "AssertPathExists=\n");
    assertFalse(disk.control().isGated(hold, "a.service"));
  }

  @Test
  void openingTakesTheGateAwayAndLeavesWhatIsNotOurs() throws IOException {
    disk.control().close(hold, "a.service", "x");
    Path other = root.resolve("etc/systemd/system.control/a.service.d/50-MemoryMax.conf");
    Files.writeString(other, "[Service]\nMemoryMax=1G\n");
    assertEquals(Set.of("a.service"), disk.control().gated(Until.RELEASED, "a.service"));
    assertTrue(disk.control().open(Until.RELEASED, "a.service", "a.service"));
    assertTrue(Files.exists(other));
    Files.delete(other);
    disk.control().close(hold, "a.service", "x");
    disk.control().open(Until.RELEASED, "a.service", "a.service");
    assertFalse(Files.exists(other.getParent()));
  }

  @Test
  void aMaskIsALinkToDevNullAndNothingElseIsTakenForOne() throws IOException {
    disk.control().mask(hold, "a.service");
    assertTrue(disk.control().isMasked(Until.RELEASED, "a.service"));
    assertTrue(disk.control().unmask(Until.RELEASED, "a.service"));
    assertFalse(disk.control().unmask(Until.RELEASED, "a.service"));
    Files.writeString(root.resolve("etc/systemd/system.control/a.service"), "[Unit]\n");
    assertThrows(DiskException.class, () -> disk.control().isMasked(Until.RELEASED, "a.service"));
  }

  @Test
  void anAdministratorsMaskIsSeenBelowOurs() throws IOException {
    Path etc = Files.createDirectories(root.resolve("etc/systemd/system"));
    Files.createSymbolicLink(etc.resolve("a.service"), Path.of("/dev/null"));
    disk.control().mask(hold, "a.service");
    List<Path> path = List.of(root.resolve("etc/systemd/system.control"), etc);
    assertEquals(etc.resolve("a.service"), disk.control().foreignMask(path, "a.service"));
    assertNull(disk.control().foreignMask(path, "b.service"));
  }

  @Test
  void linksAndForeignWritersAreNotTrusted() throws IOException {
    disk.holds().write(hold, Phase.HELD);
    Path file = root.resolve("etc/quietus/holds/a.service");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertTrue(disk.holds().all().damaged().get(0).trouble().contains("written by others"));
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/etc/passwd"));
    assertTrue(disk.holds().all().damaged().get(0).trouble().contains("not a regular file"));
    Files.delete(file);
    Files.delete(file.getParent());
    Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
    Files.createSymbolicLink(file.getParent(), elsewhere);
    assertTrue(
        assertThrows(DiskException.class, () -> disk.holds().write(hold, Phase.HELD))
            .getMessage()
            .contains("a link"));
    try (var entries = Files.list(elsewhere)) {
      assertEquals(0, entries.count());
    }
  }

  @Test
  void aHoldInAnothersPlaceIsNotBelieved() throws IOException {
    disk.holds().write(hold, Phase.HELD);
    Path file = root.resolve("etc/quietus/holds/a.service");
    Files.move(file, file.resolveSibling("b.service"));
    assertTrue(disk.holds().all().damaged().get(0).trouble().contains("is of a.service"));
  }

  @Test
  void anUnfinishedFileIsNoHold() throws IOException {
    disk.holds().write(hold, Phase.HELD);
    Files.writeString(root.resolve("etc/quietus/holds/.quietus-new-123-0"), "{");
    assertEquals(1, disk.holds().all().found().size());
  }

  @Test
  void anotherProcessWaitsForTheLockAndSaysWhoHasIt() throws Exception {
    Path lock = root.resolve("run/quietus/lock");
    Process other = holder(root);
    try {
      assertEquals('L', other.getInputStream().read());
      String message =
          assertThrows(DiskException.class, () -> disk.lock(Duration.ofMillis(200))).getMessage();
      assertTrue(message.contains("the other one"), message);
      assertTrue(Files.exists(lock));
    } finally {
      other.destroyForcibly().waitFor();
    }
    disk.lock(Duration.ofSeconds(30)).close();
  }

  private static Process holder(Path root) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            LockHolder.class.getName(),
            root.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void theHolderOfTheLockIsNamedAndNoEarlierOne() throws Exception {
    try (Lock lock = disk.lock(Duration.ZERO)) {
      lock.say("a run long gone");
    }
    Path file = root.resolve("run/quietus/lock");
    assertEquals("\n", Files.readString(file));
    Object written = Files.getAttribute(file, "unix:ctime");
    disk.lock(Duration.ZERO).close();
    assertEquals(written, Files.getAttribute(file, "unix:ctime"), "a run that says nothing writes");
    Process other = holder(root);
    try {
      assertEquals('L', other.getInputStream().read());
      Files.writeString(root.resolve("run/quietus/lock"), "\n");
      String message =
          assertThrows(DiskException.class, () -> disk.lock(Duration.ofMillis(200))).getMessage();
      assertTrue(message.contains("process " + other.pid()), message);
    } finally {
      other.destroyForcibly().waitFor();
    }
    try (Lock lock = disk.lock(Duration.ofSeconds(30))) {
      assertEquals("", Files.readString(root.resolve("run/quietus/lock")).trim());
      assertNotNull(lock);
    }
  }

  @Test
  void theLockIsHeldAlsoWhenItsFileIsRemoved() throws Exception {
    Process other = holder(root);
    try {
      assertEquals('L', other.getInputStream().read());
      Files.delete(root.resolve("run/quietus/lock"));
      for (int i = 0; i < 3; i++) {
        String message =
            assertThrows(DiskException.class, () -> disk.lock(Duration.ofMillis(200))).getMessage();
        assertTrue(message.contains("the other one"), message);
      }
    } finally {
      other.destroyForcibly().waitFor();
    }
    disk.lock(Duration.ofSeconds(30)).close();
  }

  @Test
  void aDirectoryWithTooManyFilesIsRefusedAtOnce() throws IOException {
    disk.holds().write(hold, Phase.HELD);
    for (int i = 0; i < Holds.MOST; i++) {
      Files.createFile(root.resolve("etc/quietus/holds/a" + i + ".service"));
    }
    String message = assertThrows(DiskException.class, () -> disk.holds().all()).getMessage();
    assertTrue(message.contains("etc/quietus/holds") && message.contains("" + Holds.MOST), message);
  }

  @Test
  void aFileThatCannotBeARecordIsNamedWithoutItsControlCharacters() throws IOException {
    disk.holds().write(hold, Phase.HELD);
    Path file = root.resolve("etc/quietus/holds/a.service");
    for (String name : List.of("a\u001b[2Jb.service", "a\nb.service", "c c.service")) {
      Files.copy(file, file.resolveSibling(name));
    }
    List<String> subjects = new ArrayList<>();
    for (quietus.hold.DamagedHold damaged : disk.holds().all().damaged()) {
      subjects.add(damaged.subject());
      for (String text : List.of(damaged.subject(), damaged.trouble())) {
        for (int i = 0; i < text.length(); i++) {
          assertFalse(quietus.unit.UnitName.isUnprintable(text.charAt(i)), text);
        }
      }
    }
    assertEquals(Set.of("c c.service", "a?[2Jb.service", "a?b.service"), Set.copyOf(subjects));
  }

  @Test
  void aRecordThatIsTooLargeIsNotWritten() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 60_000; i++) {
      names.add("a".repeat(190) + i + ".service");
    }
    Hold large = hold.withMore(List.of(), names, List.of());
    String message =
        assertThrows(DiskException.class, () -> disk.holds().write(large, Phase.HELD)).getMessage();
    assertTrue(message.contains("bytes"), message);
    assertFalse(disk.holds().exists(hold, Phase.HELD));
  }

  /** Takes the lock in a process of its own, reports that, and keeps it until the process ends. */
  static final class LockHolder {
    public static void main(String[] args) throws IOException {
      Lock lock = new Disk(Layout.system(Path.of(args[0]))).lock(Duration.ZERO);
      lock.say("the other one");
      System.out.print('L');
      System.out.flush();
      System.in.read();
      lock.close();
    }
  }
}
