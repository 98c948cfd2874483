// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import quietus.lab.Host;

/**
 * One host for a class of cases, and services that count their starts. After each test its units
 * are removed, and no file of the agent may be left.
 */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
abstract class Cases {
  /** An option of find: without the launcher, which the first hold leaves on a host. */
  static final String BUT_LAUNCHER =
      " -not -path '/var/lib/quietus/agent/*' -not -path /var/lib/quietus/quietus ";

  private static final String TRACES =
      "find /etc/systemd/system.control /run/systemd/system.control /etc/quietus /run/quietus"
          + " /var/lib/quietus -not -type d -not -name lock"
          + BUT_LAUNCHER
          + "2>/dev/null; find /etc/systemd/system /run/systemd/system -name 'quietus-*'";

  /** The lease service deletes its own files after the last record, when a test may be over. */
  private static final String LEASES_DONE =
      "[ -z \"$(systemctl list-units --plain --no-legend --state=activating,deactivating"
          + " 'quietus-lease*.service')\" ]";

  static final String QUIETUS =
      "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:SharedArchiveFile=/opt/quietus.jsa -jar"
          + " /opt/quietus.jar";

  static Host host;

  @Parameter private String suite;

  private final List<String> made = new ArrayList<>();

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot(suite);
    host.sh("mkdir -p /var/lib/cases").ok();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  String suite() {
    return suite;
  }

  @AfterEach
  void everythingIsGone() {
    host.sh(
        "for hold in $(ls /etc/quietus/holds /etc/quietus/releasing /run/quietus/holds"
            + " /run/quietus/releasing 2>/dev/null | grep '[.][a-z]*$' | sort -u); do "
            + QUIETUS
            + " release \"$hold\"; done");
    await(LEASES_DONE);
    String left = host.sh(TRACES).out();
    StringBuilder clean =
        new StringBuilder(
            "rm -rf /etc/systemd/system.control /run/systemd/system.control /etc/quietus"
                + " /run/quietus /var/lib/quietus\n");
    if (!made.isEmpty()) {
      List<String> loadable = made.stream().filter(unit -> !unit.contains("@.")).toList();
      String units = String.join(" ", loadable);
      clean.append(
          units.isEmpty()
              ? ""
              : "systemctl kill --signal=KILL " + units + "; systemctl stop " + units + "\n");
      for (String unit : made) {
        clean.append(
            "rm -rf /etc/systemd/system/"
                + unit
                + " /etc/systemd/system/"
                + unit
                + ".d /run/systemd/system/"
                + unit
                + " /etc/systemd/system/*.wants/"
                + unit
                + "\n");
      }
    }
    clean.append("rm -f /var/lib/cases/*; systemctl daemon-reload; systemctl reset-failed\n");
    host.sh(clean.toString());
    made.clear();
    assertEquals("", left, "files that the test's release left");
  }

  /** Writes a unit file in /etc/systemd/system, which is removed after the test. */
  void unit(String name, String text) {
    made.add(name);
    host.unit(name, text);
  }

  /** A unit that the test creates in another way, to be removed after it. */
  void makes(String name) {
    made.add(name);
  }

  /**
   * Writes a service that counts its starts.
   *
   * @param unit lines for its [Unit] section
   * @param service lines for its [Service] section; with none that says otherwise it sleeps
   */
  void service(String name, String unit, String service) {
    unit(
        name,
        "[Unit]\n"
            + unit
            + "\n[Service]\nExecStartPre=/bin/sh -c 'echo %n >>/var/lib/cases/starts'\n"
            + (service.contains("ExecStart=") ? "" : "ExecStart=/bin/sleep infinity\n")
            + service
            + "\n[Install]\nWantedBy=multi-user.target\n");
  }

  void service(String name) {
    service(name, "", "");
  }

  /** Reads the unit files and starts some units. */
  static void start(String... units) {
    host.sh("systemctl daemon-reload && systemctl start " + String.join(" ", units)).ok();
  }

  /** How often a service of {@link #service} was started. */
  static int starts(String unit) {
    return Integer.parseInt(
        host.sh("cat /var/lib/cases/starts 2>/dev/null | grep -cxF '" + unit + "'").out().strip());
  }

  /** {@code active/running} of each unit. */
  static String states(String... units) {
    return host.sh(
            "for u in "
                + String.join(" ", units)
                + "; do echo \"$u $(systemctl show --value -p LoadState -p ActiveState -p SubState"
                + " -p UnitFileState $u | xargs)\"; done")
        .ok();
  }

  /** ActiveState of each unit, in one line. */
  static String active(String... units) {
    return host.sh(
            "for u in "
                + String.join(" ", units)
                + "; do systemctl show --value -p ActiveState $u; done | xargs")
        .ok();
  }

  /** Skips a case where systemd is too old for it. */
  static void needs(int version, String what) {
    int here = Integer.parseInt(host.sh("systemctl --version").ok().split("\\s+")[1]);
    Assumptions.assumeTrue(
        here >= version, what + " came with systemd " + version + ", and this is " + here);
  }

  /** Starts each unit and the targets that a boot starts; the results are ignored. */
  static void attack(String... units) {
    host.sh(
        "for u in "
            + String.join(" ", units)
            + " multi-user.target sockets.target timers.target paths.target; do systemctl start $u;"
            + " done");
  }

  /** Waits until a shell's condition is true. */
  static void await(String condition) {
    Host.Result result =
        host.sh(
            "for i in $(seq 2400); do if "
                + condition
                + "; then exit 0; fi; sleep 0.025; done; exit 1");
    assertTrue(result.status() == 0, "the condition did not become true: " + condition);
  }

  /**
   * Quiesces a unit.
   *
   * @param more further keys, with single quotes for double ones
   */
  static Host.Answer quiesce(String unit, String... more) {
    return host.quiesce(unit, quoted(more));
  }

  /** Quiesces a unit with an agent that is killed between its mask and the reload for that. */
  static void dieBeforeTheMaskIsRead(String unit) {
    Host.Answer killed =
        host.agent("apply", Host.request(unit, "quiesced"), "-Dquietus.kill-after=stop");
    assertEquals(137, killed.status(), "it should have been killed after the stop");
    host.sh("ln -s /dev/null /etc/systemd/system.control/" + unit + ".service").ok();
    assertEquals("loaded", host.show(unit + ".service", "LoadState"));
  }

  static Host.Answer release(String unit, String... more) {
    return host.release(unit, quoted(more));
  }

  private static String[] quoted(String... more) {
    String[] keys = new String[more.length];
    for (int i = 0; i < more.length; i++) {
      keys[i] = more[i].replace('\'', '"');
    }
    return keys;
  }

  /** Runs the agent's command line as root. */
  static Host.Result quietus(String arguments) {
    return host.sh(QUIETUS + " " + arguments);
  }

  /** All warnings in one text. */
  static String warnings(Host.Answer answer) {
    return answer.report().get("warnings").toString();
  }

  static void assertSays(String text, String... words) {
    for (String word : words) {
      assertTrue(text.contains(word), "'" + word + "' is not in: " + text);
    }
  }

  /** The kinds and texts of the doors, a line each. */
  static String doors(Host.Answer answer) {
    StringBuilder text = new StringBuilder();
    answer
        .report()
        .get("doors")
        .forEach(
            door ->
                text.append(door.get("kind").textValue())
                    .append(": ")
                    .append(door.get("text").textValue())
                    .append('\n'));
    return text.toString();
  }
}
