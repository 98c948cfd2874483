// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import quietus.systemd.SystemdException;
import quietus.unit.Relation;
import quietus.unit.Unit;

/**
 * docs/systemd-facts.md, "Properties", on the model; what is loaded, what is only on disk; time,
 * crash points and the adversary.
 */
class PropertiesTest {
  private final Scene scene = new Scene();

  @AfterEach
  void clean() {
    scene.clean();
  }

  private Unit load(String name) {
    return scene.systemd.load(List.of(name)).get(name);
  }

  @ParameterizedTest
  @CsvSource({"249, false", "250, false", "251, true", "257, true"})
  void upheldByCanBeReadSince251(int version, boolean isReadable) {
    scene
        .unit("a.service", Scene.SIMPLE)
        .unit("keeper.service", "[Unit]\nUpholds=a.service\n" + Scene.SIMPLE)
        .wanted("keeper.service", "multi-user.target")
        .boot(version);
    assertEquals("active/running", scene.is("a.service"));
    assertEquals(
        isReadable ? List.of("keeper.service") : List.of(),
        load("a.service").related(Relation.UPHELD_BY));
  }

  @Test
  void triggeredByListsLoadedUnitsOnly() {
    scene
        .unit("a.service", Scene.SIMPLE)
        .unit("a.socket", "[Socket]\nListenStream=/run/a.sock\n")
        .boot(252);
    assertEquals(List.of(), load("a.service").related(Relation.TRIGGERED_BY));
    assertEquals(
        List.of("a.socket"),
        scene
            .systemd
            .load(List.of("a.socket", "a.service"))
            .get("a.service")
            .related(Relation.TRIGGERED_BY));
  }

  @Test
  void aUnitToWhichNothingRefersIsForgottenWhenItIsDown() {
    scene.unit("a.service", Scene.SIMPLE).boot(252);
    scene.start("a.service");
    assertEquals(Set.of("a.service"), scene.systemd.loaded("a.*").keySet());
    scene.stop("a.service");
    assertEquals(Set.of(), scene.systemd.loaded("a.*").keySet());
  }

  @Test
  void aTransientUnitVanishesWhenItStops() {
    scene.boot(252);
    scene.systemd.outside().startTransient("run-1.service", Scene.SIMPLE);
    scene.pass(0.1);
    assertEquals("transient", load("run-1.service").file().enablement());
    scene.stop("run-1.service");
    assertFalse(load("run-1.service").state().isFound());
    assertFalse(Files.exists(scene.root.resolve("run/systemd/transient/run-1.service")));
  }

  @Test
  void aReloadTakesInEditsThatWereWaiting() {
    scene.unit("a.service", Scene.SIMPLE).wanted("a.service", "multi-user.target").boot(252);
    scene.unit("a.service", Scene.SIMPLE + "Restart=always\n");
    assertTrue(load("a.service").file().needsReload());
    assertEquals("no", load("a.service").traits().restart());
    scene.systemd.reload();
    assertFalse(load("a.service").file().needsReload());
    assertEquals("always", load("a.service").traits().restart());
    assertEquals("active/running", scene.is("a.service"));
  }

  @Test
  void reloadMayBeRefusedForItsRate() {
    scene.boot(253);
    scene.systemd.refuseReloads(1);
    assertThrows(SystemdException.class, scene.systemd::reload);
    scene.systemd.reload();
  }

  @Test
  void dropInsOfTheTemplateAndTheInstanceAreReadInTheOrderOfTheirNames() {
    scene
        .unit("usr/lib/systemd/system/w@.service", Scene.SIMPLE)
        .unit("etc/systemd/system/w@.service.d/b.conf", "[Service]\nRestart=always\n")
        .boot(252);
    scene.unit("run/systemd/system/w@1.service.d/a.conf", "[Service]\nRestart=on-abort\n");
    assertEquals("always", load("w@1.service").traits().restart());
    assertEquals(2, load("w@1.service").file().dropIns().size());
    assertEquals("always", load("w@2.service").traits().restart());
  }

  @Test
  void aDropInInSystemControlOutranksThatOfTheSameNameInEtc() {
    scene
        .unit("a.service", Scene.SIMPLE)
        .unit("etc/systemd/system/a.service.d/x.conf", "[Service]\nRestart=always\n")
        .boot(252);
    scene.unit("run/systemd/system.control/a.service.d/x.conf", "[Service]\nRestart=on-abort\n");
    assertEquals("on-abort", load("a.service").traits().restart());
  }

  @Test
  void enablementIsToldFromLinks() {
    scene
        .unit("on.service", Scene.SIMPLE + "[Install]\nWantedBy=multi-user.target\n")
        .wanted("on.service", "multi-user.target")
        .unit("off.service", Scene.SIMPLE + "[Install]\nWantedBy=multi-user.target\n")
        .unit("static.service", Scene.SIMPLE)
        .unit("etc/model-generator/late/sysv.service", Scene.SIMPLE)
        .boot(252);
    assertEquals("enabled", load("on.service").file().enablement());
    assertEquals("disabled", load("off.service").file().enablement());
    assertEquals("static", load("static.service").file().enablement());
    assertEquals("generated", load("sysv.service").file().enablement());
  }

  @Test
  void aBootEmptiesRunAndStartsWhatIsEnabled() {
    scene.unit("a.service", Scene.SIMPLE).wanted("a.service", "multi-user.target").boot(252);
    scene
        .unit("run/systemd/system/b.service", Scene.SIMPLE)
        .mask("a.service")
        .delete("etc/systemd/system.control/a.service");
    scene.systemd.reboot();
    scene.pass(1);
    assertFalse(Files.exists(scene.root.resolve("run/systemd/system/b.service")));
    assertEquals(2, scene.starts("a.service"));
    assertFalse(load("b.service").state().isFound());
  }

