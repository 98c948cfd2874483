// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.hold.Phase;
import quietus.hold.Until;

/** The records, and which directories are fsynced when one appears, moves or goes. */
class HoldsTest {
  @TempDir private Path root;
  private final List<String> flushed = new ArrayList<>();
  private Holds holds;

  @BeforeEach
  void records() {
    TrustedFiles files =
        new TrustedFiles(root) {
          @Override
          void flushDirectory(Path dir) {
            super.flushDirectory(dir);
            flushed.add(root.relativize(dir).toString());
          }
        };
    holds = new Holds(Layout.system(root), files);
  }

  private static Hold hold(String subject, Until until) {
    return new Hold(
        subject,
        List.of(subject),
        until,
        Instant.EPOCH,
        new Holder("me", "me@here", null),
        "",
        null,
        List.of(),
        List.of(),
        List.of());
  }

  private Hold written(String subject, Until until, Phase phase) {
    Hold hold = hold(subject, until);
    holds.write(hold, phase);
    flushed.clear();
    return hold;
  }

  @Test
  void recordsOfBothLifetimesAndPhasesAreSortedByTheirSubjects() {
    Hold d = written("d.service", Until.RELEASED, Phase.HELD);
    Hold b = written("b.service", Until.REBOOT, Phase.HELD);
    Hold c = written("c.service", Until.RELEASED, Phase.RELEASING);
    Hold a = written("a.service", Until.REBOOT, Phase.RELEASING);
    assertEquals(
        List.of(
            new FoundHold(a, Phase.RELEASING),
            new FoundHold(b, Phase.HELD),
            new FoundHold(c, Phase.RELEASING),
            new FoundHold(d, Phase.HELD)),
        holds.all().found());
  }

  @Test
  void aRecordMovesAlsoWhereTheDirectoryOfTheOtherPhaseIsMissing() throws IOException {
    Hold hold = written("a.service", Until.RELEASED, Phase.HELD);
    Files.delete(holds.path(Until.RELEASED, Phase.RELEASING, "x").getParent());
    holds.move(hold, Phase.HELD, Phase.RELEASING);
    assertTrue(holds.exists(hold, Phase.RELEASING));
    assertTrue(
        flushed.containsAll(List.of("etc/quietus/holds", "etc/quietus/releasing")),
        flushed.toString());
  }

  @Test
  void theDirectoryOfADeletedRecordIsFsynced() {
    Hold hold = written("a.service", Until.RELEASED, Phase.RELEASING);
    holds.delete(hold, Phase.RELEASING);
    assertFalse(holds.exists(hold, Phase.RELEASING));
    assertEquals(List.of("etc/quietus/releasing"), flushed);
    flushed.clear();
    holds.delete(hold, Phase.RELEASING);
    assertEquals(List.of(), flushed);
  }

  @Test
  void afterSystemdMovedARecordBothDirectoriesAreFsynced() {
    Hold hold = written("a.service", Until.RELEASED, Phase.HELD);
    holds.flush(hold);
    assertEquals(List.of("etc/quietus/holds", "etc/quietus/releasing"), flushed);
  }
}
