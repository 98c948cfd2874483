// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import quietus.lab.Host;

/**
 * Units of every origin and kind as subjects: generated, transient, with aliases, targets, slices.
 */
class KindCasesIT extends Cases {
  @Test
  void aGeneratedUnitOfASysVScriptIsHeldAndRestored() {
    Assumptions.assumeTrue(
        host.sh("test -x /usr/lib/systemd/system-generators/systemd-sysv-generator").status() == 0,
        "this systemd has no generator for SysV scripts any more");
    host.write(
        "/etc/init.d/oldstyle",
        """
        #!/bin/sh
        ### BEGIN INIT INFO
        # Provides: oldstyle
        # Default-Start: 2 3 4 5
        # Default-Stop: 0 1 6
        ### END INIT INFO
        case $1 in
        start) echo oldstyle.service >>/var/lib/cases/starts; sleep 98765 & ;;
        stop) pkill -f 'sleep 9876[5]'; sleep 0.1 ;;
        esac
        """,
        0755);
    start("oldstyle.service");
    String before = states("oldstyle.service");
    quiesce("oldstyle").ok();
    attack("oldstyle.service");
    host.sh("/etc/init.d/oldstyle status; deb-systemd-invoke start oldstyle.service");
    assertEquals(1, starts("oldstyle.service"));
    assertFalse(quiesce("oldstyle").ok().changed());
    release("oldstyle").ok();
    assertEquals(before, states("oldstyle.service"));
    assertEquals(2, starts("oldstyle.service"));
    host.sh("systemctl stop oldstyle; rm /etc/init.d/oldstyle; systemctl daemon-reload").ok();
  }

  @Test
  void aTransientUnitIsHeldByItsGateAloneAndDevNullStays() {
    host.sh("systemd-run --unit=passing --property=Restart=always sleep infinity").ok();
    Host.Answer held = quiesce("passing").ok();
    assertSays(held.report().get("inexact").toString(), "transient");
    assertTrue(
        host.sh("systemd-run --unit=passing sleep infinity").status() != 0
            || !active("passing.service").equals("active"));
    assertEquals("inactive", active("passing.service").replace("failed", "inactive"));
    host.sh("test -c /dev/null").ok();
    quiesce("passing").ok();
    host.sh("test -c /dev/null").ok();
    assertEquals("", host.sh("find /etc/systemd/system.control -type l").out());
    release("passing").ok();
    host.sh("test -c /dev/null").ok();
    host.sh("systemctl reset-failed passing.service; systemd-run --unit=passing sleep infinity")
        .ok();
    assertEquals("active", active("passing.service"));
    host.sh("systemctl stop passing.service").ok();
  }

  @Test
  void aTransientTimerIsHeldWithTheServiceThatItStarts() {
    host.sh(
            "systemd-run --unit=ticking --on-active=0.05 --on-unit-inactive=0.05"
                + " --timer-property=AccuracySec=1ms sh -c 'echo ticking.service"
                + " >>/var/lib/cases/starts'")
        .ok();
    await("[ -s /var/lib/cases/starts ]");
    quiesce("ticking", "'settle':1").ok();
    int counted = starts("ticking.service");
    attack("ticking.timer", "ticking.service");
    assertEquals(counted, starts("ticking.service"));
    host.sh("test -c /dev/null").ok();
    release("ticking").ok();
    host.sh("test -c /dev/null").ok();
    host.sh("systemctl stop ticking.timer");
  }

  @Test
  void aUnitIsHeldByItsAliasAndTheAliasStaysClosedToo() {
    service("real.service");
    host.sh(
            "echo Alias=nick.service >>/etc/systemd/system/real.service; systemctl daemon-reload;"
                + " systemctl enable --now real.service")
        .ok();
    makes("nick.service");
    String before = states("real.service", "nick.service");
    Host.Answer held = quiesce("nick").ok();
    assertEquals("real.service", held.report().get("holds").get(0).get("subject").textValue());
    attack("nick.service", "real.service");
    assertEquals(1, starts("real.service"));
    assertFalse(quiesce("real").ok().changed());
    assertFalse(quiesce("nick").ok().changed());
    release("nick").ok();
    assertEquals(before, states("real.service", "nick.service"));
    host.sh("systemctl disable --now real.service").ok();
  }

