// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import quietus.fault.Faults;
import quietus.fault.FaultyFiles;
import quietus.hold.Until;
import quietus.protocol.Report;
import quietus.protocol.StepListener;
import quietus.protocol.VerbRequest;

/**
 * What a step did to gates, masks and records survives a power cut: when the step ends, each of
 * their directories has been fsynced since it was last changed.
 */
class DurabilityTest extends StageCase {
  private final Faults operations = new Faults();

  /** Runs a request, and fails at the end of a step that left a directory without its fsync. */
  private Report run(VerbRequest request) {
    return run(request, step -> {});
  }

  private Report run(VerbRequest request, StepListener listener) {
    operations.arm(-1, Faults.Kind.EIO, false);
    List<String> steps = new ArrayList<>();
    List<String> unflushed = new ArrayList<>();
    int[] changes = {0};
    Report report =
        new ModelHost(new FaultyFiles(operations, root).path(root), stage.systemd, stage.systemd)
            .run(
                request,
                step -> {
                  steps.add(step);
                  for (String directory : unflushed(changes)) {
                    unflushed.add(step + ": " + directory);
                  }
                  listener.ended(step);
                });
    assertFalse(report.failed(), report.msg());
    for (String directory : unflushed(changes)) {
      unflushed.add("the end: " + directory);
    }
    assertEquals(List.of(), unflushed, steps.toString());
    assertTrue(changes[0] > 0, "nothing was changed");
    return report;
  }

  private Set<String> unflushed(int[] changes) {
    Set<String> directories = new TreeSet<>();
    changes[0] = 0;
    for (int i = 0; i < operations.operations().size(); i++) {
      String name = operations.name(i);
      Path path = Path.of(name.substring(name.lastIndexOf(' ') + 1));
      String file = path.startsWith(root) ? root.relativize(path).toString() : "";
      switch (operations.operations().get(i)) {
        case FSYNC -> directories.remove(file);
        case FILL, CHANGE -> {
          if (isOurs(file) && !name.startsWith("set") && !name.startsWith("open")) {
            changes[0]++;
            directories.remove(file); // a directory that is removed
            directories.add(root.relativize(path.getParent()).toString());
          }
        }
        default -> {}
      }
    }
    return directories;
  }

  private static boolean isOurs(String file) {
    return !file.contains("/.quietus-new")
        && (file.contains("/systemd/system.control/")
            || file.contains("quietus/holds/")
            || file.contains("quietus/releasing/"));
  }

  private Stage family() {
    return withSocket().boot("a.socket", "a.service");
  }

  @Test
  void aHoldAndItsReleaseOfBothLifetimes() {
    family();
    for (Until until : Until.values()) {
      run(stage.quiesce("a.service").until(until).request());
      run(stage.release("a.service").request());
      assertEquals(List.of(), stage.holds());
    }
  }

  @Test
  void aMaskThatIsWrittenAgain() {
    family();
    stage.quiesce("a.service").ok();
    stage.delete("etc/systemd/system.control/a.service");
    run(stage.quiesce("a.service").request());
  }

  @Test
  void aReleaseThatIsTakenBack() {
    family();
    stage.quiesce("a.service").ok();
    stage.release("a.service").dieAfter("open");
    run(stage.quiesce("a.service").request());
  }

  @Test
  void aReleaseOfWhatIsDown() {
    stage.simple("a.service").boot();
    stage.quiesce("a.service").ok();
    run(stage.release("a.service").request());
  }

  @Test
  void gatesAndMasksWithoutARecord() {
    family();
    stage.quiesce("a.service").ok();
    stage.delete("etc/quietus/holds/a.service");
    run(stage.release("a.service").request());
  }

  @Test
  void gatesThatARunLeft() {
    family().simple("b.service");
    stage.quiesce("a.service").dieAfter("gates");
    run(stage.quiesce("b.service").request());
    assertFalse(stage.exists("etc/systemd/system.control/a.service.d"));
  }

  @Test
  void theMoveThatSystemdMakesIsFsyncedBeforeTheNextStep() {
    family();
    stage.quiesce("a.service").ok();
    int[] began = {0};
    List<String> fsynced = new ArrayList<>();
    run(
        stage.release("a.service").request(),
        step -> {
          int ended = operations.operations().size();
          if (step.equals("open")) {
            for (int i = began[0]; i < ended; i++) {
              if (operations.operations().get(i) == Faults.Operation.FSYNC) {
                fsynced.add(root.relativize(Path.of(operations.name(i).substring(6))).toString());
              }
            }
          }
          began[0] = ended;
        });
    assertTrue(
        fsynced.containsAll(List.of("etc/quietus/holds", "etc/quietus/releasing")),
        fsynced.toString());
  }
}
