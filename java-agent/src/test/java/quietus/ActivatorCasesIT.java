// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/**
 * Everything that can start a service, under any of its names, and the templates and instances that
 * it starts.
 */
class ActivatorCasesIT extends Cases {
  @Test
  void activatorsOfOtherStemsAreMembersAlsoWhenTheyAreOnDiskOnly() {
    service("work.service");
    unit("door-a.socket", "[Socket]\nListenStream=/run/door-a.sock\nService=work.service\n");
    unit(
        "door-b.timer",
        "[Timer]\nOnActiveSec=0.05\nOnUnitInactiveSec=0.05\nAccuracySec=1ms\nUnit=work.service\n");
    unit("door-c.path", "[Path]\nPathExists=/run/door-c\nUnit=work.service\n");
    unit("door-d.socket", "[Socket]\nListenStream=/run/door-d.sock\nService=work.service\n");
    start("door-a.socket work.service");
    String before =
        states("work.service", "door-a.socket", "door-b.timer", "door-c.path", "door-d.socket");
    Host.Answer held = quiesce("work").ok();
    for (String activator :
        new String[] {"door-a.socket", "door-b.timer", "door-c.path", "door-d.socket"}) {
      assertNotNull(held.member(activator), activator);
      assertEquals("activator", held.member(activator).get("role").textValue());
      assertSays(held.member(activator).get("reason").textValue(), "work.service");
    }
    host.sh("touch /run/door-c");
    attack("work.service", "door-a.socket", "door-b.timer", "door-c.path", "door-d.socket");
    host.sh("echo | nc -U -w1 /run/door-a.sock; echo | nc -U -w1 /run/door-d.sock");
    assertEquals(
        "inactive inactive inactive inactive inactive",
        active("work.service", "door-a.socket", "door-b.timer", "door-c.path", "door-d.socket"));
    assertEquals(1, starts("work.service"));
    host.sh("rm /run/door-c");
    release("work").ok();
    assertEquals(
        before,
        states("work.service", "door-a.socket", "door-b.timer", "door-c.path", "door-d.socket"));
  }

