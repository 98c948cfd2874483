// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.systemd.SystemdException;

/** docs/systemd-facts.md, "Transactions", on the model; and the rules of jobs that it rests on. */
class TransactionsTest {
  private static final String SOCKET = "[Socket]\nListenStream=/run/myapi.sock\n";
  private static final String SLOW =
      "[Service]\nExecStart=/bin/sh -c \"trap 'sleep 0.5; exit 0' TERM; sleep infinity\"\n";

  private final Scene scene = new Scene();

  @AfterEach
  void clean() {
    scene.clean();
  }

  private List<Long> stop(String... units) {
    return List.copyOf(scene.systemd.stop(List.of(units)).values());
  }

  @Test
  void aSocketWithAStopJobPendingIgnoresConnections() {
    scene
        .unit("myapi.service", Scene.SIMPLE)
        .unit("myapi.socket", SOCKET)
        .unit("last.service", "[Unit]\nAfter=myapi.socket\n" + SLOW)
        .wanted("myapi.socket", "sockets.target")
        .wanted("last.service", "multi-user.target")
        .boot(252);
    stop("last.service", "myapi.socket"); // the socket is ordered before it, so its stop waits
    scene.systemd.outside().connect("myapi.socket");
    assertEquals("active/listening", scene.is("myapi.socket"));
    scene.pass(2);
    assertEquals("inactive/dead", scene.is("myapi.socket"));
    assertEquals(0, scene.starts("myapi.service"));
  }

  @Test
  void severalStopsAreOneTransactionEachAndAllAreInFlight() {
    scene
        .unit("a.service", SLOW)
        .unit("b.service", SLOW)
        .wanted("a.service", "multi-user.target")
        .wanted("b.service", "multi-user.target")
        .boot(252);
    Map<String, Long> jobs = scene.systemd.stop(List.of("a.service", "b.service"));
    assertEquals("deactivating/stop-sigterm", scene.is("a.service"));
    assertEquals("deactivating/stop-sigterm", scene.is("b.service"));
    assertNotEquals(jobs.get("a.service"), jobs.get("b.service"));
    long began = scene.systemd.now();
    assertEquals(List.of("done", "done"), scene.results(jobs.values()));
    assertTrue(scene.systemd.now() - began < 600_000, "they did not wait for each other");
  }

  @ParameterizedTest
  @CsvSource({"REPLACE, true", "FAIL, true"})
  void aPendingIrreversibleStopRefusesStarts(JobMode mode, boolean isRefused) {
    scene
        .unit("a.service", SLOW)
        .unit("b.service", "[Unit]\nUpholds=a.service\n" + Scene.SIMPLE)
        .wanted("a.service", "multi-user.target")
        .boot(252);
    stop("a.service");
    assertEquals(isRefused, !scene.systemd.outside().start("a.service"));
    scene.pass(1);
    assertEquals("inactive/dead", scene.is("a.service"));
  }

  @Test
  void aStopPropagatesToWhatRequiresTheUnit() {
    scene
        .unit("a.service", Scene.SIMPLE)
        .unit("b.service", "[Unit]\nRequires=a.service\nAfter=a.service\n" + Scene.SIMPLE)
        .unit("c.service", "[Unit]\nBindsTo=b.service\nAfter=b.service\n" + Scene.SIMPLE)
        .unit("d.service", "[Unit]\nPartOf=a.service\n" + Scene.SIMPLE)
        .unit("e.service", "[Unit]\nWants=a.service\n" + Scene.SIMPLE)
        .boot(252);
    scene.start("c.service");
    scene.start("d.service");
    scene.start("e.service");
    long mark = scene.systemd.history().mark();
    scene.stop("a.service");
    for (String unit : List.of("a", "b", "c", "d")) {
      assertEquals("inactive/dead", scene.is(unit + ".service"));
    }
    assertEquals("active/running", scene.is("e.service"));
    History history = scene.systemd.history();
    assertTrue(
        history.first(mark, "c.service", History.Kind.DOWN)
            < history.first(mark, "b.service", History.Kind.STOPPING));
    assertTrue(
        history.first(mark, "b.service", History.Kind.DOWN)
            < history.first(mark, "a.service", History.Kind.STOPPING));
  }

