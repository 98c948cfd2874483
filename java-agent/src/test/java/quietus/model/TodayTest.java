// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.unit.Relation;

/** docs/systemd-facts.md, "Why a plain stop is not enough", on the model. */
class TodayTest {
  private final Scene scene = new Scene();

  @AfterEach
  void clean() {
    scene.clean();
  }

  @BeforeEach
  void api() {
    scene
        .unit(
            "myapi.service",
            Scene.SIMPLE + "ExecStop=/bin/true\n\n[Install]\nWantedBy=multi-user.target\n")
        .unit("myapi.socket", "[Socket]\nListenStream=/run/myapi.sock\n")
        .wanted("myapi.service", "multi-user.target");
  }

  @Test
  void anEnabledServiceIsUpAfterABoot() {
    scene.boot(252);
    assertEquals("active/running", scene.is("myapi.service"));
    assertEquals(1, scene.starts("myapi.service"));
    assertEquals("active/active", scene.is("multi-user.target"));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257, 262})
  void aConnectionToAListeningSocketStartsAStoppedServiceAgain(int version) {
    scene.wanted("myapi.socket", "sockets.target").boot(version);
    scene.stop("myapi.service");
    assertEquals("inactive/dead", scene.is("myapi.service"));
    assertTrue(scene.systemd.outside().connect("myapi.socket"));
    scene.pass(0.1);
    assertEquals("active/running", scene.is("myapi.service"));
    assertEquals("active/running", scene.is("myapi.socket"));
  }

  @ParameterizedTest
  @ValueSource(ints = {249, 252, 257})
  void anUpholderStartsAStoppedServiceWithinTheSecondAndNoTriggerShows(int version) {
    scene
        .unit("keeper.service", "[Unit]\nUpholds=myapi.service\n" + Scene.SIMPLE)
        .wanted("keeper.service", "multi-user.target")
        .boot(version);
    scene.stop("myapi.service");
    scene.pass(1);
    assertEquals("active/running", scene.is("myapi.service"));
    assertEquals(
        List.of(),
        scene
            .systemd
            .load(List.of("myapi.service"))
            .get("myapi.service")
            .related(Relation.TRIGGERED_BY));
  }

  @Test
  void beforeVersion249UpholdsSaysNothing() {
    scene
        .unit("keeper.service", "[Unit]\nUpholds=myapi.service\n" + Scene.SIMPLE)
        .wanted("keeper.service", "multi-user.target")
        .boot(247);
    scene.stop("myapi.service");
    scene.pass(30);
    assertEquals("inactive/dead", scene.is("myapi.service"));
  }

  @Test
  void aRuntimeMaskBelowEtcMasksNothing() {
    scene.boot(252);
    scene.link("run/systemd/system/myapi.service", "/dev/null");
    scene.systemd.reload();
    assertEquals("loaded", scene.state("myapi.service").load());
    scene.stop("myapi.service");
    assertEquals("done", scene.start("myapi.service"));
  }

  @Test
  void aMaskBeforeTheStopDropsExecStop() {
    scene.boot(252);
    scene.mask("myapi.service");
    scene.systemd.reload();
    long mark = scene.systemd.history().mark();
    scene.stop("myapi.service");
    assertEquals(
        1,
        scene.systemd.history().count(mark, "myapi.service", History.Kind.STOPPING_UNGRACEFULLY));
    assertEquals(0, scene.systemd.history().count(mark, "myapi.service", History.Kind.RAN));
  }

  @Test
  void aStopWithoutAMaskRunsExecStop() {
    scene.boot(252);
    long mark = scene.systemd.history().mark();
    scene.stop("myapi.service");
    assertEquals(1, scene.systemd.history().count(mark, "myapi.service", History.Kind.STOPPING));
    assertEquals(1, scene.systemd.history().count(mark, "myapi.service", History.Kind.RAN));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void aServiceInAutoRestartIsNotDownAndAStopEndsIt(int version) {
    scene.unit("myapi.service", Scene.SIMPLE + "Restart=always\nRestartSec=5\n").boot(version);
    scene.systemd.outside().kill("myapi.service");
    scene.pass(1);
    assertEquals("activating/auto-restart", scene.is("myapi.service"));
    assertFalse(scene.state("myapi.service").isDown());
    assertEquals(List.of("done"), scene.stop("myapi.service"));
    scene.pass(20);
    assertEquals("inactive/dead", scene.is("myapi.service"));
    assertEquals(1, scene.starts("myapi.service"));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void aKilledServiceWithRestartComesBackByItself(int version) {
    scene.unit("myapi.service", Scene.SIMPLE + "Restart=on-failure\n").boot(version);
    scene.systemd.outside().kill("myapi.service");
    scene.pass(1);
    assertEquals("active/running", scene.is("myapi.service"));
    assertEquals(2, scene.starts("myapi.service"));
  }
}
