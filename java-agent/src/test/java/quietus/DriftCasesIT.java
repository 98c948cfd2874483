// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** Gates, masks and unit files that somebody else changes while a family is held. */
class DriftCasesIT extends Cases {
  private static final String GATE = "/etc/systemd/system.control/drift.service.d";
  private static final String MASK = "/etc/systemd/system.control/drift.service";

  private void held() {
    service("drift.service", "", "Restart=always");
    unit("drift.socket", "[Socket]\nListenStream=/run/drift.sock\n");
    start("drift.socket drift.service");
    quiesce("drift", "'reason':'a reason'").ok();
  }

  private static void back(String... said) {
    Host.Answer again = quiesce("drift").ok();
    assertTrue(again.changed());
    assertSays(warnings(again), said);
    assertEquals("inactive inactive", active("drift.service", "drift.socket"));
    attack("drift.service", "drift.socket");
    assertEquals("inactive inactive", active("drift.service", "drift.socket"));
    assertFalse(quiesce("drift").ok().changed());
    release("drift").ok();
    assertEquals("active active", active("drift.service", "drift.socket"));
  }

  @Test
  void systemctlRevertTakesTheGateAwayAndTheNextRunPutsItBack() {
    held();
    host.sh("systemctl revert drift.service; test ! -e " + GATE).ok();
    back("the gate of drift.service was missing");
  }

  @Test
  void aDeletedGateIsPutBack() {
    held();
    host.sh("rm -r " + GATE + " && systemctl daemon-reload").ok();
    back("the gate of drift.service was missing");
  }

  @Test
  void anEmptiedGateIsPutBack() {
    held();
    host.sh("echo '[Unit]' >$(echo " + GATE + "/*.conf) && systemctl daemon-reload").ok();
    back("the gates of drift.service and drift.socket were missing while drift.service was held");
  }

  @Test
  void aDeletedMaskIsPutBackAndMeanwhileTheGateRefusesStarts() {
    held();
    host.sh("rm " + MASK + " && systemctl daemon-reload").ok();
    attack("drift.service", "drift.socket");
    assertEquals(1, starts("drift.service"));
    back("the mask of drift.service was missing");
  }

  @Test
  void aServiceThatWasStartedPastGateAndMaskIsStoppedAgainWithAWarning() {
    held();
    host.sh(
            "rm -r "
                + MASK
                + " "
                + GATE
                + " && systemctl daemon-reload && systemctl start drift.service")
        .ok();
    assertEquals(2, starts("drift.service"));
    back(
        "the gate of drift.service was missing",
        "the mask of drift.service was missing",
        "drift.service was up");
  }

