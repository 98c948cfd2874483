// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.unit.Relation;
import quietus.unit.Unit;

/** docs/systemd-facts.md, "Masks", on the model. */
class MasksTest {
  private final Scene scene = new Scene();
  private final Path root = scene.root;

  @AfterEach
  void clean() {
    scene.clean();
  }

  @BeforeEach
  void api() {
    scene
        .unit("myapi.service", Scene.SIMPLE)
        .unit("myapi.socket", "[Socket]\nListenStream=/run/myapi.sock\n");
  }

  private Unit load(String name) {
    return scene.systemd.load(List.of(name)).get(name);
  }

  @ParameterizedTest
  @CsvSource({"etc, masked", "run, masked-runtime"})
  void aLinkInSystemControlMasksAUnitInEtc(String where, String enablement) {
    scene.boot(252);
    scene.link(where + "/systemd/system.control/myapi.service", "/dev/null");
    scene.systemd.reload();
    assertEquals("masked", load("myapi.service").state().load());
    assertEquals(enablement, load("myapi.service").file().enablement());
    assertEquals("refused", scene.start("myapi.service"));
  }

  @Test
  void withoutAReloadAMaskHasNoEffectOnALoadedUnitAndNeedDaemonReloadStaysNo() {
    scene.wanted("myapi.service", "multi-user.target").boot(252);
    scene.mask("myapi.service");
    assertEquals("loaded", load("myapi.service").state().load());
    assertFalse(load("myapi.service").file().needsReload());
    assertEquals("done", scene.start("myapi.service"));
  }

  @Test
  void aUnitThatIsNotLoadedSeesAMaskWithoutAReload() {
    scene.boot(252);
    scene.mask("myapi.service");
    assertEquals("masked", load("myapi.service").state().load());
  }

  @Test
  void revertLeavesAMaskInSystemControl() {
    scene.boot(252);
    scene.mask("myapi.service");
    scene.systemd.outside().revert("myapi.service");
    assertEquals("masked", load("myapi.service").state().load());
  }

  @Test
  void theAliasOfAMaskedUnitIsAnErrorAndCannotStart() {
    scene.link("etc/systemd/system/api.service", "myapi.service").boot(252);
    assertEquals(List.of("myapi.service", "api.service"), load("api.service").names());
    scene.mask("myapi.service");
    scene.systemd.reload();
    assertEquals("masked", load("myapi.service").state().load());
    assertEquals("error", load("api.service").state().load());
    assertEquals("refused", scene.start("api.service"));
    scene.delete("etc/systemd/system.control/myapi.service");
    scene.systemd.reload();
    assertEquals("myapi.service", load("api.service").id());
  }

  @Test
  void aMaskOfAnAliasAloneLeavesTheRealNameStartable() {
    scene.link("etc/systemd/system/api.service", "myapi.service").boot(252);
    scene.mask("api.service");
    scene.systemd.reload();
    assertEquals("refused", scene.start("api.service"));
    assertEquals("done", scene.start("myapi.service"));
  }

  @Test
  void aMaskedTemplateMasksEveryInstanceButThatWithAFileOfItsOwn() {
    scene.unit("work@.service", Scene.SIMPLE).unit("work@own.service", Scene.SIMPLE).boot(252);
    scene.mask("work@.service");
    scene.systemd.reload();
    assertEquals("masked", load("work@1.service").state().load());
    assertEquals("loaded", load("work@own.service").state().load());
  }

  @ParameterizedTest
  @CsvSource({"247, true", "257, false"})
  void aMaskOfATransientUnitEndsBadly(int version, boolean deletesDevNull) {
    scene.boot(version);
    scene.systemd.outside().startTransient("job.service", Scene.SIMPLE);
    scene.pass(0.1);
    assertTrue(load("job.service").file().isTransient());
    scene.mask("job.service");
    scene.systemd.reload();
    scene.stop("job.service");
    scene.pass(0.1);
    assertEquals(deletesDevNull, scene.systemd.hasDeletedDevNull());
    assertEquals(
        deletesDevNull,
        Files.exists(
            root.resolve("etc/systemd/system.control/job.service"), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void aMaskedTriggerIsInNoTriggeredByAnyMore() {
    scene.wanted("myapi.socket", "sockets.target").boot(252);
    assertEquals(List.of("myapi.socket"), load("myapi.service").related(Relation.TRIGGERED_BY));
    scene.mask("myapi.socket");
    scene.systemd.reload();
    assertEquals(List.of(), load("myapi.service").related(Relation.TRIGGERED_BY));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSocketWhoseServiceIsMaskedOrActiveRefusesToStart(boolean isMasked) {
    scene.boot(252);
    if (isMasked) {
      scene.mask("myapi.service");
      scene.systemd.reload();
    } else {
      scene.start("myapi.service");
    }
    assertEquals("failed", scene.start("myapi.socket"));
    assertEquals("inactive/dead", scene.is("myapi.socket"));
  }

  @Test
  void aMaskedListeningSocketStillSaysListening() {
    scene.wanted("myapi.socket", "sockets.target").boot(252);
    scene.mask("myapi.socket");
    scene.systemd.reload();
    assertEquals("active/listening", scene.is("myapi.socket"));
    assertEquals("masked", scene.state("myapi.socket").load());
    assertFalse(scene.systemd.outside().connect("myapi.socket"));
  }

  @ParameterizedTest
  @CsvSource({"252, inactive/dead", "257, inactive/dead-resources-pinned"})
  void aMaskClosesTheDescriptorsThatAStopKeepsSince254(int version, String stopped) {
    scene
        .unit(
            "keeps.service",
            Scene.SIMPLE + "FileDescriptorStoreMax=2\nFileDescriptorStorePreserve=yes\n")
        .wanted("keeps.service", "multi-user.target")
        .boot(version);
    scene.stop("keeps.service");
    assertEquals(stopped, scene.is("keeps.service"));
    scene.start("keeps.service");
    assertEquals("active/running", scene.is("keeps.service"));
    scene.stop("keeps.service");
    scene.mask("keeps.service");
    assertEquals(stopped, scene.is("keeps.service"));
    scene.systemd.reload();
    assertEquals("inactive/dead", scene.is("keeps.service"));
    assertEquals("masked", scene.state("keeps.service").load());
  }

  @Test
  void aCallOfTheBusToAMaskedUnitIsRefused() {
    scene
        .unit(
            "myapi.service",
            "[Service]\nType=dbus\nBusName=com.example.MyApi\nExecStart=/usr/bin/myapi\n")
        .unit(
            "usr/share/dbus-1/system-services/com.example.MyApi.service",
            "[D-BUS Service]\n"
                + "Name=com.example.MyApi\n"
                + "Exec=/bin/false\n"
                + "SystemdService=myapi.service\n")
        .boot(257);
    assertTrue(scene.systemd.outside().dbusCall("com.example.MyApi"));
    scene.pass(0.1);
    assertEquals("active/running", scene.is("myapi.service"));
    scene.stop("myapi.service");
    scene.mask("myapi.service");
    scene.systemd.reload();
    assertFalse(scene.systemd.outside().dbusCall("com.example.MyApi"));
  }

  @Test
  void anAdministratorsMaskInEtcMasksAVendorsUnit() {
    scene
        .unit("usr/lib/systemd/system/vendor.service", Scene.SIMPLE)
        .link("etc/systemd/system/vendor.service", "/dev/null")
        .boot(252);
    assertEquals("masked", load("vendor.service").state().load());
    assertEquals("masked", load("vendor.service").file().enablement());
  }
}
