// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.protocol.Report;

/** Sentences about one unit are in the singular, and about several in the plural. */
class PluralsTest extends StageCase {
  private static final String CONTROL = "etc/systemd/system.control/";

  @Test
  void severalGatesThatAreMissing() {
    withSocket().boot("a.socket", "a.service");
    stage.quiesce("a.service").ok();
    for (String unit : List.of("a.service", "a.socket")) {
      stage.delete(CONTROL + unit + ".d/zz-quietus-a.service.conf");
    }
    assertEquals(
        List.of(
            "the gates of a.service and a.socket were missing while a.service was held; they were"
                + " written again"),
        stage.quiesce("a.service").checked().warnings());
  }

  @Test
  void severalMasksThatAreMissing() {
    withSocket().boot("a.socket", "a.service");
    stage.quiesce("a.service").ok();
    for (String unit : List.of("a.service", "a.socket")) {
      stage.delete(CONTROL + unit);
    }
    assertEquals(
        List.of(
            "the masks of a.service and a.socket were missing while a.service was held (somebody"
                + " removed them, or an earlier run ended before they were written); they were"
                + " written again"),
        stage.quiesce("a.service").checked().warnings());
  }

  @Test
  void membersThatWereStartedPastTheirGates() {
    withSocket().boot("a.socket", "a.service");
    stage.quiesce("a.service").dieAfter("hold");
    assertEquals(
        List.of(
            "a.service and a.socket were up though a.service was held (somebody started them past"
                + " the gates, or an earlier run ended before the stop); they are stopped again"),
        sortedUnits(stage.quiesce("a.service").checked()));
  }

  /** The order of the two units is that of the stop, which does not matter here. */
  private static List<String> sortedUnits(Report report) {
    return report.warnings().stream()
        .filter(text -> text.contains("though"))
        .map(text -> text.replace("a.socket and a.service", "a.service and a.socket"))
        .toList();
  }

  @Test
  void aUnitThatIsHeldAlongWithSeveralFamilies() {
    stage
        .simple("a.service", "b.service")
        .unit("c.service", "[Unit]\nRequires=a.service b.service\n" + Stage.SIMPLE)
        .boot("c.service");
    stage.quiesce("a.service", "b.service").ok();
    stage
        .release("c.service")
        .fails(
            "c.service has no hold of its own, but is held along with other families; release all"
                + " of them: a.service and b.service (list them: ");
  }

  private void queue(String... units) {
    stage
        .unit("busy.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n")
        .unit("a.service", "[Unit]\nAfter=busy.service\n" + Stage.SIMPLE)
        .unit(
            "b.service",
            "[Unit]\nRequires=a.service\nAfter=busy.service\nBefore=a.service\n" + Stage.SIMPLE)
        .boot();
    stage.systemd.start(List.of("busy.service"));
    stage.systemd.start(List.of(units));
    stage.quiesce("a.service").dieAfter("hold");
  }

  @Test
  void aJobThatIsUnderWay() {
    queue("a.service");
    stage
        .release("a.service")
        .timeout(1)
        .fails(
            "a job of a.service was under way and did not end within 1 s; nothing was released. The"
                + " hold stays, nothing of the family can start. See: systemctl list-jobs",
            "release 'a.service'");
    assertEquals(1, stage.holds().size());
    stage.systemd.outside().stop("busy.service");
    stage.release("a.service").ok();
    assertEquals(List.of(), stage.holds());
  }

  @Test
  void severalJobsThatAreUnderWay() {
    queue("b.service");
    Report report = stage.release("a.service").timeout(1).run();
    assertTrue(
        report.msg().startsWith("jobs of a.service and b.service were under way and did not end"),
        report.msg());
  }

  @Test
  void oneDescriptorThatSystemdKeeps() {
    stage.unit("a.service", Stage.SIMPLE + "FileDescriptorStoreMax=1\n").boot("a.service");
    assertEquals(
        List.of("a.service: systemd keeps 1 file descriptor for it, which is closed"),
        Stage.inexact(stage.quiesce("a.service").checked()));
  }
}
