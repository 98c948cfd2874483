// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.hold.Lease;
import quietus.hold.Now;
import quietus.hold.Until;
import quietus.model.ModelSystemd;
import quietus.protocol.InfoRequest;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.Scope;
import quietus.protocol.VerbRequest;

/** The one runner of all leases, and the clock that they go by, which is injected here. */
class LeaseRunnerTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path root;

  private ModelSystemd systemd;
  private ModelHost host;

  @BeforeEach
  void boot() throws IOException {
    write("quietus.jar", "a jar");
    for (String unit : List.of("a", "b", "c")) {
      write("etc/systemd/system/" + unit + ".service", "[Service]\nExecStart=/bin/sleep inf\n");
    }
    systemd = ModelSystemd.boot(root, 252);
    systemd.await(
        systemd.start(List.of("a.service", "b.service", "c.service")).values(),
        Duration.ofSeconds(5));
    host = new ModelHost(root, systemd);
    time("boot-1", 1000, START);
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void time(String boot, long uptime, Instant clock) throws IOException {
    write("proc/sys/kernel/random/boot_id", boot + "\n");
    write("proc/uptime", uptime + ".25 1.00\n");
    host.setClock(clock);
  }

  private Report ok(Request request) {
    Report report = host.run(request);
    assertFalse(report.failed(), report.msg());
    return report;
  }

  private Report info() {
    return ok(new InfoRequest(new Scope(List.of(), false)));
  }

  private static VerbRequest leased(Duration lease, String... units) {
    return ModelHost.lease(lease, ModelHost.quiesce(units));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(file -> !Files.isDirectory(file))
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.contains("quietus") && !file.contains("/lock"))
          .filter(file -> !file.equals("quietus.jar"))
          // the launcher, which stays
          .filter(file -> !file.startsWith("var/lib/quietus/agent/") && !file.endsWith("/quietus"))
          .sorted()
          .toList();
    }
  }

  private String armed() throws IOException {
    return Files.readString(root.resolve("run/systemd/system/quietus-lease.timer.d/armed.conf"));
  }

  private void assertUp(String... units) {
    for (String unit : List.of("a.service", "b.service", "c.service")) {
      assertEquals(List.of(units).contains(unit), systemd.peek(unit).isUp(), unit);
    }
  }

  @Test
  void allLeasesHaveOneRunnerArmedForTheFirst() throws IOException {
    ok(leased(Duration.ofHours(2), "a.service"));
    assertTrue(armed().contains("OnActiveSec=7200\n"), armed());
    ok(leased(Duration.ofHours(1), "b.service"));
    assertTrue(armed().contains("OnActiveSec=3600\n"), armed());
    ok(leased(Duration.ofHours(3), "c.service"));
    assertTrue(armed().contains("OnActiveSec=3600\n"), armed());
    List<String> runner = files().stream().filter(file -> !file.contains("quietus/holds")).toList();
    assertEquals(
        8, runner.size(), "three gates, jar, service, timer, its link, what arms it: " + runner);
    ok(ModelHost.release("b.service"));
    assertTrue(armed().contains("OnActiveSec=7200\n"), armed());
    ok(ModelHost.release("a.service", "c.service"));
    assertEquals(List.of(), files());
  }

  @Test
  void aLeaseThatIsTakenAwayTakesTheRunnerWithIt() throws IOException {
    ok(leased(MINUTE, "a.service"));
    ok(leased(Duration.ZERO, "a.service"));
    assertEquals(2, files().size(), "gate and record: " + files());
  }

  @Test
  void whateverIsDueIsReleasedAndNothingElse() throws IOException {
    ok(leased(MINUTE, "a.service", "b.service"));
    ok(leased(DAY, "c.service"));
    time("boot-1", 1030, START.plusSeconds(30));
    assertFalse(ok(ModelHost.expired()).changed());
    assertUp();
    time("boot-1", 1061, START.plusSeconds(61));
    assertTrue(ok(ModelHost.expired()).changed());
    assertUp("a.service", "b.service");
    assertTrue(armed().contains("OnActiveSec=" + (86_400 - 61) + "\n"), armed());
    assertEquals(List.of(), info().warnings());
  }

  @Test
  void aLeaseCountsTheTimeThatPassesWhateverTheClockDoes() throws IOException {
    for (Duration jump : List.of(DAY.negated(), DAY)) {
      time("boot-1", 1000, START);
      ok(leased(MINUTE, "a.service"));
      time("boot-1", 1030, START.plus(jump).plusSeconds(30));
      assertFalse(ok(ModelHost.expired()).changed(), "not before its time");
      assertTrue(info().warnings().toString().contains("clock was changed"), "a sentence says so");
      time("boot-1", 1060, START.plus(jump).plusSeconds(60));
      assertTrue(ok(ModelHost.expired()).changed(), "at its time");
      assertUp("a.service", "b.service", "c.service");
    }
    assertEquals(List.of(), files());
  }

  @Test
  void aLeaseThatIsRenewedAfterAJumpBackIsArmed() throws IOException {
    ok(leased(MINUTE, "a.service"));
    time("boot-1", 1030, START.minus(DAY));
    ok(leased(MINUTE, "a.service"));
    assertTrue(armed().contains("OnActiveSec=60\n") && armed().contains("2025-12-31"), armed());
    time("boot-1", 1090, START.minus(DAY).plusSeconds(60));
    assertTrue(ok(ModelHost.expired()).changed());
  }

  @Test
  void acrossABootALeaseGoesByTheClockAndCountsOnInThatBoot() throws IOException {
    ok(leased(MINUTE, "a.service"));
    Files.delete(root.resolve("run/systemd/system/quietus-lease.timer.d/armed.conf"));
    time("boot-2", 5, START.plusSeconds(40));
    assertFalse(ok(ModelHost.expired()).changed());
    assertTrue(armed().contains("OnActiveSec=20\n"), armed());
    time("boot-2", 24, START.plus(DAY));
    assertFalse(ok(ModelHost.expired()).changed(), "the clock counts no more in this boot");
    time("boot-2", 26, START.minus(DAY));
    assertTrue(ok(ModelHost.expired()).changed());
  }

  @Test
  void aClockThatABootSetBackIsTold() throws IOException {
    ok(leased(MINUTE, "a.service"));
    time("boot-2", 5, START.minus(DAY));
    assertTrue(info().warnings().toString().contains("before the lease was set"));
  }

  @Test
  void anOverdueLeaseIsToldLoudly() throws IOException {
    ok(leased(MINUTE, "a.service"));
    assertFalse(info().holds().get(0).overdue());
    time("boot-1", 1070, START.plusSeconds(70));
    assertTrue(info().holds().get(0).overdue());
    String told = info().warnings().toString();
    assertTrue(told.contains("a.service is overdue since 2026-01-01T00:01:00Z"), told);
    told = ok(ModelHost.quiesce("b.service")).warnings().toString();
    assertTrue(told.contains("overdue since"), told);
  }

  @Test
  void aLeaseWhoseRunnerIsGoneIsTold() throws IOException {
    ok(leased(MINUTE, "a.service"));
    Files.delete(root.resolve("etc/systemd/system/quietus-lease.timer"));
    assertTrue(info().warnings().toString().contains("what ends the lease on a.service"));
    assertTrue(ok(leased(MINUTE, "a.service")).changed());
    assertEquals(List.of(), info().warnings());
  }

  @Test
  void aHoldThatCannotBeReleasedKeepsNoOtherOneDown() throws IOException {
    ok(leased(MINUTE, "a.service", "b.service"));
    Path file = root.resolve("etc/systemd/system/a.service");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/null"));
    time("boot-1", 1070, START.plusSeconds(70));
    Report report = ok(ModelHost.expired());
    assertTrue(report.warnings().toString().contains("masked by an administrator"));
    assertTrue(systemd.peek("b.service").isUp());
    assertTrue(armed().contains("OnActiveSec=60\n"), "tried again in a minute: " + armed());
    Report again = host.run(ModelHost.expired());
    assertTrue(again.failed() && again.msg().contains("masked by an administrator"));
  }

  /** Ends a run as kill -9 does. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void killedAfter(String step, VerbRequest request) {
    assertThrows(
        Killed.class,
        () ->
            host.run(
                request,
                ended -> {
                  if (ended.equals(step)) {
                    throw new Killed();
                  }
                }));
  }

  @Test
  void whatAKilledQuiesceLeavesIsNamedAndTakenAwayByTheNextRun() throws IOException {
    for (String step : List.of("gates", "reload")) {
      ok(leased(DAY, "b.service"));
      List<String> before = files();
      killedAfter(step, leased(Duration.ofHours(1), "a.service"));
      String told = info().warnings().toString();
      assertTrue(told.contains("gates of a.service were left"), step + told);
      Report next = ok(leased(DAY, "b.service"));
      assertTrue(next.warnings().toString().contains("gates of a.service were left"), step);
      assertEquals(before, files(), step + ": nothing of the hold is touched");
      assertEquals(List.of(), info().warnings(), step);
      ok(ModelHost.release("b.service"));
      assertEquals(List.of(), files());
    }
  }

  @Test
  void filesOfALeaseThatNoHoldHasAreTakenAway() throws IOException {
    killedAfter("reload", leased(MINUTE, "a.service"));
    write("etc/systemd/system/quietus-lease-old.service.timer", "[Timer]\nOnCalendar=daily\n");
    String told = info().warnings().toString();
    assertTrue(told.contains("quietus-lease.timer") && told.contains(".jar"), told);
    assertTrue(told.contains("quietus-lease-old.service.timer"), told);
    ok(ModelHost.quiesce("b.service"));
    assertEquals(2, files().size(), "gate and record of b: " + files());
    assertEquals(List.of(), info().warnings());
  }

  @Test
  void masksBesideGatesWithoutARecordAreNamedAndLeft() throws IOException {
    ok(ModelHost.quiesce("a.service"));
    Files.delete(root.resolve("etc/quietus/holds/a.service"));
    List<String> before = files();
    assertTrue(info().warnings().toString().contains("without its record"));
    ok(ModelHost.quiesce("b.service"));
    ok(ModelHost.release("b.service"));
    assertEquals(before, files());
  }

  private void arm(Lease lease, Now now, long least) {
    new Disk(Layout.system(root))
        .leases()
        .arm(
            Until.RELEASED,
            List.of(lease),
            now,
            least,
            root.resolve("quietus.jar"),
            "/usr/bin/java",
            false);
  }

  /** A lease of a second may be over before its timer is armed. */
  @Test
  void aLeaseThatEndsWhileItIsSetIsReleasedAtOnce() throws IOException {
    Lease lease = Lease.of(Duration.ofSeconds(1), new Now(START, "x", 10));
    arm(lease, new Now(START.plusSeconds(1), "x", 11), 0);
    assertTrue(armed().contains("OnActiveSec=1\n"), armed());
    arm(lease, new Now(START.plusSeconds(1), "x", 11), 10);
    assertTrue(armed().contains("OnActiveSec=60\n"), "its release was tried: " + armed());
  }

  /** OnCalendar= has whole seconds: a run before the lease ends would put off the next by 10 s. */
  @Test
  void theTimerDoesNotFireBeforeTheLeaseEnds() throws IOException {
    Now now = new Now(START.plusMillis(990), "x", 10);
    arm(Lease.of(Duration.ofSeconds(1), now), now, 0);
    assertTrue(armed().contains("OnCalendar=2026-01-01 00:00:02 UTC\n"), armed());
  }

  @Test
  void aLeaseIsOverWhenItsTimeHasPassed() {
    Now now = new Now(START, "x", 10);
    Lease lease = Lease.of(MINUTE, now);
    assertEquals(60, lease.left(now));
    assertEquals(0, lease.left(new Now(START.minus(DAY), "x", 70)));
    assertEquals(1, lease.left(new Now(START.plusMillis(59_001), "y", 7)));
    assertEquals(lease, lease.in(now));
    assertEquals(
        new Lease(START.plusSeconds(60), "y", 7, 50),
        lease.in(new Now(START.plusSeconds(10), "y", 7)));
  }
}
