// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** What comes from outside crosses no boundary (SECURITY.md). */
class BoundariesIT extends Cases {
  private static final String COMMAND = "/usr/local/sbin/quietus";
  private static final String LEFT = "find /etc/quietus /run/quietus /etc/systemd/system.control";

  /** Installs the command, and lets a user run one of its verbs as root, and nothing else. */
  private static void sudoRule(String verb) {
    host.write(COMMAND, "#!/bin/sh\nexec java -jar /opt/quietus.jar \"$@\"\n", 0755);
    host.write(
        "/etc/sudoers.d/quietus",
        "admin ALL=(root) NOPASSWD: " + COMMAND + " " + verb + " *\n",
        0440);
  }

  private static Host.Result admin(String command) {
    return host.run("su", "-", "admin", "-c", command);
  }

  private void held(String... more) {
    service("edge.service");
    start("edge.service");
    quiesce("edge", more).ok();
  }

  private static void assertNoControlCharacters(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      assertTrue(c == '\n' || c >= ' ' && c != 127 && (c < 128 || c > 159), (int) c + ": " + text);
    }
  }

  @Test
  void aReasonCannotBringASettingIntoAUnitFile() {
    sudoRule("quiesce");
    service("edge.service");
    start("edge.service");
    admin(
            "sudo -n quietus quiesce --reason 'a\n"
                + "[Service]\n"
                + "ExecStop=/bin/touch /var/lib/cases/pwned\r"
                + "\\\n"
                + "ExecStopPost=/bin/touch /var/lib/cases/pwned\\' edge")
        .ok();
    assertEquals("inactive", active("edge.service"));
    assertEquals("", host.sh("ls /var/lib/cases/pwned 2>/dev/null").out());
    String gate = host.sh("cat /etc/systemd/system.control/edge.service.d/*.conf").ok();
    assertEquals(
        "[Unit]\nAssertPathExists=!/etc/quietus/holds/edge.service",
        host.sh("grep -v '^#' /etc/systemd/system.control/edge.service.d/*.conf").ok(),
        gate);
    assertSays(quietus("holds").ok(), "edge.service", "a [Service] ExecStop=/bin/touch");
    quietus("release edge").ok();
    assertEquals("active", active("edge.service"));
    assertEquals("", host.show("edge.service", "ExecStop"));
    assertEquals("", host.sh("ls /var/lib/cases/pwned 2>/dev/null").out());
  }

  @Test
  void aReasonTooLongHoldsNothing() {
    service("edge.service");
    start("edge.service");
    Host.Result refused =
        quietus("quiesce --reason \"$(head -c 10000 /dev/zero | tr '\\0' x)\" edge");
    assertEquals(2, refused.status(), refused.err());
    assertSays(refused.err(), "'reason' must be at most 500 characters long; it has 10000");
    assertEquals("active", active("edge.service"));
    assertEquals("", host.sh(LEFT + " -type f -not -name lock 2>/dev/null").out());
  }

  @Test
  void theLongestReasonIsHeldAndReleased() {
    service("edge.service");
    start("edge.service");
    quietus("quiesce --reason \"$(head -c 499 /dev/zero | tr '\\0' %)\\\\\" edge").ok();
    assertEquals("inactive", active("edge.service"));
    assertSays(quietus("holds").ok(), "%".repeat(499));
    quietus("release edge").ok();
    assertEquals("active", active("edge.service"));
  }

  @Test
  void anAtSignDoesNotReadAFileOfRoots() {
    sudoRule("status");
    Host.Result refused = admin("sudo -n quietus status @/etc/shadow");
    assertEquals(2, refused.status(), refused.err());
    for (String account : host.sh("cat /etc/shadow").ok().split("\n")) {
      String secret = account.split(":")[1];
      if (secret.length() > 5) {
        assertFalse((refused.out() + refused.err()).contains(secret), refused.err());
      }
    }
    assertFalse((refused.out() + refused.err()).contains("root:"), refused.err());
  }

  @Test
  void aRuleForOneVerbGivesNoOther() {
    sudoRule("status");
    held();
    assertNotEquals(0, admin("sudo -n quietus release edge").status());
    assertEquals("inactive", active("edge.service"));
    release("edge").ok();
  }

  @Test
  void aHostileGlobEnds() {
    String many = "a".repeat(200);
    unit(many + ".service", "[Service]\nExecStart=/bin/sleep infinity\n");
    service("edge.service");
    start("edge.service");
    for (String glob :
        new String[] {
          "*a".repeat(100) + "b", "*" + "?*".repeat(90) + "b", "[a-z]*".repeat(30) + "b.service"
        }) {
      // Waits for the end of the process; one that does not end is killed after a generous limit.
      Host.Result result =
          host.sh("timeout -s KILL 120 java -jar /opt/quietus.jar quiesce '" + glob + "'");
      assertEquals(1, result.status(), result.toString());
      assertSays(result.out() + result.err(), "no unit on this host matches");
    }
    quiesce("edge").ok();
    release("edge").ok();
  }

  @Test
  void anUnterminatedGlobIsABadCommand() {
    Host.Result refused = quietus("quiesce '[a'");
    assertEquals(2, refused.status());
    assertSays(refused.err(), "'[a' is not a glob");
    assertFalse(refused.err().contains("\tat "), refused.err());
    Host.Answer answer = host.quiesce("[a");
    assertEquals(2, answer.status());
    assertSays(answer.msg(), "'[a' is not a glob");
  }

  /** Creates files, where the agent looks, whose names no locale, or not this one, can express. */
  private void strangeNames() {
    host.sh(
            "for d in /etc/systemd/system /etc/systemd/system.control /run/systemd/system"
                + " /usr/share/dbus-1/system-services; do mkdir -p $d; touch"
                + " \"$d/$(printf 'Kopie \\303\\244.txt')\" \"$d/$(printf '\\377\\376.service')\""
                + " \"$d/$(printf '\\344.socket')\"; mkdir -p \"$d/$(printf '\\377.service.d')\""
                + " \"$d/$(printf '\\344.target.wants')\"; done;"
                // systemd itself cannot tell of a drop-in whose name is not UTF-8
                + " for d in /etc/systemd/system /etc/systemd/system.control; do mkdir -p"
                + " $d/edge.service.d; touch $d/edge.service.d/zz-quietus-größe.conf; done;"
                + " systemctl daemon-reload")
        .ok();
  }

  private void noStrangeNames() {
    host.sh(
            "LC_ALL=C; export LC_ALL; for d in /etc/systemd/system"
                + " /etc/systemd/system.control /run/systemd/system"
                + " /usr/share/dbus-1/system-services; do rm -rf $d/*[!\\ -~]*"
                + " $d/edge.service.d/*[!\\ -~]*; done; rmdir"
                + " /etc/systemd/system/edge.service.d; systemctl daemon-reload")
        .ok();
  }

  private static Host.Result in(String locale, String arguments) {
    return host.sh(
        "env -u LC_ALL LANG="
            + locale
            + " LC_ALL="
            + locale
            + " java -jar /opt/quietus.jar "
            + arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void anyBytesMayBeTheNameOfAFile(String locale) {
    service("edge.service");
    unit("edge.socket", "[Socket]\nListenStream=/run/edge.sock\n");
    start("edge.socket", "edge.service");
    strangeNames();
    try {
      in(locale, "quiesce --reason 'größer' edge").ok();
      assertEquals("inactive inactive", active("edge.service", "edge.socket"));
      assertSays(in(locale, "status 'edge*'").ok(), "edge.service is quiesced");
      in(locale, "holds").ok();
      in(locale, "release edge").ok();
      assertEquals("active active", active("edge.service", "edge.socket"));
      in(locale, "quiesce --until reboot edge").ok();
      in(locale, "release edge").ok();
    } finally {
      noStrangeNames();
    }
  }

  @Test
  void aLeaseEndsWhateverTheManagersLocaleIs() {
    service("edge.service");
    start("edge.service");
    strangeNames();
    host.sh("systemctl set-environment LANG=C LC_ALL=C").ok();
    try {
      quiesce("edge", "'lease':1", "'reason':'grün'").ok();
      await("systemctl is-active -q edge.service");
      await("[ ! -e /etc/quietus/holds/edge.service -a ! -e /etc/quietus/releasing/edge.service ]");
      await("[ -z \"$(ls -d /etc/systemd/system/quietus-lease* 2>/dev/null)\" ]");
    } finally {
      host.sh("systemctl unset-environment LANG LC_ALL");
      noStrangeNames();
    }
  }

  @Test
  void errorsInARecordAreShownWithoutControlCharacters() {
    held();
    host.sh(
            "cd /etc/quietus/holds; for n in 'x\\033[2J\\007.service' 'a\\n"
                + "b.service' '\\233.service' '\\302\\233.service' '\\377.service'"
                + " '\\342\\200\\256.service' damaged.service; do printf"
                + " '{\"version\":1,\"subject\":\"\\033[2J\\007\\302\\233\\342\\200\\256\"}'"
                + " >\"$(printf \"$n\")\"; done; printf '{\"\\033]0;x\\007\": \\033'"
                + " >other.service; printf '\\342\\200\\256\\033' >third.service")
        .ok();
    try {
      for (String locale : new String[] {"C", "C.UTF-8"}) {
        for (String arguments : new String[] {"holds", "status edge", "status damaged"}) {
          Host.Result result = in(locale, arguments);
          assertEquals(arguments.equals("status edge") ? 0 : 1, result.status(), arguments);
          String said = result.out() + result.err();
          assertSays(said, "damaged.service", "the file 'x?[2J?.service' in");
          assertNoControlCharacters(said);
          assertFalse(said.contains("\u202e"), said);
          assertFalse(said.contains("\tat "), said);
        }
      }
      Host.Answer info = host.agent("info", "{\"names\":[\"edge\"]}").ok();
      assertTrue(info.report().get("warnings").size() >= 3, info.toString());
      for (var warning : info.report().get("warnings")) {
        assertNoControlCharacters(warning.textValue());
      }
      assertTrue(release("edge").ok().changed());
    } finally {
      host.sh("cd /etc/quietus/holds && find . -type f -not -name edge.service -delete");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "holds,>/dev/full",
    "holds --json,>/dev/full",
    "holds,>&-",
    "status edge,>/dev/full",
    "status --json edge,>&-",
    "--help,>/dev/full",
    "--version,>/dev/full",
    "quiesce edge,>/dev/full",
    "release edge,>&-"
  })
  void lostOutputIsAnError(String arguments, String redirection) {
    held();
    Host.Result result = quietus(arguments + " " + redirection);
    assertEquals(1, result.status(), result.toString());
    assertSays(result.err(), "could not be written");
    if (!arguments.startsWith("release")) {
      release("edge").ok();
    }
    assertEquals("active", active("edge.service"));
  }

  @ParameterizedTest
  @ValueSource(strings = {">/dev/full", ">&-"})
  void aLostReportIsAnError(String redirection) {
    service("edge.service");
    start("edge.service");
    Host.Result result =
        host.sh(
            "echo '{\"names\":[\"edge\"],\"state\":\"quiesced\"}' | java -jar /opt/quietus.jar"
                + " apply "
                + redirection);
    assertEquals(1, result.status(), result.toString());
    assertSays(result.err(), "could not be written");
    assertEquals("inactive", active("edge.service"));
    release("edge").ok();
  }

  /** Below 12, Java itself does not start. */
  @ParameterizedTest
  @ValueSource(ints = {12, 13, 14, 16, 20})
  void withFewFileDescriptorsThereIsAReport(int limit) {
    service("edge.service");
    start("edge.service");
    Host.Result result =
        host.sh(
            "echo '{\"names\":[\"edge\"],\"state\":\"quiesced\"}' | (ulimit -n "
                + limit
                + "; exec java -jar /opt/quietus.jar apply)");
    assertTrue(result.out().startsWith("{\"changed\":"), result.toString());
    assertEquals(result.status() != 0, result.out().contains("\"failed\":true"), result.out());
    if (result.status() == 0) {
      assertEquals("inactive", active("edge.service"));
    }
    release("edge").ok();
    assertEquals("active", active("edge.service"));
  }

  /** systemd refuses a unit that was started too often lately, whoever starts it. */
  @Test
  void manyRoundsInSecondsDoNotEndAtTheStartLimit() {
    service("edge.service", "StartLimitIntervalSec=600\nStartLimitBurst=3", "Restart=always");
    unit(
        "edge.socket",
        "[Socket]\nListenStream=/run/edge.sock\n[Install]\nWantedBy=sockets.target\n");
    start("edge.socket", "edge.service");
    for (int round = 0; round < 8; round++) {
      quiesce("edge").ok();
      attack("edge.service", "edge.socket");
      release("edge").ok();
      assertEquals("active active", active("edge.service", "edge.socket"));
    }
    assertEquals(9, starts("edge.service"));
  }
}
