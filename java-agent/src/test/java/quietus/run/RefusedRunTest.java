// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.protocol.Report;

/** A run that fails says "changed" only where something was changed. */
class RefusedRunTest {
  private static final String CONTROL = "etc/systemd/system.control";

  @TempDir private Path root;
  private Stage stage;

  @BeforeEach
  void stage() {
    stage = new Stage(root);
  }

  @Test
  void aQuiesceThatCannotWriteItsFirstGateChangedNothing() {
    stage.unit("a.service", Stage.SIMPLE).write(CONTROL, "no directory").boot("a.service");
    Report report = stage.quiesce("a.service").run();
    assertTrue(report.failed());
    assertFalse(report.changed(), report.msg());
    assertEquals("active/running", stage.is("a.service"));
  }

  @Test
  void aQuiesceThatCannotWriteItsRecordHasWrittenGates() {
    stage.unit("a.service", Stage.SIMPLE).write("etc/quietus/releasing", "no directory");
    stage.boot("a.service");
    Report report = stage.quiesce("a.service").run();
    assertTrue(report.failed());
    assertEquals(stage.exists(CONTROL + "/a.service.d"), report.changed(), report.msg());
    assertEquals("active/running", stage.is("a.service"));
  }

  @Test
  void aQuiesceThatFailsAfterItsFirstStopChangedSomething() {
    stage.unit("a.service", Stage.STUBBORN).boot("a.service");
    Report late = stage.quiesce("a.service").timeout(1).run();
    assertTrue(late.failed() && late.changed(), late.msg());
  }
}
