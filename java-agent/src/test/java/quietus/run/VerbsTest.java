// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.model.ModelSystemd;
import quietus.protocol.Report;
import quietus.protocol.VerbRequest;
import quietus.unit.UnitName;

/** What each verb does and says in cases that random families meet too seldom. */
class VerbsTest {
  private static final String SERVICE = "[Service]\nExecStart=/bin/sleep infinity\n";

  @TempDir private Path root;

  @BeforeEach
  void jar() throws IOException {
    Files.writeString(root.resolve("quietus.jar"), "no jar");
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void unit(String name, String text) throws IOException {
    write("etc/systemd/system/" + name, text);
  }

  /** Edits a unit; the file system's clock is coarse, so the edit gets a later time. */
  private void edit(String unit) throws IOException {
    Path file = root.resolve("etc/systemd/system/" + unit + ".d/edit.conf");
    write(root.relativize(file).toString(), "[Unit]\nDescription=edited\n");
    FileTime later = FileTime.from(Instant.now().plusSeconds(1));
    Files.setLastModifiedTime(file, later);
    Files.setLastModifiedTime(file.getParent(), later);
  }

  private ModelSystemd boot(String... started) {
    ModelSystemd systemd = ModelSystemd.boot(root, 252);
    systemd.await(systemd.start(List.of(started)).values(), Duration.ofSeconds(5));
    return systemd;
  }

  /** The check says what the run then does; returns what the run said. */
  private static Report checkedRun(ModelHost host, VerbRequest request) {
    host.stopClock();
    Report check = host.run(ModelHost.checked(request));
    Report run = host.run(request);
    assertEquals(run.changed(), check.changed());
    assertEquals(run.failed(), check.failed());
    assertEquals(
        run.msg(),
        check.msg().replace("Check mode: nothing was changed. A run would report: ", ""));
    assertEquals(run.warnings(), check.warnings());
    return run;
  }

  @Test
  void aCheckedReleaseOfAnEndedLeaseTouchesNothing() throws IOException {
    unit("a.service", SERVICE);
    ModelSystemd systemd = boot("a.service");
    ModelHost host = new ModelHost(root, systemd);
    assertFalse(
        host.run(ModelHost.lease(Duration.ofMinutes(1), ModelHost.quiesce("a.service"))).failed());
    systemd.pass(Duration.ofMinutes(2));
    Report check = host.run(ModelHost.checked(ModelHost.expired("a.service")));
    assertTrue(check.changed(), check.msg());
    assertTrue(host.isHeld());
    assertFalse(systemd.peek("a.service").isUp());
    checkedRun(host, ModelHost.expired("a.service"));
    assertFalse(host.isHeld());
    assertTrue(systemd.peek("a.service").isUp());
  }

  @Test
  void aReleaseOfAHeldAndAnUnheldUnitSaysEachWarningOnce() throws IOException {
    unit("a.service", SERVICE);
    unit("b.service", SERVICE);
    ModelSystemd systemd = boot("a.service", "b.service");
    ModelHost host = new ModelHost(root, systemd);
    host.run(ModelHost.quiesce("a.service"));
    Files.delete(root.resolve("etc/systemd/system/a.service"));
    Report run = checkedRun(host, ModelHost.release("a.service", "b.service"));
    assertEquals(1, run.warnings().size(), run.warnings().toString());
  }

  @Test
  void aCheckSeesTheProcessesThatAnEarlierRunLeft() throws IOException {
    unit(
        "a.service", "[Service]\nKillMode=process\nExecStart=/bin/sh -c 'sleep infinity & wait'\n");
    ModelSystemd systemd = boot("a.service");
    ModelHost host = new ModelHost(root, systemd);
    Report first = host.run(ModelHost.quiesce("a.service"));
    assertTrue(
        first.failed() && first.msg().contains("processes of the family are left"), first.msg());
    Report again = checkedRun(host, ModelHost.quiesce("a.service"));
    assertTrue(again.failed(), again.msg());
  }

  @Test
  void aReleaseSaysWhichEditsItsReloadTakesIn() throws IOException {
    for (boolean enabled : new boolean[] {true, false}) {
      unit("a.service", SERVICE);
      unit("b.service", SERVICE);
      unit("c.service", SERVICE);
      if (enabled) {
        Path wants =
            Files.createDirectories(root.resolve("etc/systemd/system/multi-user.target.wants"));
        Files.createSymbolicLink(wants.resolve("a.service"), Path.of("../a.service"));
      }
      ModelSystemd systemd = boot("a.service", "b.service", "c.service");
      ModelHost host = new ModelHost(root, systemd);
      host.run(ModelHost.quiesce("a.service"));
      systemd.pass(Duration.ofSeconds(2));
      edit("b.service");
      Files.delete(root.resolve("etc/systemd/system/a.service"));
      Report run = checkedRun(host, ModelHost.release("a.service"));
      assertEquals(
          "the reload took in edits that were waiting for one: b.service", run.warnings().get(0));
      assertEquals(2, run.warnings().size(), run.warnings().toString());
      Files.delete(root.resolve("etc/systemd/system/b.service.d/edit.conf"));
    }
  }

  @Test
  void aReleaseThatGoesOnSaysItToo() throws IOException {
    unit("a.service", SERVICE);
    unit("b.service", SERVICE);
    ModelSystemd systemd = boot("a.service", "b.service");
    ModelHost host = new ModelHost(root, systemd);
    host.run(ModelHost.quiesce("a.service"));
    assertThrows(
        IllegalStateException.class,
        () ->
            host.run(
                ModelHost.release("a.service"),
                step -> {
                  if (step.equals("start")) {
                    throw new IllegalStateException("as after kill -9");
                  }
                }));
    systemd.pass(Duration.ofSeconds(2));
    edit("b.service");
    Report run = checkedRun(host, ModelHost.release("a.service"));
    assertEquals(
        List.of("the reload took in edits that were waiting for one: b.service"), run.warnings());
  }

  @Test
  void aWarningAboutSeveralUnitsIsInThePlural() throws IOException {
    unit("a.service", SERVICE);
    unit("a.timer", "[Timer]\nOnCalendar=daily\n");
    ModelSystemd systemd = boot("a.service", "a.timer");
    ModelHost host = new ModelHost(root, systemd);
    host.run(ModelHost.quiesce("a.service"));
    Files.delete(root.resolve("etc/systemd/system/a.service"));
    Files.delete(root.resolve("etc/systemd/system/a.timer"));
    Report run = checkedRun(host, ModelHost.release("a.service"));
    assertEquals(1, run.warnings().size());
    assertTrue(
        run.warnings()
            .get(0)
            .startsWith(
                "a.service and a.timer were up when the hold began and are not on this host any"
                    + " more (their packages were removed?), so they were not started"),
        run.warnings().toString());
  }

  private static VerbRequest settling(VerbRequest request) {
    return ModelHost.settling(Duration.ofSeconds(5), request);
  }

  @Test
  void aReleaseThatSettlesFailsWhenWhatCameBackDoesNotStayUp() throws IOException {
    for (String restart : List.of("no", "always")) {
      unit(
          "a.service",
          "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=0\nRestart="
              + restart
              + "\nExecStart=/bin/sleep infinity\n");
      ModelSystemd systemd = boot("a.service");
      ModelHost host = new ModelHost(root, systemd);
      host.run(ModelHost.quiesce("a.service"));
      unit(
          "a.service",
          "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=0\nRestart="
              + restart
              + "\nExecStart=/bin/sleep 2\n");
      Report run = host.run(settling(ModelHost.release("a.service")));
      assertTrue(run.failed(), run.msg());
      assertTrue(run.msg().contains("a.service came back and did not stay up"), run.msg());
      assertTrue(run.msg().contains("release 'a.service'"), run.msg());
      assertEquals("RELEASING", run.holds().get(0).phase().name());
      unit("a.service", SERVICE);
      systemd.reload();
      systemd.pass(Duration.ofSeconds(10)); // the old program ends
      Report again = host.run(settling(ModelHost.release("a.service")));
      assertFalse(again.failed(), again.msg());
      assertFalse(host.isHeld());
    }
  }

  @Test
  void aReleaseThatSettlesIsCheckedAsItRuns() throws IOException {
    unit("a.service", SERVICE);
    unit("a.socket", "[Socket]\nListenStream=127.0.0.1:7000\n");
    ModelSystemd systemd = boot("a.socket", "a.service");
    ModelHost host = new ModelHost(root, systemd);
    host.run(ModelHost.quiesce("a.service"));
    Report run = checkedRun(host, settling(ModelHost.release("a.service")));
    assertFalse(run.failed(), run.msg());
    assertTrue(run.steps().stream().anyMatch(step -> step.name().equals("settle")));
  }

  @Test
  void whatIsEnabledAndStartedIsWatchedToo() throws IOException {
    unit("a.service", "[Service]\nExecStart=/bin/sleep 2\n");
    Path wants =
        Files.createDirectories(root.resolve("etc/systemd/system/multi-user.target.wants"));
    Files.createSymbolicLink(wants.resolve("a.service"), Path.of("../a.service"));
    ModelSystemd systemd = boot();
    systemd.pass(Duration.ofSeconds(10));
    ModelHost host = new ModelHost(root, systemd);
    Report run = host.run(settling(ModelHost.release("a.service")));
    assertTrue(run.failed() && run.msg().contains("did not stay up"), run.msg());
  }

  @Test
  void aGlobThatMatchesAProtectedUnitSaysSoAndTheMembersAreReported() throws IOException {
    unit("dbus.service", SERVICE);
    unit("dbus-user.service", SERVICE);
    ModelHost host = new ModelHost(root, boot("dbus.service", "dbus-user.service"));
    Report refused = checkedRun(host, ModelHost.quiesce("dbus*"));
    assertTrue(refused.failed() && !refused.changed());
    assertTrue(refused.msg().startsWith("dbus.service matches 'dbus*', and "), refused.msg());
    assertTrue(refused.msg().contains("nothing was touched"), refused.msg());
    assertEquals(
        List.of("dbus-user.service", "dbus.service", "dbus.socket"),
        refused.members().stream().map(Report.Member::unit).sorted().toList());
    Report named = checkedRun(host, ModelHost.quiesce("dbus.service", "dbus*"));
    assertTrue(
        named.msg().startsWith("to quiesce dbus.service would stop dbus.service"), named.msg());
    assertFalse(host.isHeld());
  }

  @Test
  void dependentsThatAreRefusedAreAmongTheMembers() throws IOException {
    unit("a.service", SERVICE);
    unit("b.service", "[Unit]\nRequires=a.service\n" + SERVICE);
    ModelHost host = new ModelHost(root, boot("a.service", "b.service"));
    Report refused = checkedRun(host, ModelHost.with(true, false, ModelHost.quiesce("a.service")));
    assertTrue(refused.failed() && refused.msg().contains("dependents=refuse"), refused.msg());
    assertEquals(
        List.of("a.service active", "b.service active"),
        refused.members().stream().map(m -> m.unit() + " " + m.after().active()).toList());
  }

  @Test
  void aLeaseThatIsShorterThanTheTimeoutIsWarnedOf() throws IOException {
    unit("a.service", SERVICE);
    ModelHost host = new ModelHost(root, boot("a.service"));
    Report run =
        checkedRun(host, ModelHost.lease(Duration.ofMinutes(1), ModelHost.quiesce("a.service")));
    assertEquals(
        List.of(
            "the lease of 60 s is shorter than the timeout of 600 s: it may end while units are"
                + " still being stopped"),
        run.warnings());
    assertEquals(
        List.of(),
        host.run(ModelHost.lease(Duration.ofMinutes(20), ModelHost.quiesce("a.service")))
            .warnings());
  }

  @Test
  void theRootMountAndTheRootSliceAreProtectedUnits() throws IOException {
    ModelHost host = new ModelHost(root, boot());
    for (String name : List.of("-.mount", "-.slice")) {
      Report refused = host.run(ModelHost.quiesce(UnitName.parse(name).text()));
      assertTrue(refused.failed() && !refused.changed(), refused.msg());
      assertTrue(refused.msg().contains("allow_protected"), refused.msg());
    }
  }

  @Test
  @Tag("long")
  void twoHundredUnitsAreOneRun() throws IOException {
    String[] units = new String[200];
    for (int i = 0; i < units.length; i++) {
      units[i] = "u" + i + ".service";
      unit(units[i], SERVICE);
    }
    ModelSystemd systemd = boot(units);
    ModelHost host = new ModelHost(root, systemd);
    Report held = checkedRun(host, ModelHost.quiesce(units));
    assertFalse(held.failed(), held.msg());
    assertEquals(200, held.holds().size());
    assertTrue(
        held.msg().startsWith("u0.service, u1.service, ")
            && held.msg().contains(" and 188 more are quiesced: 200 units stay down")
            && held.msg().length() < 400,
        held.msg());
    long mark = systemd.history().mark();
    Report released = checkedRun(host, ModelHost.release(units));
    assertTrue(released.msg().endsWith("released: 200 units are back."), released.msg());
    for (String unit : units) {
      assertEquals(1, systemd.history().starts(mark, unit), unit);
    }
    assertFalse(host.isHeld());
  }

  @Test
  void aUnitThatIsHeldAlongWithAnotherFamilyIsNotToldFree() throws IOException {
    unit("a.service", SERVICE);
    unit("b.service", "[Unit]\nRequires=a.service\n" + SERVICE);
    unit("b.socket", "[Socket]\nListenStream=127.0.0.1:7000\n");
    ModelSystemd systemd = boot("a.service", "b.socket", "b.service");
    ModelHost host = new ModelHost(root, systemd);
    assertFalse(host.run(ModelHost.quiesce("a.service")).failed());
    for (String name : List.of("b.service", "b.socket", "b*.service", "a.service")) {
      Report info = host.run(ModelHost.info(name));
      assertFalse(info.msg().contains("is not held"), name + ": " + info.msg());
      assertEquals(1, info.holds().size(), name);
      assertEquals("a.service", info.holds().get(0).hold().subject(), name);
    }
    assertTrue(
        host.run(ModelHost.info("b.socket"))
            .msg()
            .contains("b.service has no hold of its own and is held along with a.service"));
  }
}
