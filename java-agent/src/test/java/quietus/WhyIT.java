// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import quietus.lab.Host;

/**
 * What quietus why answers on real systemd after each act, while other units start all the time,
 * and a socket, a timer and a path are armed and do not fire. A wrong answer fails, an unknown one
 * is counted. {@code make test-why ROUNDS=30} prints docs/why.md's table.
 */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class WhyIT {
  private static final int ROUNDS = Integer.getInteger("quietus.why.rounds", 1);
  private static final JsonMapper JSON = new JsonMapper();
  private static final String QUIETUS =
      "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:SharedArchiveFile=/opt/why.jsa -jar"
          + " /opt/quietus.jar";
  private static final String BEFORE =
      "systemctl stop w.socket t.timer w.path up.service w.service tcp.socket tcp.service r.path"
          + " r.service 2>/dev/null; systemctl reset-failed 2>/dev/null; rm -f /run/w.go;";

  /**
   * A socket that was bound within the last second does not tell of a first connection. The time
   * itself is what is waited for.
   */
  private static final String BOUND = "sleep 1.1; ";

  private static final String ARM = "systemctl start w.socket armed.timer w.path;";

  private static Host host;

  @Parameter private String suite;

  /**
   * An act.
   *
   * @param expected the kind that is right
   * @param by the unit that is right; null where it does not matter
   * @param settles false where nothing that systemd records can tell
   */
  private record Act(
      String name, String unit, String script, String expected, String by, boolean settles) {
    static Act of(String name, String expected, String by, String script) {
      return new Act(name, "w.service", BEFORE + ARM + script, expected, by, true);
    }
  }

  private static final List<Act> ACTS =
      List.of(
          Act.of(
              "a connection to a unix socket",
              "socket",
              "w.socket",
              BOUND + "echo | nc -U -N -w1 /run/w.sock"),
          new Act(
              "a connection to a TCP socket",
              "tcp.service",
              BEFORE + "systemctl start tcp.socket; echo | nc -N -w1 127.0.0.1 7007",
              "socket",
              "tcp.socket",
              false),
          new Act(
              "systemctl start, with a TCP socket armed",
              "tcp.service",
              BEFORE + "systemctl start tcp.socket; systemctl start tcp.service",
              "request",
              null,
              false),
          Act.of("a timer", "timer", "t.timer", "systemctl start t.timer"),
          Act.of("a file", "path", "w.path", "touch /run/w.go"),
          Act.of(
              "a call of its bus name",
              "bus",
              null,
              "timeout 1 busctl call com.example.W@ROUND@ / com.example.W Foo --timeout=1"),
          new Act(
              "kill -9 with Restart=always",
              "r.service",
              BEFORE
                  + "systemctl start r.path r.service; systemctl kill -s KILL r; until ["
                  + " $(systemctl show --value -p NRestarts r) -gt 0 ]; do sleep 0.02; done",
              "restart",
              null,
              true),
          Act.of("a unit that requires it", "dependency", "req.service", "systemctl start req"),
          Act.of(
              "a unit that wants it, and is gone again",
              "dependency",
              "want.service",
              "systemctl start want"),
          Act.of(
              "a restart of what it requires",
              "dependency",
              "base.service",
              "systemctl start w; systemctl restart base"),
          Act.of(
              "an upholder, after a stop",
              "upheld",
              "up.service",
              "systemctl start up; systemctl stop w"),
          Act.of("the start of an upholder", "upheld", "up.service", "systemctl start up"),
          Act.of("a failure", "failure", "fail.service", "systemctl start fail"),
          Act.of("a success", "success", "good.service", "systemctl start good"),
          Act.of("systemctl start", "request", null, BOUND + "systemctl start w"),
          Act.of("systemctl restart", "request", null, "systemctl start w; systemctl restart w"),
          Act.of(
              "systemctl start by sudo",
              "request",
              null,
              "runuser -u deploy -- sudo systemctl start w"),
          new Act(
              "sudo systemctl start, with a TCP socket armed",
              "tcp.service",
              BEFORE + "systemctl start tcp.socket; runuser -u deploy -- sudo systemctl start tcp",
              "request",
              null,
              true),
          Act.of(
              "busctl",
              "request",
              null,
              BOUND
                  + "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1"
                  + " org.freedesktop.systemd1.Manager StartUnit ss w.service replace"),
          Act.of(
              "what Ansible's module does",
              "request",
              null,
              "logger -t ansible-ansible.builtin.systemd_service 'Invoked with name=w"
                  + " state=started'; systemctl start w"),
          Act.of(
              "a connection, then systemctl start",
              "socket",
              "w.socket",
              BOUND + "echo | nc -U -N -w1 /run/w.sock; systemctl start w"),
          Act.of(
              "sudo systemctl start, then a connection",
              "request",
              null,
              "runuser -u deploy -- sudo systemctl start w; echo | nc -U -N -w1 /run/w.sock"),
          Act.of(
              "a timer's start, an end, then systemctl start",
              "request",
              null,
              "systemctl start t.timer; until systemctl -q is-active w; do sleep 0.02; done;"
                  + " systemctl stop w t.timer; "
                  + BOUND
                  + "systemctl start w"));

  /**
   * An act after which a unit is down.
   *
   * @param expected a part of the right answer
   */
  private record End(String name, String unit, String script, String expected) {}

  private static final List<End> ENDS =
      List.of(
          new End(
              "systemctl stop",
              "w.service",
              "systemctl start w; systemctl stop w",
              "stopped by a job"),
          new End(
              "sudo systemctl stop by an ordinary user",
              "w.service",
              "systemctl start w; runuser -u deploy -- sudo systemctl stop w",
              "on request of deploy"),
          new End(
              "kill -9, without Restart=",
              "w.service",
              "systemctl start w; systemctl kill -s KILL w",
              "ended without a stop job"),
          new End(
              "a stop of what it requires",
              "w.service",
              "systemctl start w; systemctl stop base; systemctl start base",
              "along with base.service"),
          new End(
              "quietus quiesce",
              "h.service",
              "systemctl start h; "
                  + QUIETUS
                  + " release h >/dev/null; systemctl start h; "
                  + QUIETUS
                  + " quiesce h >/dev/null",
              "stopped by its hold"),
          new End("nothing since the boot", "never.service", "", "has not been up"));

  /** Units that a boot starts, and the unit by which it does. */
  private static final Map<String, String> BOOTED =
      new TreeMap<>(
          Map.of(
              "cron.service", "multi-user.target",
              "ssh.service", "multi-user.target",
              "dbus.socket", "sockets.target",
              "multi-user.target", "graphical.target"));

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot(suite);
    String sleeps = "[Service]\nExecStart=/bin/sleep infinity\n";
    String once = "[Service]\nType=oneshot\nExecStart=/bin/true\n";
    host.unit(
        "w.service",
        "[Unit]\nStartLimitIntervalSec=0\nRequires=base.service\nAfter=base.service\n[Service]\n"
            + "ExecStart=/bin/sleep infinity\n");
    host.unit(
        "r.service",
        "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=20ms\n"
            + "ExecStart=/bin/sleep infinity\n");
    host.unit("h.service", sleeps);
    host.unit("never.service", sleeps);
    host.unit("r.path", "[Path]\nPathExists=/run/r.go\n");
    host.unit("base.service", "[Unit]\nStartLimitIntervalSec=0\n" + sleeps);
    host.unit("w.socket", "[Unit]\nStartLimitIntervalSec=0\n[Socket]\nListenStream=/run/w.sock\n");
    host.unit("tcp.service", "[Unit]\nStartLimitIntervalSec=0\n" + sleeps);
    host.unit(
        "tcp.socket", "[Unit]\nStartLimitIntervalSec=0\n[Socket]\nListenStream=127.0.0.1:7007\n");
    host.unit("armed.timer", "[Timer]\nOnActiveSec=1h\nUnit=w.service\n");
    host.unit(
        "t.timer",
        "[Unit]\n"
            + "StartLimitIntervalSec=0\n"
            + "[Timer]\n"
            + "OnActiveSec=0.1\n"
            + "AccuracySec=1ms\n"
            + "Unit=w.service\n");
    host.unit(
        "w.path",
        "[Unit]\nStartLimitIntervalSec=0\n[Path]\nPathExists=/run/w.go\nUnit=w.service\n");
    host.unit("req.service", "[Unit]\nRequires=w.service\nAfter=w.service\n" + once);
    host.unit("want.service", "[Unit]\nWants=w.service\n" + once);
    host.unit("up.service", "[Unit]\nUpholds=w.service\n" + sleeps);
    host.unit(
        "fail.service",
        "[Unit]\nStartLimitIntervalSec=0\nOnFailure=w.service\n[Service]\nExecStart=/bin/false\n");
    host.unit("good.service", "[Unit]\nStartLimitIntervalSec=0\nOnSuccess=w.service\n" + once);
    host.unit("noise@.service", "[Unit]\nStartLimitIntervalSec=0\n" + once);
    host.unit(
        "noise.service",
        "[Service]\nExecStart=/bin/sh -c 'while :; do systemctl --no-block restart noise@1 noise@2"
            + " noise@3; sleep 0.2; done'\n");
    host.sh(
            "mkdir -p /usr/share/dbus-1/system-services\n"
                // one name a round: a second call only joins an activation that still waits
                + "for i in $(seq 0 "
                + ROUNDS
                + "); do printf '[D-BUS Service]\\n"
                + "Name=com.example.W%d\\n"
                + "Exec=/bin/false\\n"
                + "User=root\\n"
                + "SystemdService=w.service\\n"
                + "' $i > /usr/share/dbus-1/system-services/com.example.W$i.service; done\n"
                + "printf '%s' '<busconfig><policy context=\"default\"><allow"
                + " send_destination=\"*\"/></policy></busconfig>' >"
                + " /usr/share/dbus-1/system.d/w.conf\n"
                + "systemctl daemon-reload; systemctl reload dbus; systemctl start noise base\n"
                + QUIETUS.replace("SharedArchiveFile", "ArchiveClassesAtExit")
                + " why base >/dev/null 2>&1")
        .ok();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  /** What quietus why says of a unit after a script. */
  private static JsonNode why(String script, String unit, boolean up) {
    String json =
        host.sh(
                "{ :;"
                    + script
                    + "\n} >/dev/null 2>&1; for i in $(seq 3000); do systemctl -q is-active "
                    + unit
                    + (up ? " && break; " : " || break; ")
                    + "sleep 0.02; done; "
                    + QUIETUS
                    + " why --json "
                    + unit)
            .ok();
    try {
      JsonNode answer = JSON.readTree(json);
      assertEquals(up, answer.get("up").booleanValue(), script + ": " + json);
      return answer.get(up ? "started_by" : "ended");
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  /** Upholds= and OnSuccess= came with systemd 249, and bullseye has 247. */
  private List<Act> acts() {
    List<Act> acts = new ArrayList<>();
    for (Act act : ACTS) {
      boolean isNew = act.expected().equals("upheld") || act.expected().equals("success");
      if (!isNew || !suite.equals("bullseye")) {
        acts.add(act);
      }
    }
    return acts;
  }

  @Test
  void noAnswerIsWrong() throws IOException {
    Tally tally = new Tally();
    List<Act> acts = acts();
    for (Act act : acts) {
      for (int round = 0; round < ROUNDS; round++) {
        String script = act.script().replace("@ROUND@", Integer.toString(round));
        JsonNode answer = why(script, act.unit(), true);
        String kind = answer.get("kind").textValue();
        boolean isRight =
            kind.equals(act.expected())
                && (act.by() == null || act.by().equals(answer.path("unit").textValue()));
        tally.count(act.name(), kind, isRight, kind.equals("unknown"), act.settles(), answer);
      }
    }
    for (End end : ENDS) {
      for (int round = 0; round < ROUNDS; round++) {
        JsonNode answer = why(BEFORE + ARM + end.script(), end.unit(), false);
        boolean isUnknown = answer.get("certainty").textValue().equals("unknown");
        boolean isRight = !isUnknown && answer.get("text").textValue().contains(end.expected());
        tally.count(
            end.name(),
            isUnknown ? "unknown" : isRight ? end.expected() : "something else",
            isRight,
            isUnknown,
            true,
            answer);
      }
    }
    for (int boot = 0; boot < (ROUNDS + BOOTED.size()) / BOOTED.size(); boot++) {
      if (boot > 0) {
        host.reboot();
      }
      for (Map.Entry<String, String> booted : BOOTED.entrySet()) {
        JsonNode answer = why("", booted.getKey(), true);
        String kind = answer.get("kind").textValue();
        tally.count(
            "a boot",
            kind,
            kind.equals("boot") && booted.getValue().equals(answer.path("unit").textValue()),
            kind.equals("unknown"),
            true,
            answer);
      }
    }
    Files.writeString(Path.of("target", "why-" + suite.replace(':', '-') + ".md"), tally.table());
    System.out.println("quietus why on " + suite + ": " + tally);
    assertEquals(List.of(), tally.wrong, "wrong answers");
    assertTrue(tally.missing.size() * 20 <= tally.settled, "not right: " + tally);
    assertTrue(tally.answers >= ROUNDS * (acts.size() + ENDS.size() + 1), tally.toString());
  }

  /** What was answered. */
  private static final class Tally {
    private final Map<String, Map<String, Integer>> rows = new LinkedHashMap<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private int answers;
    private int settled;

    void count(
        String act,
        String said,
        boolean isRight,
        boolean isUnknown,
        boolean settles,
        JsonNode answer) {
      rows.computeIfAbsent(act, name -> new TreeMap<>()).merge(said, 1, Integer::sum);
      answers++;
      settled += settles ? 1 : 0;
      if (!isRight && !isUnknown) {
        wrong.add(act + ": " + answer);
      } else if (!isRight && settles) {
        missing.add(act + ": " + answer);
      }
    }

    String table() {
      StringBuilder table = new StringBuilder();
      for (Map.Entry<String, Map<String, Integer>> row : rows.entrySet()) {
        StringBuilder said = new StringBuilder();
        for (Map.Entry<String, Integer> one : row.getValue().entrySet()) {
          said.append(said.length() == 0 ? "" : ", ").append(one.getKey()).append(' ');
          said.append(one.getValue());
        }
        table.append("| ").append(row.getKey()).append(" | ").append(said).append(" |\n");
      }
      return table.toString();
    }

    @Override
    public String toString() {
      return answers
          + " answers, "
          + wrong.size()
          + " wrong, "
          + missing.size()
          + " unknown of "
          + settled
          + " that can be told\n"
          + table()
          + String.join("\n", missing);
    }
  }
}