  @Test
  void aMissingReloadIsDone() {
    held();
    String parts = GATE + " " + MASK;
    host.sh(
            "mkdir /root/parts && mv "
                + parts
                + " /root/parts && systemctl daemon-reload && systemctl show drift.service"
                + " >/dev/null && mv /root/parts/* /etc/systemd/system.control && rmdir"
                + " /root/parts")
        .ok();
    Host.Answer again = quiesce("drift").ok();
    assertTrue(again.changed());
    assertEquals("masked", host.show("drift.service", "LoadState"));
    release("drift").ok();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rm -r GATE",
        "rm MASK",
        "rm -r GATE MASK",
        "rm -r GATE MASK; systemctl daemon-reload; systemctl start drift.service",
        "rm -rf /etc/systemd/system.control; systemctl daemon-reload",
        "systemctl revert drift.service drift.socket"
      })
  void aReleaseWorksWhateverIsMissing(String hand) {
    held();
    host.sh(hand.replace("GATE", GATE).replace("MASK", MASK) + "; systemctl daemon-reload").ok();
    release("drift").ok();
    assertEquals("active active", active("drift.service", "drift.socket"));
    assertFalse(release("drift").ok().changed());
  }

  @Test
  void aHoldWhoseRecordWasDeletedLeavesNothingClosed() {
    held();
    host.sh("rm /etc/quietus/holds/drift.service").ok();
    Host.Answer released = release("drift");
    assertFalse(released.failed(), released.report().toPrettyString());
    assertEquals("", host.sh("find /etc/systemd/system.control -not -type d").out().strip());
    host.sh("systemctl start drift.socket drift.service").ok();
  }

  @Test
  void anAdministratorsMaskIsLeftAloneAndRunningNamesIt() {
    service("adm.service");
    made("adm.socket");
    start("adm.service");
    host.sh("ln -s /dev/null /etc/systemd/system/adm.socket; systemctl daemon-reload").ok();
    unitInUsr("adm-main.service");
    host.sh("systemctl start adm-main.service").ok();
    quiesce("adm-main").ok();
    host.sh("systemctl mask adm-main.service").ok();
    Host.Answer refused = release("adm-main");
    assertTrue(refused.failed());
    assertSays(refused.msg(), "adm-main.service", "masked", "unmask");
    assertEquals("inactive", active("adm-main.service"));
    assertEquals("/dev/null", host.sh("readlink /etc/systemd/system/adm-main.service").ok());
    host.sh("systemctl unmask adm-main.service; rm -f /etc/systemd/system/adm-main.service").ok();
    release("adm-main").ok();
    assertEquals("active", active("adm-main.service"));
    quiesce("adm").ok();
    release("adm").ok();
    assertEquals("/dev/null", host.sh("readlink /etc/systemd/system/adm.socket").ok());
    assertEquals("active", active("adm.service"));
    host.sh("rm -f /usr/lib/systemd/system/adm-main.service /etc/systemd/system/adm.socket").ok();
  }

  private void made(String name) {
    makes(name);
  }

  private void unitInUsr(String name) {
    makes(name);
    host.write(
        "/usr/lib/systemd/system/" + name, "[Service]\nExecStart=/bin/sleep infinity\n", 0644);
    host.sh("systemctl daemon-reload").ok();
  }

  @Test
  void aServiceThatAnAdministratorMaskedBeforeIsAClearErrorForRunning() {
    unitInUsr("never.service");
    host.sh("systemctl mask never.service").ok();
    Host.Answer refused = release("never");
    assertTrue(refused.failed());
    assertSays(refused.msg(), "never.service", "masked", "unmask");
    quiesce("never").ok();
    Host.Answer held = release("never");
    assertSays(held.msg(), "never.service", "masked");
    assertEquals("/dev/null", host.sh("readlink /etc/systemd/system/never.service").ok());
    host.sh("systemctl unmask never.service; rm -f /usr/lib/systemd/system/never.service").ok();
  }

  @Test
  void anEditThatWaitedForAReloadIsNamedByEitherVerb() {
    service("edited.service");
    service("other.service");
    service("third.service");
    start("edited.service other.service third.service");
    host.sh("echo '# more' >>/etc/systemd/system/other.service").ok();
    Host.Answer held = quiesce("edited").ok();
    assertSays(warnings(held), "other.service");
    assertFalse(warnings(held).contains("third.service"));
    host.sh(
            "echo '# more' >>/etc/systemd/system/third.service; echo '# more'"
                + " >>/etc/systemd/system/edited.service")
        .ok();
    Host.Answer released = release("edited").ok();
    assertSays(warnings(released), "third.service");
    assertFalse(warnings(released).contains("other.service"));
  }

  @Test
  void aUnitThatWasDisabledWhileItWasHeldIsStartedWithAWarning() {
    unit(
        "boots.service",
        "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n");
    host.sh("systemctl daemon-reload; systemctl enable --now boots.service").ok();
    quiesce("boots").ok();
    assertTrue(
        host.sh("systemctl enable boots.service").status() != 0, "a masked unit is not enabled");
    host.sh("systemctl disable boots.service");
    String link = "/etc/systemd/system/multi-user.target.wants/boots.service";
    host.sh("rm -f " + link).ok(); // what disable does to a unit that is not masked
    Host.Answer released = release("boots").ok();
    assertSays(warnings(released), "boots.service was disabled while it was held", "it is started");
    assertEquals("active", active("boots.service"));
    assertEquals("disabled", host.show("boots.service", "UnitFileState"));
    quiesce("boots").ok();
    host.sh("mkdir -p $(dirname " + link + "); ln -s ../boots.service " + link).ok();
    assertSays(warnings(release("boots").ok()), "boots.service was enabled while it was held");
    assertEquals("enabled", host.show("boots.service", "UnitFileState"));
    quiesce("boots").ok();
    assertEquals("[]", warnings(release("boots").ok()));
  }

  @Test
  void aMaskThatAnAdministratorMakesDuringAHoldIsKeptAndNamed() {
    host.write(
        "/usr/lib/systemd/system/vendored.service",
        "[Service]\nExecStart=/bin/sleep infinity\n",
        0644);
    start("vendored.service");
    quiesce("vendored").ok();
    host.sh("systemctl mask vendored.service").ok();
    Host.Answer refused = release("vendored");
    assertTrue(refused.failed(), refused.msg());
    assertSays(
        refused.msg(),
        "vendored.service is masked by an administrator (/etc/systemd/system/vendored.service)",
        "The hold of vendored.service stays",
        "systemctl unmask vendored.service");
    host.sh("systemctl unmask vendored.service").ok();
    release("vendored").ok();
    assertEquals("active", active("vendored.service"));
  }
}