  @ParameterizedTest
  @CsvSource({"247, false", "249, true", "257, true"})
  void propagatesStopToIsKnownSince249(int version, boolean isKnown) {
    scene
        .unit("a.service", "[Unit]\nPropagatesStopTo=b.service\n" + Scene.SIMPLE)
        .unit("b.service", Scene.SIMPLE)
        .boot(version);
    scene.start("a.service");
    scene.start("b.service");
    scene.stop("a.service");
    assertEquals(isKnown ? "inactive/dead" : "active/running", scene.is("b.service"));
  }

  @ParameterizedTest
  @ValueSource(ints = {247, 252, 257})
  void aTransientOneshotQueuesStartsBeforeItsCommandsRunAndLaterRequestsJoinThem(int version) {
    scene
        .unit("myapi.service", "[Unit]\nAfter=myapi.socket\n" + Scene.SIMPLE)
        .unit("myapi.socket", SOCKET)
        .unit("poll.timer", "[Timer]\nOnActiveSec=1h\nUnit=myapi.service\n");
    List<String> units = List.of("myapi.socket", "poll.timer", "myapi.service");
    units.forEach(scene::gate);
    scene.shut().boot(version);
    List<List<String>> commands =
        List.of(List.of("/bin/mv", "-T", scene.hold().toString(), scene.hold() + ".releasing"));
    int[] tries = {0};
    scene.systemd.adversary(
        (outside, moment) -> {
          if (tries[0]++ < 40) {
            outside.start("myapi.service");
          }
        });
    long mark = scene.systemd.history().mark();
    long job =
        scene.systemd.startOneshotBefore("quietus-open.service", "opens", commands, units, units);
    assertEquals(Map.of(job, "done"), scene.systemd.await(List.of(job), Duration.ofSeconds(10)));
    scene.systemd.adversary(Adversary.NONE);
    scene.pass(1);
    for (String unit : units) {
      assertEquals("active", scene.state(unit).active(), unit);
      assertEquals(1, scene.systemd.history().starts(mark, unit), unit);
    }
    History history = scene.systemd.history();
    assertTrue(
        history.first(mark, "myapi.socket", History.Kind.START)
            < history.first(mark, "myapi.service", History.Kind.START));
    assertFalse(scene.state("quietus-open.service").isFound(), "the oneshot is gone");
  }

  @Test
  void aOneshotWhoseCommandFailsOpensNothing() {
    scene.unit("myapi.service", Scene.SIMPLE).gate("myapi.service").shut().boot(252);
    long job =
        scene.systemd.startOneshotBefore(
            "quietus-open.service",
            "opens",
            List.of(List.of("/bin/mv", "-T", "/nowhere/a", "/nowhere/b")),
            List.of("myapi.service"),
            List.of("myapi.service"));
    assertEquals("failed", scene.results(List.of(job)).get(0));
    scene.pass(1);
    assertEquals(0, scene.starts("myapi.service"));
  }

  @Test
  void connectionsOfAnAcceptingSocketOutliveItsStop() {
    scene
        .unit("echo.socket", "[Socket]\nListenStream=/run/echo.sock\nAccept=yes\n")
        .unit("echo@.service", Scene.SIMPLE)
        .wanted("echo.socket", "sockets.target")
        .boot(252);
    assertTrue(scene.systemd.outside().connect("echo.socket"));
    assertTrue(scene.systemd.outside().connect("echo.socket"));
    scene.pass(0.1);
    assertEquals(2, scene.systemd.loaded("echo@*.service").size());
    scene.stop("echo.socket");
    assertEquals(
        2,
        scene.systemd.loaded("echo@*.service").values().stream()
            .filter(s -> s.active().equals("active"))
            .count());
    assertFalse(scene.systemd.outside().connect("echo.socket"));
    scene.stop(scene.systemd.loaded("echo@*.service").keySet().toArray(String[]::new));
    scene.pass(0.1);
    assertEquals(Map.of(), scene.systemd.loaded("echo@*.service"));
  }

