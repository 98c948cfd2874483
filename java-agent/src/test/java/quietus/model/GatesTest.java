// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/systemd-facts.md, "Gates", on the model. */
class GatesTest {
  private final Scene scene = new Scene();
  private final Path root = scene.root;

  @AfterEach
  void clean() {
    scene.clean();
  }

  @BeforeEach
  void api() {
    scene.unit("myapi.service", Scene.SIMPLE + "ExecStop=/bin/true\nExecStopPost=/bin/true\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"etc/systemd/system", "usr/lib/systemd/system", "run/systemd/system"})
  void aGateIsLoadedForAUnitWhereverItsFileIsAndToggledByThePathAlone(String where) {
    scene
        .delete("etc/systemd/system/myapi.service")
        .unit("usr/lib/systemd/system/keep.service", "[Unit]\nWants=myapi.service\n" + Scene.SIMPLE)
        .wanted("keep.service", "multi-user.target")
        .boot(252);
    scene.unit(where + "/myapi.service", Scene.SIMPLE).gate("myapi.service");
    scene.systemd.reload();
    assertEquals("done", scene.start("myapi.service"));
    scene.shut();
    scene.stop("myapi.service");
    assertEquals("assert", scene.start("myapi.service"));
    scene.delete("etc/quietus/holds/test");
    assertEquals("done", scene.start("myapi.service"));
  }

  @Test
  void withoutAReloadALoadedUnitHasNoGateAndNeedsAReload() {
    scene.wanted("myapi.service", "multi-user.target").boot(252);
    scene.gate("myapi.service").shut();
    assertTrue(
        scene.systemd.load(List.of("myapi.service")).get("myapi.service").file().needsReload());
    scene.stop("myapi.service");
    assertEquals("done", scene.start("myapi.service"));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void aGateRefusesStartsByEveryDoor(int version) {
    Path watched = root.resolve("watched");
    scene
        .unit("myapi.socket", "[Socket]\nListenStream=/run/myapi.sock\n")
        .unit("poll.timer", "[Timer]\nOnActiveSec=1h\nUnit=myapi.service\n")
        .unit("watch.path", "[Path]\nPathExists=" + watched + "\nUnit=myapi.service\n")
        .unit("keeper.service", "[Unit]\nUpholds=myapi.service\n" + Scene.SIMPLE)
        .unit(
            "needs.service", "[Unit]\nRequires=myapi.service\nAfter=myapi.service\n" + Scene.SIMPLE)
        .unit("wants.service", "[Unit]\nWants=myapi.service\nAfter=myapi.service\n" + Scene.SIMPLE)
        .link("etc/systemd/system/api.service", "myapi.service")
        .wanted("poll.timer", "timers.target")
        .wanted("watch.path", "paths.target")
        .wanted("myapi.socket", "sockets.target");
    scene.gate("myapi.service").shut().boot(version);
    assertTrue(scene.systemd.outside().connect("myapi.socket"));
    assertTrue(scene.systemd.outside().elapse("poll.timer"));
    scene.systemd.outside().touch(watched);
    scene.pass(1);
    assertEquals("assert", scene.start("myapi.service"));
    assertEquals("assert", scene.start("api.service"));
    assertEquals("dependency", scene.start("needs.service"));
    assertEquals("done", scene.start("wants.service"));
    scene.start("keeper.service");
    scene.pass(1);
    assertEquals(0, scene.starts("myapi.service"));
    assertEquals(0, scene.starts("needs.service"));
  }

  @Test
  void aTemplatesGateRefusesEveryInstance() {
    scene
        .unit("work@.service", Scene.SIMPLE)
        .unit("work@own.service", Scene.SIMPLE)
        .gate("work@.service")
        .shut()
        .boot(252);
    assertEquals("assert", scene.start("work@1.service"));
    assertEquals("assert", scene.start("work@own.service"));
  }

  @Test
  void aGateRefusesATransientUnitThatIsMadeAgain() {
    scene.gate("job.service").shut().boot(252);
    scene.systemd.outside().startTransient("job.service", Scene.SIMPLE);
    scene.pass(0.1);
    assertEquals(0, scene.starts("job.service"));
  }

  @Test
  void aGateHoldsThroughABoot() {
    scene.wanted("myapi.service", "multi-user.target").boot(252);
    assertEquals(1, scene.starts("myapi.service"));
    scene.gate("myapi.service").shut();
    long mark = scene.systemd.history().mark();
    scene.systemd.reboot();
    scene.pass(5);
    assertEquals(0, scene.systemd.history().starts(mark, "myapi.service"));
    assertEquals("active/active", scene.is("multi-user.target"));
  }

  @Test
  void aStopUnderTheGateIsGraceful() {
    scene.wanted("myapi.service", "multi-user.target").gate("myapi.service").boot(252);
    scene.shut();
    long mark = scene.systemd.history().mark();
    scene.stop("myapi.service");
    assertEquals(1, scene.systemd.history().count(mark, "myapi.service", History.Kind.STOPPING));
    assertEquals(2, scene.systemd.history().count(mark, "myapi.service", History.Kind.RAN));
  }

  @Test
  void aConditionLiesWhereAnAssertionFails() {
    scene
        .unit(
            "etc/systemd/system/myapi.service.d/c.conf",
            "[Unit]\nConditionPathExists=!" + scene.hold() + "\n")
        .unit(
            "needs.service", "[Unit]\nRequires=myapi.service\nAfter=myapi.service\n" + Scene.SIMPLE)
        .shut()
        .boot(252);
    assertEquals("done", scene.start("myapi.service"));
    assertEquals(0, scene.starts("myapi.service"));
    assertEquals("done", scene.start("needs.service"));
    assertEquals(1, scene.starts("needs.service"));
  }

  @Test
  void refuseManualStartStopsNoSocket() {
    scene
        .unit("myapi.service", "[Unit]\nRefuseManualStart=yes\n" + Scene.SIMPLE)
        .unit("myapi.socket", "[Socket]\nListenStream=/run/myapi.sock\n")
        .wanted("myapi.socket", "sockets.target")
        .boot(252);
    assertEquals("refused", scene.start("myapi.service"));
    scene.systemd.outside().connect("myapi.socket");
    scene.pass(0.1);
    assertEquals("active/running", scene.is("myapi.service"));
  }

  @ParameterizedTest
  @CsvSource({"247, 0", "252, 0", "254, 1", "257, 1", "262, 1"})
  void restartOfAUnitThatWasKilledUnderTheGateIsRefusedBefore254Only(int version, int starts) {
    scene
        .unit("myapi.service", Scene.SIMPLE + "Restart=always\n")
        .wanted("myapi.service", "multi-user.target")
        .gate("myapi.service")
        .boot(version);
    scene.shut();
    long mark = scene.systemd.history().mark();
    scene.systemd.outside().kill("myapi.service");
    scene.pass(10);
    assertEquals(starts, scene.systemd.history().starts(mark, "myapi.service"));
    mark = scene.systemd.history().mark();
    scene.stop("myapi.service");
    scene.pass(10);
    assertEquals(0, scene.systemd.history().starts(mark, "myapi.service"));
    assertTrue(scene.state("myapi.service").isDown());
  }

  @Test
  void revertDeletesTheGateAndReloads() {
    scene.wanted("myapi.service", "multi-user.target").gate("myapi.service").boot(252);
    scene.shut();
    scene.stop("myapi.service");
    scene.systemd.outside().revert("myapi.service");
    assertFalse(
        java.nio.file.Files.exists(root.resolve("etc/systemd/system.control/myapi.service.d")));
    assertEquals("done", scene.start("myapi.service"));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void aSocketLeftListeningRunsIntoItsTriggerLimitAndFails(int version) {
    scene
        .unit("myapi.socket", "[Socket]\nListenStream=/run/myapi.sock\n")
        .wanted("myapi.socket", "sockets.target")
        .gate("myapi.service")
        .shut()
        .boot(version);
    scene.systemd.outside().connect("myapi.socket");
    scene.pass(5);
    assertEquals("failed/failed", scene.is("myapi.socket"));
    assertEquals(0, scene.starts("myapi.service"));
  }
}