  @Test
  void aTimerFiresInVirtualTime() {
    scene
        .unit("tick.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n")
        .unit("tick.timer", "[Timer]\nOnActiveSec=10s\nOnUnitActiveSec=10s\n")
        .wanted("tick.timer", "timers.target")
        .boot(252);
    long mark = scene.systemd.history().mark();
    scene.pass(60);
    assertEquals(6, scene.systemd.history().starts(mark, "tick.service"));
    assertTrue(load("tick.timer").traits().monotonic());
  }

  @Test
  void aPersistentTimerThatMissedItsMomentFiresAtOnce() {
    scene
        .unit("tick.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n")
        .unit("tick.timer", "[Timer]\nOnCalendar=hourly\nPersistent=yes\n")
        .wanted("tick.timer", "timers.target")
        .boot(252);
    scene.stop("tick.timer");
    scene.pass(7200);
    long mark = scene.systemd.history().mark();
    scene.start("tick.timer");
    scene.pass(1);
    assertEquals(1, scene.systemd.history().starts(mark, "tick.service"));
  }

  @Test
  void aPathThatExistsStartsItsServiceAgainAndAgain() {
    Path file = scene.root.resolve("spool/job");
    scene
        .unit("spool.service", Scene.SIMPLE)
        .unit("spool.path", "[Path]\nPathExists=" + file + "\n")
        .wanted("spool.path", "paths.target")
        .boot(252);
    assertEquals("active/waiting", scene.is("spool.path"));
    scene.systemd.outside().touch(file);
    scene.pass(0.1);
    assertEquals("active/running", scene.is("spool.service"));
    scene.stop("spool.service");
    scene.pass(0.1);
    assertEquals(2, scene.starts("spool.service"));
  }

  @Test
  void anAutomountStartsItsMountWhenItIsLookedInto() {
    scene
        .unit("data.mount", "[Mount]\nWhat=tmpfs\nWhere=/data\n")
        .unit("data.automount", "[Automount]\nWhere=/data\n")
        .wanted("data.automount", "multi-user.target")
        .boot(252);
    assertEquals("active/waiting", scene.is("data.automount"));
    assertTrue(scene.systemd.outside().access("data.automount"));
    scene.pass(0.1);
    assertEquals("active/mounted", scene.is("data.mount"));
  }

  @Test
  void aDeviceThatAppearsStartsWhatItWants() {
    scene
        .unit("scan.service", Scene.SIMPLE)
        .link("etc/systemd/system/dev-scanner.device.wants/scan.service", "../scan.service")
        .boot(252);
    scene.systemd.outside().plug("dev-scanner.device", true);
    scene.pass(0.1);
    assertEquals("active/running", scene.is("scan.service"));
  }

  @Test
  void tooManyStartsHitTheStartLimitUntilItIsReset() {
    scene
        .unit("a.service", "[Unit]\nDescription=a\n[Service]\nType=oneshot\nExecStart=/bin/true\n")
        .unit("keep.service", "[Unit]\nAfter=a.service\n" + Scene.SIMPLE)
        .wanted("keep.service", "multi-user.target")
        .boot(252);
    for (int i = 0; i < 5; i++) {
      assertEquals("done", scene.start("a.service"));
    }
    assertEquals("failed", scene.start("a.service"));
    assertEquals("failed/failed", scene.is("a.service"));
    scene.systemd.outside().resetFailed("a.service");
    assertEquals("done", scene.start("a.service"));
  }

  @Test
  void awaitChangeWakesAtAChangeOrAtItsLimit() {
    scene.unit("a.service", "[Service]\nExecStart=/bin/sleep 3\n").boot(252);
    scene.start("a.service");
    scene.systemd.states(List.of("a.service"));
    long began = scene.systemd.now();
    assertTrue(scene.systemd.awaitChange(List.of("a.service"), Duration.ofSeconds(60)));
    assertTrue(scene.systemd.now() - began < 4_000_000);
    assertFalse(scene.systemd.awaitChange(List.of("other.service"), Duration.ofSeconds(2)));
  }

  @Test
  void aCrashPointEndsTheAgentAndLeavesTheHost() {
    scene.unit("a.service", Scene.SIMPLE).wanted("a.service", "multi-user.target").boot(252);
    int first = scene.systemd.points();
    scene.systemd.crashAt(first + 2);
    Crash crash = assertThrows(Crash.class, () -> scene.systemd.stop(List.of("a.service")));
    assertEquals(first + 2, crash.point());
    scene.pass(1);
    assertEquals("inactive/dead", scene.is("a.service"), "the request was sent before the crash");
  }

  @Test
  void theAdversaryActsBetweenCallsAndWhileTheAgentWaits() {
    scene
        .unit("a.service", Scene.SIMPLE + "ExecStop=/bin/sleep 0.2\n")
        .wanted("a.service", "multi-user.target")
        .boot(252);
    List<String> moments = new ArrayList<>();
    scene.systemd.adversary((outside, moment) -> moments.add(moment));
    scene.stop("a.service");
    assertTrue(
        moments.containsAll(
            Set.of("before stop", "after stop", "before await", "while waiting", "after await")),
        moments.toString());
  }

  @Test
  void startsRefusedAtTheGateAreCounted() {
    scene.unit("a.service", Scene.SIMPLE).gate("a.service").shut().boot(252);
    scene.start("a.service");
    scene.start("a.service");
    assertEquals(2, scene.systemd.refused(List.of("a.service")));
    scene.systemd.reconnect();
    assertEquals(0, scene.systemd.refused(List.of("a.service")));
  }
}