  @Test
  void aNameWithEscapesIsHeldAndRestoredAlsoByALease() {
    String unit = "with\\x2desc:ape@a\\x2fb.service";
    unit("with\\x2desc:ape@.service", "[Service]\nExecStart=/bin/sleep infinity\n");
    host.sh("systemctl daemon-reload; systemctl start '" + unit + "'").ok();
    quiesce(unit, "'lease':2").ok();
    assertEquals("inactive", active("'" + unit + "'"));
    assertTrue(host.sh("systemctl start '" + unit + "'").status() != 0);
    await("[ $(systemctl show --value -p ActiveState '" + unit + "') = active ]");
    await(
        "[ -z \"$(find /etc/quietus /etc/systemd/system.control /var/lib/quietus -type f"
            + BUT_LAUNCHER
            + ")\" ]");
    quiesce(unit).ok();
    release(unit).ok();
    assertEquals("active", active("'" + unit + "'"));
    host.sh("systemctl stop 'with*.service'; rm -f /etc/systemd/system/with*").ok();
  }

  @Test
  void aTargetMeansWhatIsPartOfIt() {
    unit("app.target", "[Unit]\nWants=part-a.service part-b.service\n");
    service("part-a.service", "PartOf=app.target", "");
    service("part-b.service", "PartOf=app.target", "");
    unit("part-b.socket", "[Socket]\nListenStream=/run/part-b.sock\n");
    service("beside.service");
    start("part-b.socket app.target beside.service");
    String before =
        states("app.target", "part-a.service", "part-b.service", "part-b.socket", "beside.service");
    Host.Answer held = quiesce("app.target").ok();
    assertEquals("part", held.member("part-a.service").get("role").textValue());
    assertEquals("activator", held.member("part-b.socket").get("role").textValue());
    attack("app.target", "part-a.service", "part-b.socket");
    host.sh("echo | nc -U -w1 /run/part-b.sock");
    assertEquals(
        "inactive inactive inactive inactive active",
        active(
            "app.target", "part-a.service", "part-b.service", "part-b.socket", "beside.service"));
    release("app.target").ok();
    assertEquals(
        before,
        states(
            "app.target", "part-a.service", "part-b.service", "part-b.socket", "beside.service"));
  }

  @Test
  void aSliceMeansWhatRunsInIt() {
    unit("heap.slice", "[Slice]\nCPUWeight=50\n");
    service("in-heap.service", "", "Slice=heap.slice");
    start("in-heap.service");
    String before = states("heap.slice", "in-heap.service");
    Host.Answer held = quiesce("heap.slice").ok();
    assertNotNull(held.member("in-heap.service"), held.units().toString());
    attack("in-heap.service", "heap.slice");
    assertEquals("inactive inactive", active("heap.slice", "in-heap.service"));
    release("heap.slice").ok();
    assertEquals(before, states("heap.slice", "in-heap.service"));
    assertEquals(2, starts("in-heap.service"));
  }

  @Test
  void whatCannotComeBackExactlyIsReportedBeforehand() {
    service("stores.service", "", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true");
    unit("stores.socket", "[Socket]\nListenStream=127.0.0.1:7105\n");
    unit("stores.timer", "[Timer]\nOnCalendar=2099-01-01\nPersistent=true\n");
    start("stores.socket stores.timer stores.service");
    Host.Answer predicted = quiesce("stores", "'check':true").ok();
    Host.Answer held = quiesce("stores").ok();
    for (Host.Answer answer : new Host.Answer[] {predicted, held}) {
      assertSays(answer.report().get("inexact").toString(), "persistent timer");
    }
    assertEquals("active", held.member("stores.service").get("was").get("active").textValue());
    release("stores").ok();
    assertEquals("active active active", active("stores.service", "stores.socket", "stores.timer"));
  }

  @Test
  void anInstanceInASliceOfItsTemplateLeavesTheSliceAlone() {
    service("grouped@.service");
    start("grouped@one.service grouped@two.service");
    quiesce("grouped@.service").ok();
    release("grouped@.service").ok();
    assertEquals(
        "active active active",
        active("grouped@one.service", "grouped@two.service", "system-grouped.slice"));
    host.sh("systemctl stop 'grouped@*'").ok();
  }

  @Test
  void aUnitThatDoesNotExistIsAClearErrorForBothVerbs() {
    for (Host.Answer answer : new Host.Answer[] {quiesce("no-such"), release("no-such")}) {
      assertTrue(answer.failed() && !answer.changed());
      assertSays(answer.msg(), "no unit no-such.service");
    }
    assertNull(quiesce("no-such").member("no-such.service"));
  }
}
