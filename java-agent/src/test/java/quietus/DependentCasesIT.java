// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** What systemd stops along with a family, what upholds it, what it must not touch. */
class DependentCasesIT extends Cases {
  @ParameterizedTest
  @ValueSource(strings = {"Requires=", "BindsTo=", "PartOf=", "Requisite=", "StopPropagatedFrom="})
  void aDependentIsStoppedHeldAndRestoredWithItsOwnSocket(String relation) {
    if (relation.equals("StopPropagatedFrom=")) {
      needs(249, relation);
    }
    service("base.service");
    service("user.service", relation + "base.service\nAfter=base.service", "");
    unit("user.socket", "[Socket]\nListenStream=/run/user-of-base.sock\n");
    service("far.service", "Requires=user.service\nAfter=user.service", "");
    start("base.service user.socket user.service far.service");
    String[] all = {"base.service", "user.service", "user.socket", "far.service"};
    String before = states(all);
    Host.Answer refused = quiesce("base", "'dependents':'refuse'");
    assertTrue(refused.failed() && !refused.changed());
    assertSays(refused.msg(), "user.service", "far.service", "nothing was touched");
    assertEquals(before, states(all));
    Host.Answer held = quiesce("base").ok();
    assertEquals("dependent", held.member("user.service").get("role").textValue());
    assertEquals("activator", held.member("user.socket").get("role").textValue());
    assertEquals("dependent", held.member("far.service").get("role").textValue());
    assertSays(held.member("user.service").get("reason").textValue(), "base.service");
    attack(all);
    host.sh("for i in 1 2 3; do echo | nc -U -w1 /run/user-of-base.sock; done");
    assertEquals("inactive inactive inactive inactive", active(all));
    release("base").ok();
    assertEquals(before, states(all));
    for (String service : new String[] {"base.service", "user.service", "far.service"}) {
      assertEquals(2, starts(service), service);
    }
  }

  @Test
  void aDependentThatIsDownDoesNotRefuseAndStaysDown() {
    service("base.service");
    service("idle.service", "Requires=base.service", "");
    start("base.service");
    host.sh("systemctl start idle.service && systemctl stop idle.service").ok();
    quiesce("base", "'dependents':'refuse'").ok();
    release("base").ok();
    assertEquals("active inactive", active("base.service", "idle.service"));
  }

  @Test
  void aWarningSaysThatARestoredDependentStartsWhatItRequires() {
    service("prepare.service", "", "Type=oneshot\nExecStart=/bin/true");
    service("prepared.service", "Requires=prepare.service\nAfter=prepare.service", "");
    start("prepared.service");
    Host.Answer held = quiesce("prepare").ok();
    assertSays(
        held.report().get("inexact").toString(),
        "prepare.service",
        "it is down now, and a release starts it along with prepared.service, which requires it");
    assertEquals(1, starts("prepare.service"));
    release("prepare").ok();
    assertEquals("inactive active", active("prepare.service", "prepared.service"));
  }

  @Test
  void aDependentThatIsEnabledButNotUpIsNoSurprise() {
    service("base.service");
    service("wanting.service", "Wants=base.service", "");
    start("base.service");
    Host.Answer held = quiesce("base").ok();
    assertNull(
        held.member("wanting.service"), "a unit that merely wants it is not stopped with it");
    host.sh("systemctl start wanting.service").ok();
    assertEquals("active inactive", active("wanting.service", "base.service"));
    release("base").ok();
  }

  @Test
  void anUpholderIsADoorThatTheGateCloses() {
    needs(249, "Upholds=");
    service("upheld.service");
    service("upholder.service", "Upholds=upheld.service", "");
    start("upholder.service");
    await("[ $(systemctl is-active upheld.service) = active ]");
    Host.Answer held = quiesce("upheld", "'settle':1").ok();
    assertSays(doors(held), "upheld: upholder.service");
    assertEquals("active inactive", active("upholder.service", "upheld.service"));
    host.sh("systemctl restart upholder.service").ok();
    attack("upheld.service");
    assertEquals(1, starts("upheld.service"));
    release("upheld").ok();
    assertEquals("active active", active("upholder.service", "upheld.service"));
    assertEquals(2, starts("upheld.service"));
  }

  @Test
  void whatAFailureOrASuccessStartsIsHeldAgainstBoth() {
    needs(249, "OnSuccess=");
    service("handler.service");
    service(
        "fails.service",
        "OnFailure=handler.service\nAfter=succeeds.service",
        "Type=oneshot\nExecStart=/bin/false");
    service("succeeds.service", "OnSuccess=handler.service", "Type=oneshot\nExecStart=/bin/true");
    host.sh(
        "systemctl daemon-reload; systemctl show fails.service succeeds.service >/dev/null;"
            + " systemctl start fails.service");
    await("[ $(systemctl is-active handler.service) = active ]");
    int counted = starts("handler.service");
    Host.Answer held = quiesce("handler").ok();
    assertSays(
        doors(held),
        "failure: a failure of fails.service starts handler.service",
        "success: a success of succeeds.service starts handler.service");
    host.sh("systemctl start fails.service; systemctl start succeeds.service");
    attack("handler.service");
    assertEquals(counted, starts("handler.service"));
    release("handler").ok();
    assertEquals(counted + 1, starts("handler.service"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ssh",
        "ssh.socket",
        "dbus",
        "dbus.socket",
        "systemd-journald",
        "systemd-logind",
        "basic.target",
        "multi-user.target",
        "system.slice",
        "init.scope"
      })
  void aUnitThatTheHostDependsOnIsRefused(String unit) {
    String before = host.allUnits();
    Host.Answer refused = quiesce(unit);
    assertTrue(refused.failed() && !refused.changed(), refused.report().toPrettyString());
    assertSays(refused.msg(), "allow_protected");
    assertEquals(before, host.allUnits());
    assertTrue(quiesce(unit, "'check':true").failed());
  }

  @Test
  void aUnitThatTheHostDependsOnIsRefusedAlsoAsADependent() {
    service("tunnel.service");
    host.write(
        "/etc/systemd/system/ssh.service.d/tunnel.conf",
        "[Unit]\nRequires=tunnel.service\nAfter=tunnel.service\n",
        0644);
    start("tunnel.service ssh.service");
    Host.Answer refused = quiesce("tunnel");
    assertTrue(refused.failed() && !refused.changed());
    assertSays(refused.msg(), "ssh.service", "tunnel.service", "allow_protected");
    assertEquals("active active", active("tunnel.service", "ssh.service"));
    String before = states("tunnel.service", "ssh.service");
    quiesce("tunnel", "'allow_protected':true").ok();
    assertEquals("inactive inactive", active("tunnel.service", "ssh.service"));
    release("tunnel").ok();
    assertEquals(before, states("tunnel.service", "ssh.service"));
    host.sh("rm -r /etc/systemd/system/ssh.service.d; systemctl daemon-reload").ok();
  }
}
