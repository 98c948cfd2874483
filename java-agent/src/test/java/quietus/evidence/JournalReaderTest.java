// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import quietus.why.Entry;
import quietus.why.Reading;

/** With a program in the place of journalctl that records its arguments. */
class JournalReaderTest {
  private static final long FROM = 1_795_532_317_000_005L;

  @TempDir private Path root;
  private Path program;

  @BeforeEach
  void program() throws IOException {
    program = root.resolve("journalctl");
    write("exit 0");
  }

  /**
   * @param body what it does; {@code put N} prints an entry of the N-th millisecond
   */
  private void write(String body) throws IOException {
    Files.writeString(
        program,
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > "
            + root
            + "/arguments\n"
            + "put() { echo"
            + " '{\"_PID\":\"1\",\"UNIT\":\"w.service\",\"JOB_ID\":\"'$1'\",\"JOB_TYPE\":\"stop\",\"_SOURCE_REALTIME_TIMESTAMP\":\"'$((${2:-$1}"
            + " * 1000))'\"}'; }\n"
            + body
            + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private JournalReader reader(boolean user, long uid) {
    return new JournalReader(program.toString(), root, user, uid);
  }

  private List<String> arguments() throws IOException {
    return Files.readAllLines(root.resolve("arguments"));
  }

  private static List<Long> jobs(Reading reading) {
    return reading.entries().stream().map(Entry::job).toList();
  }

  @Test
  void theNewestEntriesOfAUnitAreAskedForFromTheEnd() throws IOException {
    write(
        "for i in 40 39 38 37 36 35 34 33 32 31 30 29 28 27 26 25 24 23 22 21 20 19; do put $i;"
            + " done");
    Reading reading = reader(false, 0).about(List.of("w.service"), FROM, FROM + 1);
    List<String> arguments = arguments();
    assertTrue(arguments.contains("--reverse"), "without it the oldest are shown: " + arguments);
    assertTrue(arguments.contains("--lines=" + JournalReader.NEWEST), arguments.toString());
    assertTrue(arguments.contains("--since=@1795532317.000005"), arguments.toString());
    assertEquals(
        List.of("_PID=1", "UNIT=w.service"),
        arguments.subList(arguments.size() - 2, arguments.size()));
    assertEquals(22, reading.entries().size());
    assertEquals(19, jobs(reading).get(0));
    assertEquals(40, jobs(reading).get(21), "the newest is the last");
    assertTrue(reading.complete());
  }

  @Test
  void reversedEntriesOfTheSameMomentGetTheirOrderBack() throws IOException {
    write("put 9 5; put 8 5; put 7 5");
    assertEquals(
        List.of(7L, 8L, 9L), jobs(reader(false, 0).about(List.of("w.service"), FROM, FROM + 1)));
  }

  @Test
  void whereThereMayBeOlderOnesTheReadingIsIncomplete() throws IOException {
    write("i=900; while [ $i -gt 600 ]; do put $i; i=$((i - 1)); done");
    Reading reading = reader(false, 0).about(List.of("w.service"), FROM, FROM + 1);
    assertEquals(JournalReader.NEWEST, reading.entries().size());
    assertEquals(900, jobs(reading).get(JournalReader.NEWEST - 1));
    assertFalse(reading.complete());
  }

  @Test
  void ofATimeTheFirstEntriesAreReadWhateverTheVersionOfJournalctl() throws IOException {
    write("i=1; while [ $i -lt 5000 ]; do put $i; i=$((i + 1)); done");
    Reading reading = reader(false, 0).between(FROM, FROM + 1);
    assertFalse(arguments().toString().contains("--lines"), arguments().toString());
    assertFalse(arguments().contains("--reverse"), arguments().toString());
    assertEquals(JournalReader.MOST, reading.entries().size());
    assertEquals(1, jobs(reading).get(0));
    assertFalse(reading.complete());
  }

  @Test
  void ofRefusedStartsOnlyWarningsOfSystemdAreRead() throws IOException {
    write("put 3; put 2");
    Reading reading = reader(false, 0).starts(FROM, FROM + 1);
    List<String> arguments = arguments();
    assertTrue(arguments.contains("--reverse"), arguments.toString());
    assertTrue(arguments.contains("--lines=" + JournalReader.MOST), arguments.toString());
    int systemd = arguments.indexOf("_PID=1");
    assertEquals(List.of("_PID=1", "PRIORITY=4", "+"), arguments.subList(systemd, systemd + 3));
    assertEquals(List.of(2L, 3L), jobs(reading));
    reader(true, 1000).starts(FROM, FROM + 1);
    int manager = arguments().indexOf("_COMM=systemd");
    assertEquals(
        List.of("_COMM=systemd", "_UID=1000", "PRIORITY=4", "+"),
        arguments().subList(manager, manager + 4));
  }

  @Test
  void aFailureOrAnythingThatIsNoEntryMakesItIncomplete() throws IOException {
    write("put 1; exit 1");
    assertFalse(reader(false, 0).between(FROM, FROM + 1).complete());
    write("put 1; echo '[]'; put 2");
    Reading reading = reader(false, 0).between(FROM, FROM + 1);
    assertEquals(List.of(1L, 2L), jobs(reading));
    assertFalse(reading.complete());
    Files.delete(program);
    assertFalse(reader(false, 0).between(FROM, FROM + 1).complete());
  }

  @Test
  void whoMayNotReadTheSystemsJournalHasAnIncompleteOne() throws IOException {
    Path machine = Files.createDirectories(root.resolve("var/log/journal/7"));
    Files.createFile(machine.resolve("user-1000.journal"));
    assertFalse(reader(false, 1000).between(FROM, FROM + 1).complete());
    assertTrue(reader(true, 1000).between(FROM, FROM + 1).complete());
    assertFalse(reader(true, 1001).between(FROM, FROM + 1).complete());
    Files.createFile(machine.resolve("system.journal"));
    assertTrue(reader(false, 1000).between(FROM, FROM + 1).complete());
  }

  @Test
  void onlyTheManagerThatWasAskedIsTheManager() throws IOException {
    write(
        "echo '{\"_PID\":\"1\",\"_COMM\":\"systemd\",\"_UID\":\"0\"}'\n"
            + "echo '{\"_PID\":\"60\",\"_COMM\":\"systemd\",\"_UID\":\"1000\",\"USER_UNIT\":\"w.service\"}'");
    Reading users = reader(true, 1000).between(FROM, FROM + 1);
    assertEquals(List.of(2L, 1L), users.entries().stream().map(Entry::pid).toList());
    assertEquals("w.service", users.entries().get(1).unit());
    assertTrue(arguments().contains("_UID=1000"), arguments().toString());
    Reading systems = reader(false, 0).between(FROM, FROM + 1);
    assertEquals(List.of(1L, 60L), systems.entries().stream().map(Entry::pid).toList());
    assertEquals("", systems.entries().get(1).unit());
  }

  @Test
  @Timeout(60)
  void aJournalctlThatHangsIsKilledAndWhatItSaidIsIncomplete() throws IOException {
    write("put 1; sleep 600");
    Reading reading =
        new JournalReader(program.toString(), root, false, 0, 1000).between(FROM, FROM + 1);
    assertEquals(List.of(1L), jobs(reading));
    assertFalse(reading.complete());
  }
}