  @Test
  void aUnitThatIgnoresSigtermStopsAtItsTimeoutAndIsFailed() {
    scene
        .unit(
            "deaf.service",
            "[Service]\n"
                + "ExecStart=/bin/sh -c \"trap '' TERM; while :; do sleep 1; done\"\n"
                + "TimeoutStopSec=5\n")
        .wanted("deaf.service", "multi-user.target")
        .boot(252);
    List<Long> jobs = stop("deaf.service");
    assertEquals(Map.of(), scene.systemd.await(jobs, Duration.ofSeconds(2)));
    assertEquals("deactivating/stop-sigterm", scene.is("deaf.service"));
    assertEquals(List.of("done"), scene.results(jobs));
    assertEquals("failed/failed", scene.is("deaf.service"));
  }

  @Test
  void aFailingExecStopLeavesTheUnitFailedThoughTheJobIsDone() {
    scene
        .unit("a.service", Scene.SIMPLE + "ExecStop=/bin/false\n")
        .wanted("a.service", "multi-user.target")
        .boot(252);
    assertEquals(List.of("done"), scene.stop("a.service"));
    assertEquals("failed/failed", scene.is("a.service"));
  }

  @Test
  void killModeProcessLeavesAChildInTheControlGroup() {
    scene
        .unit(
            "a.service",
            "[Service]\n"
                + "ExecStart=/bin/sh -c \"sleep infinity & exec sleep 2\"\n"
                + "KillMode=process\n"
                + "RemainAfterExit=no\n")
        .boot(252);
    scene.start("a.service");
    scene.pass(3);
    assertTrue(scene.state("a.service").isDown());
    assertEquals(
        "/system.slice/a.service",
        scene.systemd.load(List.of("a.service")).get("a.service").traits().controlGroup());
    assertTrue(
        java.nio.file.Files.exists(
            scene.root.resolve("sys/fs/cgroup/system.slice/a.service/cgroup.procs")));
  }

  @Test
  void conflictsStopsTheOther() {
    scene
        .unit("a.service", "[Unit]\nConflicts=b.service\n" + Scene.SIMPLE)
        .unit("b.service", Scene.SIMPLE)
        .boot(252);
    scene.start("b.service");
    scene.start("a.service");
    assertEquals("inactive/dead", scene.is("b.service"));
    scene.start("b.service");
    assertEquals("inactive/dead", scene.is("a.service"));
  }

  @Test
  void requisiteFailsWhereTheOtherIsDown() {
    scene
        .unit("a.service", "[Unit]\nRequisite=b.service\nAfter=b.service\n" + Scene.SIMPLE)
        .unit("b.service", Scene.SIMPLE)
        .boot(252);
    assertEquals("dependency", scene.start("a.service"));
    scene.start("b.service");
    assertEquals("done", scene.start("a.service"));
  }

  @ParameterizedTest
  @CsvSource({"247, false", "252, true"})
  void onSuccessStartsAUnitSince249AndOnFailureAlways(int version, boolean isKnown) {
    scene
        .unit(
            "a.service",
            "[Unit]\n"
                + "OnFailure=f.service\n"
                + "OnSuccess=s.service\n"
                + "[Service]\n"
                + "Type=oneshot\n"
                + "ExecStart=/bin/true\n")
        .unit(
            "b.service",
            "[Unit]\n"
                + "OnFailure=f.service\n"
                + "OnSuccess=s.service\n"
                + "[Service]\n"
                + "Type=oneshot\n"
                + "ExecStart=/bin/false\n")
        .unit("f.service", Scene.SIMPLE)
        .unit("s.service", Scene.SIMPLE)
        .boot(version);
    scene.start("a.service");
    scene.pass(0.1);
    assertEquals(isKnown ? 1 : 0, scene.starts("s.service"));
    assertEquals(0, scene.starts("f.service"));
    scene.start("b.service");
    scene.pass(0.1);
    assertEquals(1, scene.starts("f.service"));
  }

  @Test
  void whatIsMissingRefusesWhatRequiresItAndNotWhatWantsIt() {
    scene
        .unit("a.service", "[Unit]\nRequires=gone.service\n" + Scene.SIMPLE)
        .unit("b.service", "[Unit]\nWants=gone.service\n" + Scene.SIMPLE)
        .boot(252);
    assertThrows(SystemdException.class, () -> scene.systemd.start(List.of("a.service")));
    assertEquals("done", scene.start("b.service"));
  }

  @Test
  void stopOfAUnitThatIsNotThereGivesNoJob() {
    scene.boot(252);
    assertEquals(Map.of(), scene.systemd.stop(List.of("gone.service")));
  }
}
