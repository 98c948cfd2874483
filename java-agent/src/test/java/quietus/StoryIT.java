// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/**
 * The main use case on a real systemd: the story's service with its socket, timer and path, and
 * Restart=always.
 */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class StoryIT {
  private static final List<String> UNITS =
      List.of("myapi.service", "myapi.socket", "myapi.timer", "myapi.path");
  private static final String ALL = String.join(" ", UNITS);
  private static final String STORM =
      """
      exec >/dev/null 2>&1
      touch /run/wake-myapi
      end=$(($(date +%s) + 3))
      (while [ $(date +%s) -lt $end ]; do systemctl start myapi.service && touch /run/it-started; done) &
      (while [ $(date +%s) -lt $end ]; do systemctl start myapi.socket myapi.timer myapi.path && touch /run/it-started; done) &
      (while [ $(date +%s) -lt $end ]; do systemctl start multi-user.target sockets.target timers.target paths.target; sleep 0.05; done) &
      for i in $(seq 400); do curl -s --max-time 1 http://127.0.0.1:8080/ && touch /run/it-answered; done
      wait
      rm -f /run/wake-myapi
      """;

  private static Host host;

  StoryIT(String suite) {
    assertTrue(
        host.run("grep", suite, "/etc/os-release").status() == 0, "the host is of another suite");
  }

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot(suite);
    host.write("/usr/local/bin/myapi", Host.file("lab/story/myapi"), 0755);
    host.sh("mkdir -p /var/lib/myapi").ok();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  private static void install(String directory) {
    host.sh("mkdir -p " + directory + "; rm -f /var/lib/myapi/*").ok();
    for (String unit : UNITS) {
      host.write(directory + "/" + unit, Host.file("lab/story/" + unit), 0644);
    }
    host.sh("systemctl daemon-reload; systemctl enable --now " + ALL).ok();
    settled();
  }

  @AfterEach
  void everythingIsGone() {
    host.sh(
        "java -jar /opt/quietus.jar release myapi; systemctl disable --now "
            + ALL
            + "; systemctl reset-failed "
            + ALL
            + "; rm -f /etc/systemd/system/myapi.* /run/systemd/system/myapi.*"
            + " /usr/lib/systemd/system/myapi.*; systemctl daemon-reload");
    assertEquals(
        "",
        host.sh(
                "find /etc/systemd/system.control /run/systemd/system.control /etc/quietus"
                    + " /run/quietus /var/lib/quietus -not -type d -not -name lock"
                    + Cases.BUT_LAUNCHER
                    + "2>/dev/null")
            .out());
  }

  /**
   * The members' states, when the 50 ms timer has reached its final state: it waits for the service
   * that runs.
   */
  private static String settled() {
    host.sh(
            "for i in $(seq 100); do [ \"$(systemctl show --value -p SubState myapi.timer)\" ="
                + " running ] && break; sleep 0.05; done")
        .ok();
    return states();
  }

  private static String states() {
    return host.sh(
            "systemctl show -p Id -p LoadState -p ActiveState -p SubState -p UnitFileState "
                + ALL
                + "; find /etc/systemd /run/systemd/system -name 'myapi.*' -printf '%p %l\\n"
                + "' | sort")
        .ok();
  }

  private static int starts() {
    return Integer.parseInt(host.sh("cat /var/lib/myapi/starts 2>/dev/null | wc -l").ok());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/systemd/system", "/usr/lib/systemd/system", "/run/systemd/system"})
  void aFamilyIsHeldThroughTheStormAndRestoredWhereverItsFilesLie(String directory) {
    install(directory);
    String before = settled();
    Host.Answer quiesced = host.quiesce("myapi", "\"reason\":\"migration 42\"").ok();
    int counted = starts();
    assertTrue(quiesced.changed());
    assertEquals(
        List.of("myapi.service", "myapi.socket", "myapi.timer", "myapi.path").stream()
            .sorted()
            .toList(),
        quiesced.units().stream().sorted().toList());
    assertEquals("graceful", host.run("tail", "-n1", "/var/lib/myapi/stops").ok());
    host.sh(STORM).ok();
    assertEquals(counted, starts(), "starts while it was held");
    assertEquals("", host.sh("ls /run/it-started /run/it-answered 2>/dev/null").out());
    Host.Answer released = host.release("myapi").ok();
    assertTrue(released.changed());
    assertEquals(before, settled());
    assertEquals(counted + 1, starts(), "starts at the release");
    long socket = Long.parseLong(host.show("myapi.socket", "ActiveEnterTimestampMonotonic"));
    long service = Long.parseLong(host.show("myapi.service", "ExecMainStartTimestampMonotonic"));
    assertTrue(socket < service, "the socket listens before the service is up");
    assertTrue(host.sh("curl -s http://127.0.0.1:8080/").ok().contains("healthy"));
  }

  @Test
  void aSecondRunOfEitherStateChangesNothingAndWritesNothing() {
    install("/etc/systemd/system");
    host.quiesce("myapi").ok();
    String held = host.traces();
    Host.Answer again = host.quiesce("myapi").ok();
    assertFalse(again.changed());
    assertEquals(held, host.traces());
    assertFalse(host.quiesce("myapi.socket").ok().changed(), "an activator answers for its family");
    host.release("myapi").ok();
    settled();
    String released = host.traces();
    assertFalse(host.release("myapi").ok().changed());
    assertEquals(released, host.traces());
  }

  @Test
  void checkPredictsAndTouchesNothing() {
    install("/etc/systemd/system");
    String before = host.traces();
    String states = settled();
    Host.Answer predicted = host.quiesce("myapi", "\"check\":true").ok();
    assertTrue(predicted.changed());
    assertEquals(before, host.traces());
    assertEquals(states, states());
    Host.Answer real = host.quiesce("myapi").ok();
    for (String unit : UNITS) {
      assertEquals(real.member(unit).get("after"), predicted.member(unit).get("after"), unit);
      assertEquals(real.member(unit).get("restore"), predicted.member(unit).get("restore"), unit);
    }
    String held = host.traces();
    Host.Answer back = host.release("myapi", "\"check\":true").ok();
    assertTrue(back.changed());
    assertEquals(held, host.traces());
    Host.Answer released = host.release("myapi").ok();
    for (String unit : UNITS) {
      assertEquals(
          released.member(unit).get("after").get("active"),
          back.member(unit).get("after").get("active"),
          unit);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lock", "look", "resolve", "gates", "reload", "hold", "stop", "mask", "verify", "journal"
      })
  void aQuiesceThatIsKilledAfterAnyStepConvergesWithEitherVerb(String step) {
    install("/etc/systemd/system");
    String before = settled();
    killed("quiesced", step);
    host.quiesce("myapi").ok();
    int counted = starts();
    assertEquals(
        "inactive inactive inactive inactive",
        host.sh("systemctl is-active " + ALL + " | xargs").ok());
    host.sh("curl -s --max-time 1 http://127.0.0.1:8080/; systemctl start " + ALL);
    assertEquals(counted, starts());
    host.release("myapi").ok();
    assertEquals(before, settled());
    killed("quiesced", step);
    host.release("myapi").ok();
    assertEquals(before, settled());
    assertFalse(host.release("myapi").ok().changed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "look", "unmask", "open", "start", "verify", "gates", "journal"})
  void aReleaseThatIsKilledAfterAnyStepConvergesWithEitherVerb(String step) {
    install("/etc/systemd/system");
    String before = settled();
    host.quiesce("myapi").ok();
    killed("running", step);
    host.release("myapi").ok();
    assertEquals(before, settled());
    host.quiesce("myapi").ok();
    killed("running", step);
    host.quiesce("myapi").ok();
    assertEquals(
        "inactive inactive inactive inactive",
        host.sh("systemctl is-active " + ALL + " | xargs").ok());
    host.release("myapi").ok();
    assertEquals(before, settled());
  }

  private static void killed(String state, String step) {
    Host.Answer answer =
        host.agent("apply", Host.request("myapi", state), "-Dquietus.kill-after=" + step);
    assertEquals(137, answer.status(), "it should have been killed after the step " + step);
  }

  @Test
  void aHoldOutlivesAReboot() {
    install("/etc/systemd/system");
    String before = settled();
    host.quiesce("myapi").ok();
    int counted = starts();
    host.reboot();
    host.sh(STORM).ok();
    assertEquals(counted, starts(), "starts during the boot and after");
    assertFalse(host.quiesce("myapi").ok().changed());
    host.release("myapi").ok();
    assertEquals(before, settled());
    assertEquals(counted + 1, starts());
  }

  @Test
  void aHoldUntilRebootEndsWithIt() {
    install("/etc/systemd/system");
    String before = settled();
    host.quiesce("myapi", "\"until\":\"reboot\"").ok();
    int counted = starts();
    host.sh(STORM).ok();
    assertEquals(counted, starts());
    assertEquals(
        "",
        host.sh("find /etc/systemd/system.control /etc/quietus -type f 2>/dev/null").out(),
        "nothing of it is under /etc");
    host.reboot();
    assertEquals(before, settled());
    assertFalse(host.release("myapi").ok().changed());
  }

  @Test
  void theStopIsGraceful() {
    host.unit(
        "graceful.service",
        """
        [Service]
        ExecStart=/bin/bash -c 'trap "echo SIGINT >>/var/lib/myapi/graceful; exit 0" INT; while :; do sleep 0.1; done'
        ExecStop=/bin/sh -c 'echo ExecStop >>/var/lib/myapi/graceful'
        ExecStopPost=/bin/sh -c 'echo ExecStopPost >>/var/lib/myapi/graceful'
        KillSignal=SIGINT
        """);
    host.sh("rm -f /var/lib/myapi/graceful; systemctl daemon-reload; systemctl start graceful")
        .ok();
    host.quiesce("graceful").ok();
    assertEquals("ExecStop SIGINT ExecStopPost", host.sh("xargs </var/lib/myapi/graceful").ok());
    host.release("graceful").ok();
    assertEquals("active", host.show("graceful.service", "ActiveState"));
    host.sh(
            "systemctl stop graceful; rm /etc/systemd/system/graceful.service; systemctl"
                + " daemon-reload")
        .ok();
  }

  @Test
  void everyPlaceToLookNamesTheHolder() {
    install("/etc/systemd/system");
    host.quiesce("myapi", "\"reason\":\"migration 42\"", "\"by\":\"the admin\"").ok();
    for (String unit : UNITS) {
      String status = host.sh("systemctl status --no-pager " + unit).out();
      assertTrue(
          status.contains("migration 42")
              && status.contains("the admin")
              && status.contains("release 'myapi.service'"),
          status);
    }
    String list = host.sh("java -jar /opt/quietus.jar holds").ok();
    assertTrue(
        list.contains("myapi.service")
            && list.contains("migration 42")
            && list.contains("the admin"),
        list);
    String page = host.sh("java -jar /opt/quietus.jar status myapi").ok();
    assertTrue(
        page.contains("its connections start myapi.service") && page.contains("migration 42"),
        page);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"names\":[\"no-such-unit\"],\"state\":\"quiesced\"}",
        "{\"names\":[\"../../etc/passwd\"],\"state\":\"quiesced\"}",
        "{\"names\":[\"-H root@elsewhere\"],\"state\":\"quiesced\"}",
        "{\"names\":[\"\"],\"state\":\"quiesced\"}",
        "{\"names\":[\"a\\nb\"],\"state\":\"quiesced\"}",
        "{\"names\":[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"],\"state\":\"quiesced\"}",
        "{\"names\":[\"myapi\"],\"state\":",
        "{\"names\":[\"myapi\"],\"state\":\"quiesced\",\"forse\":true}",
        "{\"names\":[\"myapi\"],\"state\":\"quiesced\",\"timeout\":\"soon\"}",
        "null",
        ""
      })
  void badInputIsAClearErrorAndChangesNothing(String request) {
    String before = host.traces();
    Host.Answer answer = host.agent("apply", request);
    assertEquals(request.contains("no-such-unit") ? 1 : 2, answer.status());
    assertTrue(answer.failed() && !answer.changed());
    assertTrue(
        answer.msg().length() > 15 && answer.msg().chars().noneMatch(Character::isISOControl),
        answer.msg());
    assertEquals(
        before.replaceAll("(?m)^/run/quietus.*\n", ""),
        host.traces().replaceAll("(?m)^/run/quietus.*\n", ""));
  }

  @Test
  void aUserWhoIsNotRootIsRefused() {
    install("/etc/systemd/system");
    Host.Result result =
        host.sh("su admin -s /bin/sh -c 'java -jar /opt/quietus.jar quiesce myapi'");
    assertEquals(1, result.status());
    assertTrue((result.out() + result.err()).contains("root"), result.toString());
    assertEquals("active", host.show("myapi.service", "ActiveState"));
  }
}
