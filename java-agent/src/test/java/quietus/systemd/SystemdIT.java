// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import quietus.lab.Host;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;

/** What the code assumes about systemd and about its own D-Bus classes, on a real systemd. */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class SystemdIT {
  private static final Duration SOON = Duration.ofMinutes(2);

  /** A stop that ends when the test says so. */
  private static final String WAITING_STOP =
      "ExecStop=/bin/sh -c 'until [ -e /run/go ]; do sleep 0.05; done'\n";

  private static final String SLEEP = "[Service]\nExecStart=/bin/sleep infinity\n";
  private static final String ONESHOT =
      "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n";

  private static Host host;

  private final Set<String> installed = new TreeSet<>();
  private Systemd systemd;

  @SuppressWarnings("unused")
  SystemdIT(String suite) {}

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot(suite);
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    if (host != null) {
      host.close();
      host = null;
    }
  }

  @BeforeEach
  void connect() {
    systemd = host.systemd();
    // connects at the first question
    systemd.version();
  }

  /** Writes unit files and reloads. */
  private void install(String... namesAndTexts) {
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      host.unit(namesAndTexts[i], namesAndTexts[i + 1]);
      installed.add(namesAndTexts[i]);
    }
    host.run("systemctl", "daemon-reload").ok();
  }

  @AfterEach
  void everythingIsGone() {
    host.disconnect();
    StringBuilder script =
        new StringBuilder("rm -rf /etc/systemd/system.control; systemctl daemon-reload\n");
    for (String unit : installed) {
      String name = "'" + unit.replace("@.", "@*.").replace("\\", "\\\\") + "'";
      script
          .append("systemctl kill --signal=KILL ")
          .append(name)
          .append("; systemctl stop ")
          .append(name)
          .append("; rm -rf '/etc/systemd/system/")
          .append(unit)
          .append("'*\n");
    }
    host.sh(script.append("systemctl daemon-reload; systemctl reset-failed").toString());
  }

  private String sub(String unit) {
    return systemd.states(List.of(unit)).get(unit).sub();
  }

  @Test
  void theVersionAndTheUnitPathAreRead() {
    assertEquals(
        host.sh("systemctl --version | sed -n 's/^systemd \\([0-9]*\\).*/\\1/p'").ok(),
        "" + systemd.version());
    List<String> path = systemd.unitPath().stream().map(Object::toString).toList();
    assertEquals(
        List.of(
            "/etc/systemd/system.control",
            "/run/systemd/system.control",
            "/run/systemd/transient",
            "/run/systemd/generator.early",
            "/etc/systemd/system"),
        path.subList(0, 5));
    assertTrue(path.contains("/usr/lib/systemd/system"), path.toString());
  }

  @Test
  void statesAreToldByTheNamesThatWereAskedForInTheirOrder() {
    install(
        "myapi.service",
        SLEEP + "[Install]\nAlias=other.service\n",
        "masked.service",
        SLEEP,
        "1st.service",
        SLEEP,
        "foo\\x2dbar@.service",
        SLEEP);
    host.sh(
            "systemctl enable myapi; mkdir -p /etc/systemd/system.control; ln -s /dev/null"
                + " /etc/systemd/system.control/masked.service; systemctl daemon-reload; systemctl"
                + " start myapi 1st 'foo\\x2dbar@a-b.service'")
        .ok();
    installed.add("other.service");
    State up = new State("loaded", "active", "running", 0);
    List<String> names =
        List.of(
            "masked.service",
            "myapi.service",
            "nothing.service",
            "other.service",
            "foo@.service",
            "1st.service",
            "foo\\x2dbar@a-b.service",
            "no unit",
            "foo\\x2dbar@b.service",
            "-.mount");
    Map<String, State> states = systemd.states(names);
    assertEquals(names, List.copyOf(states.keySet()));
    assertEquals(new State("masked", "inactive", "dead", 0), states.get("masked.service"));
    assertEquals(State.NOT_FOUND, states.get("nothing.service"));
    assertEquals(State.NOT_FOUND, states.get("foo@.service"));
    assertEquals(State.NOT_FOUND, states.get("no unit"));
    assertEquals(up, states.get("myapi.service"));
    assertEquals(up, states.get("other.service"));
    assertEquals(up, states.get("1st.service"));
    assertEquals(up, states.get("foo\\x2dbar@a-b.service"));
    assertEquals(new State("loaded", "inactive", "dead", 0), states.get("foo\\x2dbar@b.service"));
    Map<String, Unit> units = systemd.load(names);
    for (String name : names) {
      assertEquals(states.get(name), units.get(name).state(), name);
    }
    assertEquals("myapi.service", units.get("other.service").id());
    assertEquals(
        Set.of("myapi.service", "other.service"), Set.copyOf(units.get("other.service").names()));
  }

  @Test
  void noNamesAreNoCalls() {
    assertEquals(Map.of(), systemd.states(List.of()));
    assertEquals(Map.of(), systemd.load(List.of()));
    assertEquals(Map.of(), systemd.stop(List.of()));
    assertEquals(Map.of(), systemd.await(List.of(), SOON));
  }

  @Test
  void aUnitIsToldWithItsFilesRelationsAndTraits() {
    install(
        "myapi.service",
        "[Unit]\n"
            + "Requires=base.service\n"
            + "[Service]\n"
            + "Type=notify\n"
            + "NotifyAccess=all\n"
            + "ExecStart=/bin/sh -c 'systemd-notify --ready; sleep infinity'\n"
            + "Restart=always\n"
            + "KillMode=mixed\n"
            + "BusName=com.example.MyApi\n"
            + "FileDescriptorStoreMax=4\n"
            + "[Install]\n"
            + "WantedBy=multi-user.target\n",
        "base.service",
        ONESHOT,
        "myapi.socket",
        "[Socket]\n"
            + "ListenStream=127.0.0.1:8099\n"
            + "ListenStream=0\n"
            + "ListenDatagram=/run/myapi.dgram\n"
            + "ListenFIFO=/run/myapi.fifo\n",
        "each.socket",
        "[Socket]\nListenStream=/run/each\nAccept=yes\n",
        "each@.service",
        SLEEP,
        "myapi.timer",
        "[Timer]\nOnCalendar=yearly\nPersistent=yes\n",
        "boot.timer",
        "[Timer]\nOnBootSec=1y\nUnit=myapi.service\n",
        "after.timer",
        "[Timer]\nOnActiveSec=1y\nUnit=myapi.service\n");
    host.write(
        "/etc/systemd/system/myapi.service.d/extra.conf", "[Service]\nEnvironment=A=B\n", 0644);
    host.sh(
            "systemctl daemon-reload; systemctl enable myapi; systemctl start base each.socket"
                + " myapi.timer boot.timer after.timer")
        .ok();
    Map<String, Unit> units =
        systemd.load(
            List.of(
                "myapi.service",
                "base.service",
                "myapi.socket",
                "each.socket",
                "myapi.timer",
                "boot.timer",
                "after.timer"));
    Unit service = units.get("myapi.service");
    assertEquals(
        new Unit.File(
            "/etc/systemd/system/myapi.service",
            List.of("/etc/systemd/system/myapi.service.d/extra.conf"),
            "enabled",
            false,
            false),
        service.file());
    // only what is loaded: the socket is not
    assertEquals(
        Set.of("myapi.timer", "boot.timer", "after.timer"),
        Set.copyOf(service.related(Relation.TRIGGERED_BY)));
    assertEquals(List.of("multi-user.target"), service.related(Relation.WANTED_BY));
    assertEquals(List.of("myapi.service"), units.get("base.service").related(Relation.REQUIRED_BY));
    assertEquals(List.of("myapi.service"), units.get("myapi.socket").related(Relation.TRIGGERS));
    Unit.Traits traits = service.traits();
    assertEquals(
        "notify always com.example.MyApi false ''",
        traits.serviceType()
            + " "
            + traits.restart()
            + " "
            + traits.busName()
            + " "
            + traits.remainAfterExit()
            + " '"
            + traits.controlGroup()
            + "'");
    assertTrue(units.get("base.service").traits().remainAfterExit());
    // systemd takes no port 0
    assertEquals(
        List.of("Stream 127.0.0.1:8099", "Datagram /run/myapi.dgram", "FIFO /run/myapi.fifo"),
        units.get("myapi.socket").traits().listens());
    assertFalse(units.get("myapi.socket").traits().accepts());
    assertTrue(units.get("each.socket").traits().accepts());
    // a socket that runs no command has none on systemd 262
    assertTrue(
        Set.of("", "/system.slice/each.socket")
            .contains(units.get("each.socket").traits().controlGroup()));
    assertTrue(units.get("myapi.timer").traits().persistent());
    assertFalse(units.get("myapi.timer").traits().monotonic());
    assertFalse(units.get("boot.timer").traits().monotonic());
    assertTrue(units.get("after.timer").traits().monotonic());

    // the socket would refuse to start once its service is active
    host.run("systemctl", "start", "myapi.service").ok();
    Unit running = systemd.load(List.of("myapi.service")).get("myapi.service");
    assertEquals("/system.slice/myapi.service", running.traits().controlGroup());
    assertEquals(traits.restart(), running.traits().restart());
    assertEquals(traits.busName(), running.traits().busName());
    assertEquals("notify", running.traits().serviceType());

    host.sh(
            "echo '[Unit]' >/etc/systemd/system/myapi.service.d/extra.conf; touch -d '+1 second'"
                + " /etc/systemd/system/myapi.service.d/extra.conf")
        .ok();
    assertTrue(systemd.load(List.of("myapi.service")).get("myapi.service").file().needsReload());
    host.run("systemd-run", "--unit=passing", "sleep", "infinity").ok();
    Unit passing = systemd.load(List.of("passing.service")).get("passing.service");
    assertTrue(passing.file().isTransient());
    assertEquals("/run/systemd/transient/passing.service", passing.file().fragment());
    host.run("systemctl", "stop", "passing").ok();
  }

  @Test
  void acceptedConnectionsAreCounted() {
    install(
        "each.socket",
        "[Socket]\nListenStream=/run/each\nAccept=yes\n",
        "each@.service",
        "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n");
    host.run("systemctl", "start", "each.socket").ok();
    host.sh(
            "for i in 1 2 3; do (sleep 5 | nc -U /run/each >/dev/null 2>&1 &) ; done; until ["
                + " $(systemctl show -p NConnections --value each.socket) = 3 ]; do sleep 0.02;"
                + " done")
        .ok();
    assertEquals(3, systemd.loaded("each@*.service").size());
  }

  @Test
  void aThousandUnitsAreLoadedStartedAndStoppedWithoutADeadlock() {
    install("many@.service", "[Unit]\nDefaultDependencies=no\n" + ONESHOT);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      names.add("many@" + i + ".service");
    }
    Map<String, Long> starts = systemd.start(names);
    assertEquals(names, List.copyOf(starts.keySet()));
    Map<Long, String> started = systemd.await(starts.values(), Duration.ofMinutes(2));
    assertEquals(1000, started.size());
    assertEquals(Set.of("done"), Set.copyOf(started.values()));
    for (Unit unit : systemd.load(names).values()) {
      assertEquals(new State("loaded", "active", "exited", 0), unit.state());
      assertEquals("oneshot", unit.traits().serviceType());
    }
    Map<String, Long> stops = systemd.stop(names);
    assertEquals(1000, stops.size());
    Map<Long, String> stopped = systemd.await(stops.values(), Duration.ofMinutes(2));
    assertEquals(1000, stopped.size());
    for (State state : systemd.states(names).values()) {
      assertTrue(state.isDown(), state.toString());
    }
    assertEquals(Map.of(), systemd.loaded("many@*.service"));
  }

  @Test
  void stopsAreInFlightTogetherAndEachTellsItsResult() {
    String slow = SLEEP + WAITING_STOP;
    install("a.service", slow, "b.service", slow, "c.service", slow);
    host.sh("rm -f /run/go; systemctl start a b c").ok();
    Map<String, Long> jobs =
        systemd.stop(List.of("a.service", "b.service", "nothing.service", "c.service"));
    assertEquals(List.of("a.service", "b.service", "c.service"), List.copyOf(jobs.keySet()));
    assertEquals(
        jobs.get("b.service"), systemd.states(List.of("b.service")).get("b.service").job());
    // all three are stopping at the same time
    host.sh(
            "for u in a b c; do until [ $(systemctl show --value -p SubState $u) = stop ]; do sleep"
                + " 0.05; done; done; touch /run/go")
        .ok();
    Map<Long, String> results = systemd.await(jobs.values(), SOON);
    assertEquals(List.of("done", "done", "done"), List.copyOf(results.values()));
    assertTrue(
        systemd.states(List.of("a.service", "b.service", "c.service")).values().stream()
            .allMatch(State::isDown));
  }

  @Test
  void aStartIsRefusedWhileTheUnitIsStopped() {
    install("slow.service", SLEEP + "ExecStop=/bin/sleep 2\n", "good.service", SLEEP);
    host.run("systemctl", "start", "slow").ok();
    long stop = systemd.stop(List.of("slow.service")).get("slow.service");
    SystemdException refusal =
        assertThrows(
            SystemdException.class, () -> systemd.start(List.of("slow.service", "good.service")));
    assertTrue(
        refusal.getMessage().contains("slow.service")
            && !refusal.getMessage().contains("good.service"),
        refusal.getMessage());
    assertEquals("org.freedesktop.systemd1.TransactionIsDestructive", refusal.error());
    assertEquals(Map.of(stop, "done"), systemd.await(List.of(stop), SOON));
    assertEquals("running", sub("good.service"));
  }

  @Test
  void aJobThatEndedBeforeTheWaitIsToldWithItsResult() {
    install(
        "quick.service",
        SLEEP,
        "fails.service",
        "[Service]\nType=oneshot\nExecStart=/bin/false\n",
        "closed.service",
        "[Unit]\nAssertPathExists=/nonexistent\n" + SLEEP);
    host.run("systemctl", "start", "quick").ok();
    long stop = systemd.stop(List.of("quick.service")).get("quick.service");
    Map<String, Long> starts = systemd.start(List.of("fails.service", "closed.service"));
    host.sh("until [ \"$(systemctl list-jobs --no-legend | wc -l)\" = 0 ]; do sleep 0.02; done")
        .ok();
    assertEquals(
        Map.of(
            stop,
            "done",
            starts.get("fails.service"),
            "failed",
            starts.get("closed.service"),
            "assert"),
        systemd.await(
            List.of(stop, starts.get("fails.service"), starts.get("closed.service")),
            Duration.ZERO));
    assertEquals(1, systemd.refused(List.of("closed.service", "fails.service")));
  }

  @Test
  void aJobThatEndedBeforeTheConnectionWasMadeIsNotWaitedFor() {
    install("quick.service", SLEEP);
    long job = systemd.start(List.of("quick.service")).get("quick.service");
    assertEquals(Map.of(job, "done"), systemd.await(List.of(job), SOON));
    host.disconnect();
    assertEquals(Map.of(job, "unknown"), host.systemd().await(List.of(job), SOON));
  }

  @Test
  void aWaitIsOverAtItsLimitAndTheJobsEndIsStillSeenLater() {
    install("slow.service", SLEEP + WAITING_STOP, "quick.service", SLEEP);
    host.sh("rm -f /run/go; systemctl start slow quick").ok();
    Map<String, Long> jobs = systemd.stop(List.of("slow.service", "quick.service"));
    assertEquals(
        "done",
        systemd.await(List.of(jobs.get("quick.service")), SOON).get(jobs.get("quick.service")));
    assertEquals(
        Map.of(jobs.get("quick.service"), "done"),
        systemd.await(jobs.values(), Duration.ofSeconds(1)));
    assertEquals("stop", sub("slow.service"));
    host.sh("touch /run/go").ok();
    assertEquals(
        Map.of(jobs.get("slow.service"), "done"),
        systemd.await(List.of(jobs.get("slow.service")), SOON));
    assertEquals("dead", sub("slow.service"));
  }

  @Test
  void aStopIsRefusedByNameAfterTheOthersWereQueued() {
    install("quick.service", SLEEP);
    host.run("systemctl", "start", "quick").ok();
    SystemdException refusal =
        assertThrows(
            SystemdException.class, () -> systemd.stop(List.of("-.slice", "quick.service")));
    assertTrue(
        refusal.getMessage().contains("-.slice") && !refusal.getMessage().contains("quick.service"),
        refusal.getMessage());
    assertFalse(refusal.error().isEmpty());
    host.sh("until [ \"$(systemctl list-jobs --no-legend | wc -l)\" = 0 ]; do sleep 0.02; done")
        .ok();
    assertEquals("dead", sub("quick.service"));
  }

  @Test
  void aReloadTakesInWhatIsOnTheDiskAndTheConnectionLivesOn() {
    install("myapi.service", SLEEP);
    host.run("systemctl", "start", "myapi").ok();
    long before = systemd.lastReload();
    host.write(
        "/etc/systemd/system/myapi.service.d/gate.conf", "[Unit]\nDescription=edited\n", 0644);
    long job = systemd.stop(List.of("myapi.service")).get("myapi.service");
    systemd.reload();
    assertEquals(Map.of(job, "done"), systemd.await(List.of(job), SOON));
    assertEquals(
        List.of("/etc/systemd/system/myapi.service.d/gate.conf"),
        systemd.load(List.of("myapi.service")).get("myapi.service").file().dropIns());
    long now = System.currentTimeMillis() * 1000;
    assertTrue(before > now - 3_600_000_000L && before < now, before + " " + now);
    if (systemd.version() >= 250) {
      assertTrue(systemd.lastReload() > before);
    }
  }

  @Test
  void aReExecutionIsNoticedAndOutlasted() {
    install(
        "slow.service",
        SLEEP + "ExecStop=/bin/sh -c 'while [ ! -e /run/go ]; do sleep .1; done'\n");
    for (String way : List.of("system", "bus")) {
      Systemd asking = host.systemd(way);
      host.sh("rm -f /run/go; systemctl start slow").ok();
      Map<String, Long> jobs = asking.stop(List.of("slow.service"));
      CompletableFuture<Map<Long, String>> results =
          CompletableFuture.supplyAsync(() -> asking.await(jobs.values(), SOON));
      host.run("systemctl", "daemon-reexec").ok();
      assertFalse(results.isDone(), way);
      host.run("touch", "/run/go").ok();
      assertEquals(Map.of(jobs.get("slow.service"), "done"), results.join(), way);
      host.run("systemctl", "daemon-reexec").ok();
      assertTrue(asking.states(List.of("cron.service")).get("cron.service").isUp(), way);
    }
  }

  /** The job ends while nobody is connected, so its result is unknown. */
  @Test
  void aJobThatAReExecutionEndsIsFoundToHaveEnded() {
    install("a.service", SLEEP, "b.service", SLEEP);
    host.run("systemctl", "start", "a").ok();
    Map<String, Long> jobs = systemd.stop(List.of("a.service"));
    host.sh("systemctl daemon-reexec").ok();
    Map<Long, String> results = systemd.await(jobs.values(), SOON);
    assertTrue(
        Set.of("done", "unknown").contains(results.get(jobs.get("a.service"))), results.toString());
    assertEquals("dead", sub("a.service"));
  }

  @Test
  void aOneshotRunsBeforeTheUnitsThatItWantsWhateverTheirKind() {
    install(
        "myapi.service",
        SLEEP + "ExecStartPre=/bin/sh -c 'date +%%s.%%N >/run/service-started'\n",
        "myapi.socket",
        "[Socket]\nListenStream=/run/myapi.sock\n",
        "myapi.timer",
        "[Timer]\nOnActiveSec=1y\n",
        "myapi.path",
        "[Path]\nPathExists=/run/nothing\n",
        "plain.target",
        "[Unit]\nDescription=a target\n");
    List<String> units =
        List.of("myapi.socket", "myapi.timer", "myapi.path", "plain.target", "myapi.service");
    long job =
        systemd.startOneshotBefore(
            "quietus-it.service",
            "opens \u00fcmlauts and \"quotes\"",
            List.of(
                List.of(
                    "/bin/sh",
                    "-c",
                    "sleep 0.3; systemctl list-jobs --no-legend --plain >/run/jobs"),
                List.of("/bin/sh", "-c", "date +%s.%N >/run/oneshot-ended")),
            units,
            units);
    assertEquals(Map.of(job, "done"), systemd.await(List.of(job), SOON));
    List<Long> members =
        systemd.states(units).values().stream().map(State::job).filter(id -> id != 0).toList();
    systemd.await(members, SOON);
    String waiting = host.run("cat", "/run/jobs").ok();
    for (String unit : units) {
      assertTrue(systemd.states(List.of(unit)).get(unit).isUp(), unit);
      assertTrue(
          waiting.contains(unit),
          "no start of " + unit + " was queued while the oneshot ran:\n" + waiting);
    }
    assertTrue(
        Double.parseDouble(host.run("cat", "/run/oneshot-ended").ok())
            < Double.parseDouble(host.run("cat", "/run/service-started").ok()));
    assertEquals(
        State.NOT_FOUND, systemd.states(List.of("quietus-it.service")).get("quietus-it.service"));
    assertEquals("", host.sh("journalctl -b -q -o cat -g 'ordering cycle'").out());
  }

  @Test
  void aOneshotIsAlsoBeforeUnitsThatItDoesNotWant() {
    install(
        "myapi.service",
        "[Unit]\nRequires=base.service\nAfter=base.service\n" + SLEEP,
        "base.service",
        "[Service]\nExecStart=/bin/sh -c 'test -e /run/oneshot-ran && sleep infinity'\n");
    long job =
        systemd.startOneshotBefore(
            "quietus-it.service",
            "first",
            List.of(List.of("/bin/sleep", "0.5"), List.of("/bin/touch", "/run/oneshot-ran")),
            List.of("myapi.service"),
            List.of("myapi.service", "base.service"));
    assertEquals(Map.of(job, "done"), systemd.await(List.of(job), SOON));
    systemd.await(
        systemd.states(List.of("myapi.service")).values().stream()
            .map(State::job)
            .filter(id -> id != 0)
            .toList(),
        SOON);
    host.run("sleep", "0.3").ok();
    assertEquals("running", sub("base.service"));
    assertEquals("running", sub("myapi.service"));
    host.run("rm", "/run/oneshot-ran").ok();
  }

  @Test
  void aOneshotThatFailsLetsTheUnitsStartAndIsForgotten() {
    install("myapi.service", SLEEP);
    long job =
        systemd.startOneshotBefore(
            "quietus-it.service",
            "fails",
            List.of(List.of("/bin/false")),
            List.of("myapi.service"),
            List.of("myapi.service"));
    assertEquals(Map.of(job, "failed"), systemd.await(List.of(job), SOON));
    assertEquals(
        State.NOT_FOUND, systemd.states(List.of("quietus-it.service")).get("quietus-it.service"));
  }

  @Test
  void aOneshotOfANameThatIsTakenIsRefused() {
    install("quietus-it.service", SLEEP);
    host.run("systemctl", "start", "quietus-it").ok();
    SystemdException refusal =
        assertThrows(
            SystemdException.class,
            () ->
                systemd.startOneshotBefore(
                    "quietus-it.service",
                    "again",
                    List.of(List.of("/bin/true")),
                    List.of(),
                    List.of()));
    assertTrue(refusal.getMessage().contains("quietus-it.service"), refusal.getMessage());
  }

  @Test
  void aOneshotWorksInEarlyBoot() {
    String calls =
        "[\"startOneshotBefore\",\"quietus-it.service\",\"early\",[[\"/bin/touch\",\"/run/oneshot-ran\"]],[\"early.socket\",\"early.timer\"],[\"early.socket\",\"early.timer\"],[\"early.socket\",\"early.timer\"]]";
    host.systemd("system").version();
    host.write("/opt/calls", calls + "\n", 0644);
    install(
        "early.socket",
        "[Socket]\nListenStream=/run/early.sock\n[Install]\nWantedBy=sockets.target\n",
        "early.timer",
        "[Timer]\nOnActiveSec=1y\nUnit=early.service\n",
        "early.service",
        SLEEP,
        "release.service",
        "[Unit]\n"
            + "DefaultDependencies=no\n"
            + "Before=sysinit.target\n"
            + "After=systemd-journald.socket local-fs.target\n"
            + "[Service]\n"
            + "Type=oneshot\n"
            + "ExecStart=/bin/sh -c '"
            + host.systemdServer("system")
            + " </opt/calls >/run/answers'\n[Install]\nWantedBy=sysinit.target\n");
    host.run("systemctl", "enable", "early.socket", "release.service").ok();
    host.reboot();
    String answers = host.run("cat", "/run/answers").ok();
    assertFalse(answers.contains("error"), answers);
    assertEquals("active", host.run("systemctl", "is-active", "early.socket").out().strip());
    assertEquals("active", host.run("systemctl", "is-active", "early.timer").out().strip());
    host.run("test", "-e", "/run/oneshot-ran").ok();
    assertEquals("", host.sh("journalctl -b -q -o cat -g 'ordering cycle|Breaking'").out());
    host.run("systemctl", "disable", "early.socket", "release.service").ok();
  }

  @Test
  void theBusGivesTheSameAnswersAsTheManagersOwnSocket() {
    install("myapi.service", SLEEP + "ExecStop=/bin/sleep 1\n");
    host.run("systemctl", "start", "myapi").ok();
    Systemd bus = host.systemd("bus");
    assertEquals(systemd.version(), bus.version());
    assertEquals(systemd.unitPath(), bus.unitPath());
    assertEquals(systemd.lastReload(), bus.lastReload());
    List<String> names =
        List.copyOf(
            systemd
                .loaded(
                    "*.service", "*.socket", "*.timer", "*.target", "*.slice", "*.scope", "*.path")
                .keySet());
    assertTrue(names.size() > 50, names.toString());
    Map<String, Unit> direct = systemd.load(names);
    Map<String, Unit> byBus = bus.load(names);
    for (String name : names) {
      assertEquals(direct.get(name), byBus.get(name));
    }
    assertEquals(systemd.states(names), bus.states(names));
    assertEquals(systemd.loaded("*"), bus.loaded("*"));
    Map<String, Long> jobs = bus.stop(List.of("myapi.service"));
    // both receive the signals: the bus by a subscription, the socket without one
    assertEquals("done", bus.await(jobs.values(), SOON).get(jobs.get("myapi.service")));
    assertEquals("done", systemd.await(jobs.values(), SOON).get(jobs.get("myapi.service")));
  }

  @Test
  void aThousandCallsFitThroughTheBus() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      names.add("none" + i + ".service");
    }
    Map<String, Unit> units = host.systemd("bus").load(names);
    assertEquals(1000, units.size());
    assertEquals(
        Collections.nCopies(1000, State.NOT_FOUND),
        units.values().stream().map(Unit::state).toList());
  }

  @Test
  void aChangeIsReportedOnceAndAnotherUnitsIsNot() {
    install("myapi.service", SLEEP, "other.service", SLEEP);
    systemd.states(List.of("myapi.service"));
    assertFalse(systemd.awaitChange(List.of("myapi.service"), Duration.ofMillis(300)));
    host.run("systemctl", "start", "other").ok();
    assertFalse(systemd.awaitChange(List.of("myapi.service"), Duration.ofMillis(300)));
    // after the states were read, before the wait
    systemd.states(List.of("myapi.service"));
    host.run("systemctl", "start", "myapi").ok();
    assertTrue(systemd.awaitChange(List.of("other.service", "myapi.service"), SOON));
    // during the wait
    systemd.states(List.of("myapi.service"));
    while (systemd.awaitChange(List.of("myapi.service"), Duration.ofMillis(300))) {
      systemd.states(List.of("myapi.service"));
    }
    CompletableFuture<Host.Result> killed =
        CompletableFuture.supplyAsync(() -> host.sh("sleep 0.5; systemctl kill myapi"));
    assertTrue(systemd.awaitChange(List.of("myapi.service"), SOON));
    killed.join().ok();
  }

  @Test
  void askingForAUnitThatIsNotLoadedIsNoChangeOfIt() {
    install("idle.service", SLEEP);
    for (int i = 0; i < 3; i++) {
      assertEquals("dead", sub("idle.service"));
      assertFalse(systemd.awaitChange(List.of("idle.service"), Duration.ofMillis(200)));
    }
  }

  @Test
  void theUsersManagerIsReachedByItsOwnSocketAlsoWithoutASession() {
    host.sh(
            "loginctl enable-linger deploy; until systemctl is-active --quiet user@$(id -u"
                + " deploy).service; do sleep 0.02; done")
        .ok();
    host.sh(
            "mkdir -p ~deploy/.config/systemd/user; printf '[Service]\\n"
                + "ExecStart=/bin/sleep infinity\\n"
                + "' >~deploy/.config/systemd/user/mine.service")
        .ok();
    Systemd user = host.systemd("deploy:user");
    user.reload();
    assertTrue(
        user.unitPath().get(0).toString().startsWith("/home/deploy/.config/systemd/user.control"),
        user.unitPath().toString());
    Map<String, Long> start = user.start(List.of("mine.service"));
    assertEquals("done", user.await(start.values(), SOON).get(start.get("mine.service")));
    Unit mine = user.load(List.of("mine.service")).get("mine.service");
    assertEquals("/home/deploy/.config/systemd/user/mine.service", mine.file().fragment());
    assertTrue(
        mine.traits().controlGroup().endsWith("/mine.service"), mine.traits().controlGroup());
    assertEquals("not-found", systemd.states(List.of("mine.service")).get("mine.service").load());
    long oneshot =
        user.startOneshotBefore(
            "quietus-it.service",
            "of a user",
            List.of(List.of("/bin/true")),
            List.of("mine.service"),
            List.of("mine.service"));
    assertEquals(Map.of(oneshot, "done"), user.await(List.of(oneshot), SOON));
    Map<String, Long> stop = user.stop(List.of("mine.service"));
    assertEquals("done", user.await(stop.values(), SOON).get(stop.get("mine.service")));
  }

  @Test
  void aUserWithoutAManagerIsAClearError() {
    SystemdException none =
        assertThrows(SystemdException.class, () -> host.systemd("admin:user").version());
    assertTrue(
        none.getMessage().contains("/run/user/")
            && none.getMessage().contains("loginctl enable-linger"),
        none.getMessage());
  }

  @Test
  void anUnprivilegedUserMayReadAndNotChange() {
    Systemd looking = host.systemd("admin:system");
    assertTrue(looking.states(List.of("cron.service")).get("cron.service").isUp());
    assertEquals(systemd.load(List.of("cron.service")), looking.load(List.of("cron.service")));
    SystemdException refusal =
        assertThrows(SystemdException.class, () -> looking.stop(List.of("cron.service")));
    assertTrue(refusal.getMessage().contains("cron.service"), refusal.getMessage());
    assertTrue(systemd.states(List.of("cron.service")).get("cron.service").isUp());
  }
}