  @Test
  void socketsThatTheServiceNamesItselfAreMembers() {
    service("names.service", "", "Sockets=its-own.socket");
    unit("its-own.socket", "[Socket]\nListenStream=/run/its-own.sock\nService=names.service\n");
    start("its-own.socket names.service");
    Host.Answer held = quiesce("names").ok();
    assertNotNull(held.member("its-own.socket"));
    release("names").ok();
    assertEquals("active active", active("its-own.socket", "names.service"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"eats.socket", "feeds-eats.timer"})
  void anActivatorStandsForTheFamilyOfWhatItStarts(String activator) {
    service("eats.service");
    unit("eats.socket", "[Socket]\nListenStream=/run/eats.sock\n");
    unit("feeds-eats.timer", "[Timer]\nOnCalendar=2099-01-01\nUnit=eats.service\n");
    start("eats.socket feeds-eats.timer eats.service");
    Host.Answer held = quiesce(activator).ok();
    assertEquals("eats.service", held.report().get("holds").get(0).get("subject").textValue());
    assertEquals(
        "inactive inactive inactive", active("eats.service", "eats.socket", "feeds-eats.timer"));
    assertFalse(quiesce("eats").ok().changed());
    release(activator).ok();
    assertEquals("active active active", active("eats.service", "eats.socket", "feeds-eats.timer"));
  }

  @Test
  void anAutomountIsAnActivatorOfItsMount() {
    unit("mnt-cases.mount", "[Mount]\nWhat=tmpfs\nWhere=/mnt/cases\nType=tmpfs\n");
    unit("mnt-cases.automount", "[Automount]\nWhere=/mnt/cases\n");
    host.sh("mkdir -p /mnt/cases; systemctl daemon-reload; systemctl start mnt-cases.automount");
    String before = active("mnt-cases.automount");
    Host.Answer held = quiesce("mnt-cases.mount").ok();
    assertEquals("activator", held.member("mnt-cases.automount").get("role").textValue());
    host.sh("ls /mnt/cases; systemctl start mnt-cases.mount mnt-cases.automount");
    assertEquals("inactive inactive", active("mnt-cases.mount", "mnt-cases.automount"));
    release("mnt-cases.mount").ok();
    assertEquals(before, active("mnt-cases.automount"));
  }

  @Test
  void aBusNameIsADoorAndACallIsRefusedAtOnce() {
    service(
        "named.service",
        "",
        "Type=dbus\n"
            + "BusName=com.example.Named\n"
            + "ExecStart=/usr/bin/python3 /usr/local/bin/named\n"
            + "TimeoutStartSec=10");
    host.write("/usr/local/bin/named", "import socket,os,struct\n" + BUS, 0755);
    host.write(
        "/usr/share/dbus-1/system-services/com.example.Named.service",
        "[D-BUS Service]\n"
            + "Name=com.example.Named\n"
            + "Exec=/bin/false\n"
            + "User=root\n"
            + "SystemdService=named.service\n",
        0644);
    host.write(
        "/etc/dbus-1/system.d/com.example.Named.conf",
        "<busconfig><policy user=\"root\"><allow own=\"com.example.Named\"/><allow"
            + " send_destination=\"com.example.Named\"/></policy></busconfig>",
        0644);
    host.sh("systemctl daemon-reload; systemctl reload dbus; systemctl start named.service").ok();
    Host.Answer held = quiesce("named").ok();
    assertSays(doors(held), "bus: a D-Bus call to com.example.Named starts named.service");
    Host.Result call =
        host.sh(
            "sleep 1.1; timeout 10 busctl call com.example.Named / org.freedesktop.DBus.Peer Ping;"
                + " status=$?; journalctl --sync; exit $status");
    assertTrue(call.status() != 0 && call.status() != 124, call.toString());
    assertEquals("inactive", active("named.service"));
    assertEquals(1, starts("named.service"));
    assertSays(
        quietus("status named").ok(), "Attempts to start it since the hold:", "com.example.Named");
    assertSays(release("named").ok().report().get("start_attempts").toString(), "\"how\":\"bus\"");
    assertEquals("active", active("named.service"));
    host.sh(
            "systemctl stop named.service; busctl call org.freedesktop.DBus /org/freedesktop/DBus"
                + " org.freedesktop.DBus StartServiceByName su com.example.Named 0")
        .ok();
    assertEquals(3, starts("named.service"), "the call starts it again");
    host.sh(
            "rm /usr/share/dbus-1/system-services/com.example.Named.service"
                + " /etc/dbus-1/system.d/com.example.Named.conf; systemctl reload dbus")
        .ok();
  }

  /** Owns a name on the bus with nothing but sockets. */
  private static final String BUS =
      """
      s = socket.socket(socket.AF_UNIX); s.connect('/run/dbus/system_bus_socket')
      s.sendall(b'\\0AUTH EXTERNAL ' + str(os.getuid()).encode().hex().encode() + b'\\r\\n'); s.recv(100)
      s.sendall(b'BEGIN\\r\\n')
      def call(serial, member, sig, body):
          def field(code, kind, text):
              f = bytes([code, 1]) + kind + b'\\0'
              return f + (struct.pack('<I', len(text)) + text + b'\\0' if kind != b'g' else bytes([len(text)]) + text + b'\\0')
          fields = b''
          for f in [field(1, b'o', b'/org/freedesktop/DBus'), field(2, b's', b'org.freedesktop.DBus'), field(3, b's', member), field(6, b's', b'org.freedesktop.DBus')] + ([field(8, b'g', sig)] if sig else []):
              fields += b'\\0' * (-len(fields) % 8) + f
          head = struct.pack('<cBBBII', b'l', 1, 0, 1, len(body), serial) + struct.pack('<I', len(fields)) + fields
          s.sendall(head + b'\\0' * (-len(head) % 8) + body)
      call(1, b'Hello', b'', b'')
      name = b'com.example.Named'
      call(2, b'RequestName', b'su', struct.pack('<I', len(name)) + name + b'\\0' + b'\\0' * (-(5 + len(name)) % 4) + struct.pack('<I', 0))
      while s.recv(4096):
          pass
      """;

  @Test
  void aTemplateMeansAllItsInstancesAlsoThoseThatAreStartedLater() {
    service("tpl@.service");
    service("tpl@own.service", "", "ExecStart=/bin/sleep 777");
    unit("tpl@t.timer", "[Timer]\nOnActiveSec=0.05\nOnUnitInactiveSec=0.05\nAccuracySec=1ms\n");
    start("tpl@a.service tpl@b.service tpl@own.service");
    String before = states("tpl@a.service", "tpl@b.service", "tpl@own.service", "tpl@c.service");
    Host.Answer held = quiesce("tpl@.service").ok();
    assertNotNull(held.member("tpl@a.service"), held.units().toString());
    assertEquals("instance", held.member("tpl@own.service").get("role").textValue());
    attack("tpl@a.service", "tpl@b.service", "tpl@own.service", "tpl@c.service", "tpl@d.service");
    assertEquals(
        "inactive inactive inactive inactive inactive",
        active(
            "tpl@a.service", "tpl@b.service", "tpl@own.service", "tpl@c.service", "tpl@d.service"));
    assertFalse(quiesce("tpl@.service").ok().changed());
    release("tpl@.service").ok();
    assertEquals(
        before, states("tpl@a.service", "tpl@b.service", "tpl@own.service", "tpl@c.service"));
    assertEquals(0, starts("tpl@c.service"));
    assertEquals(2, starts("tpl@own.service"));
  }

  @Test
  void oneInstanceIsHeldAloneAndAGlobHoldsWhatItMatches() {
    service("tpl@.service");
    start("tpl@a.service tpl@b.service tpl@ab.service");
    quiesce("tpl@a").ok();
    attack("tpl@a.service");
    assertEquals(
        "inactive active active", active("tpl@a.service", "tpl@b.service", "tpl@ab.service"));
    host.sh("systemctl restart tpl@b.service && systemctl start tpl@c.service").ok();
    release("tpl@a").ok();
    Host.Answer held = quiesce("tpl@a*").ok();
    assertEquals(2, held.report().get("holds").size());
    assertEquals(
        "inactive active inactive", active("tpl@a.service", "tpl@b.service", "tpl@ab.service"));
    assertFalse(quiesce("tpl@a*").ok().changed());
    release("tpl@a*").ok();
    assertEquals(
        "active active active", active("tpl@a.service", "tpl@b.service", "tpl@ab.service"));
    host.sh("systemctl stop 'tpl@*'").ok();
  }

  @Test
  void aGlobThatMatchesNothingIsAClearError() {
    Host.Answer refused = quiesce("no-such-@*");
    assertTrue(refused.failed());
    assertSays(refused.msg(), "no-such-@*");
  }

  @Test
  void liveConnectionsOfAnAcceptingSocketEndAndAreSaidToEnd() {
    unit("line@.service", "[Service]\nExecStart=-/bin/cat\nStandardInput=socket\n");
    unit("line.socket", "[Socket]\nListenStream=127.0.0.1:7100\nAccept=yes\n");
    start("line.socket");
    host.sh("for i in 1 2 3; do (sleep 300 | nc 127.0.0.1 7100 >/dev/null 2>&1 &) ; done");
    await("[ $(systemctl list-units --plain --no-legend 'line@*' | grep -c running) = 3 ]");
    Host.Answer held = quiesce("line.socket").ok();
    assertEquals("line@.service", held.report().get("holds").get(0).get("subject").textValue());
    assertEquals(5, held.units().size(), held.units().toString());
    assertSays(held.report().get("inexact").toString(), "accepted connection");
    assertEquals("0", host.sh("pgrep -xc cat; true").ok());
    assertTrue(host.sh("echo hi | timeout 2 nc -N 127.0.0.1 7100").status() != 0);
    assertFalse(quiesce("line@.service").ok().changed());
    release("line.socket").ok();
    assertEquals("hi", host.sh("echo hi | timeout 5 nc -N 127.0.0.1 7100").ok());
    host.sh("pkill -f 'sleep 30[0]'");
  }
}
