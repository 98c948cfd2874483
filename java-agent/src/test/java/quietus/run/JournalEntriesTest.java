// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.hold.Until;
import quietus.protocol.Report;
import quietus.systemd.Journal;

/** One entry for each hold and each release, attached to every member. */
class JournalEntriesTest extends StageCase {
  private final List<String> entries = new ArrayList<>();

  private final class Recording implements Journal {
    @Override
    public void say(Collection<String> units, String message) {
      entries.add(String.join(" ", units) + ": " + message.replaceAll("2026[^ .,]*", "T"));
    }

    @Override
    public List<String> tail(String unit) {
      return List.of("first line", "last line");
    }

    @Override
    public String finish() {
      return null;
    }
  }

  private void boot() {
    withSocket().boot("a.socket", "a.service").journal(new Recording());
  }

  private List<String> said() {
    List<String> said = List.copyOf(entries);
    entries.clear();
    return said;
  }

  @Test
  void aHoldAndItsReleaseAreOneEntryEach() {
    boot();
    stage.quiesce("a.service").ok();
    assertEquals(
        List.of(
            "a.service a.socket: Quietus holds a.service since T, by a test: \"why\". It stays down"
                + " until it is released. To release it: quietus release 'a.service'"),
        said());
    stage.quiesce("a.service").ok();
    assertEquals(List.of(), said());
    stage.release("a.service").ok();
    assertEquals(
        List.of(
            "a.service a.socket: Quietus released a.service, held since T by a test. Released by a"
                + " test."),
        said());
  }

  @Test
  void theTermsOfAHoldAreInItsEntry() {
    boot();
    stage.quiesce("a.service").until(Until.REBOOT).reason("").lease(Duration.ofSeconds(700)).ok();
    assertEquals(
        List.of(
            "a.service a.socket: Quietus holds a.service since T, by a test. It stays down until it"
                + " is released or the next boot, at the latest T. To release it: quietus release"
                + " 'a.service'"),
        said());
    stage.pass(800);
    stage.release().expiredOnly().ok();
    assertEquals(
        List.of(
            "a.service a.socket: Quietus released a.service, held since T by a test: its lease"
                + " ended."),
        said());
  }

  @Test
  void aHoldIsWrittenAlsoWhenTheStopIsLateOrOnlyAMaskWasMissing() {
    stage.unit("a.service", Stage.STUBBORN).boot("a.service").journal(new Recording());
    stage.quiesce("a.service").timeout(1).fails("did not stop within 1 s");
    assertEquals(1, said().size());
    stage.quiesce("a.service").ok();
    assertEquals(1, said().size());
    stage.delete("etc/systemd/system.control/a.service");
    stage.systemd.outside().reload();
    assertTrue(stage.quiesce("a.service").ok().changed());
    assertEquals(1, said().size());
  }

  @Test
  void aFailedStartIsNamedWithTheEndOfItsJournalAndIsNoRelease() {
    stage
        .unit("a.service", "[Service]\nType=exec\nExecStart=/bin/sleep infinity\n")
        .boot("a.service")
        .journal(new Recording());
    stage.quiesce("a.service").ok();
    said();
    stage.unit("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/false\n");
    Report report =
        stage
            .release("a.service")
            .fails("; its journal ends with: \"first line\", \"last line\"; see: journalctl -b -u");
    assertFalse(report.msg().contains("a.service: failed"), report.msg());
    assertEquals(List.of(), said());
  }

  @Test
  void ofSeveralFailedStartsTheFirstIsDescribed() {
    String failing = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/false\n";
    stage.simple("a.service", "b.service").boot("a.service", "b.service").journal(new Recording());
    stage.quiesce("a.service", "b.service").ok();
    stage.unit("a.service", failing).unit("b.service", failing);
    stage
        .release("a.service", "b.service")
        .fails("a.service and b.service did not come up (a.service: failed/failed");
  }
}
