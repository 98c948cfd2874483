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
 * What quietus why answers on real systemd after each act, amid noise: other units that start all
 * the time, and a socket, a timer and a path that are armed and do not fire. A wrong answer fails,
 * an unknown one is counted. {@code make test-why ROUNDS=30} prints docs/why.md's table.
 */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class WhyIT {
  private static final int ROUNDS = Integer.getInteger("quietus.why.rounds", 2);
  private static final JsonMapper JSON = new JsonMapper();
  private static final String QUIETUS =
      "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:SharedArchiveFile=/opt/why.jsa -jar"
          + " /opt/quietus.jar";
  private static final String BEFORE =
      "systemctl stop w.socket t.timer w.path up.service w.service tcp.socket tcp.service"
          + " 2>/dev/null; systemctl reset-failed 2>/dev/null; rm -f /run/w.go;";
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
              "echo | nc -U -N -w1 /run/w.sock"),
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
              "timeout 1 busctl call com.example.W / com.example.W Foo --timeout=1"),
          Act.of(
              "kill -9 with Restart=always",
              "restart",
              null,
              "systemctl start w; touch /run/w.again; systemctl kill -s KILL w;"),
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
          Act.of("a failure", "failure", "fail.service", "systemctl start fail"),
          Act.of("a success", "success", "good.service", "systemctl start good"),
          Act.of("systemctl start", "request", null, "systemctl start w"),
          Act.of("systemctl restart", "request", null, "systemctl start w; systemctl restart w"),
          Act.of(
              "systemctl start by sudo",
              "request",
              null,
              "runuser -u deploy -- sudo systemctl start w"),
          Act.of(
              "busctl",
              "request",
              null,
              "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1"
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
              "echo | nc -U -N -w1 /run/w.sock; systemctl start w"),
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
                  + " systemctl stop w t.timer; systemctl start w"));

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot(suite);
    String sleeps = "[Service]\nExecStart=/bin/sleep infinity\n";
    String once = "[Service]\nType=oneshot\nExecStart=/bin/true\n";
    host.unit(
        "w.service",
        "[Unit]\nStartLimitIntervalSec=0\nRequires=base.service\nAfter=base.service\n[Service]\n"
            + "ExecStart=/bin/sleep infinity\n");
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
            + " noise@3; sleep 0.05; done'\n");
    host.sh(
            "mkdir -p /usr/share/dbus-1/system-services\n"
                + "printf '[D-BUS Service]\\nName=com.example.W\\nExec=/bin/false\\nUser=root\\n"
                + "SystemdService=w.service\\n' >"
                + " /usr/share/dbus-1/system-services/com.example.W.service\n"
                + "printf '%s' '<busconfig><policy context=\"default\"><allow"
                + " send_destination=\"com.example.W\"/></policy></busconfig>' >"
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

  /** What quietus why says of a unit, once it is up. */
  private static JsonNode startedBy(String act, String unit) {
    String json =
        host.sh(
                "for i in $(seq 200); do systemctl -q is-active "
                    + unit
                    + " && break; sleep 0.02; done; "
                    + QUIETUS
                    + " why --json "
                    + unit)
            .ok();
    try {
      JsonNode answer = JSON.readTree(json);
      assertTrue(answer.get("up").booleanValue(), act + ": " + json);
      return answer.get("started_by");
    } catch (JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  @Test
  void noAnswerIsWrong() throws IOException {
    Map<String, Map<String, Integer>> table = new LinkedHashMap<>();
    List<String> wrong = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Act act : ACTS) {
      Map<String, Integer> answers = new TreeMap<>();
      int right = 0;
      boolean again = act.name().contains("Restart=always");
      if (again) {
        restart("always");
      }
      for (int round = 0; round < ROUNDS; round++) {
        host.sh(act.script());
        if (again) {
          host.sh(
              "until [ $(systemctl show --value -p NRestarts w) -gt 0 ] && systemctl -q is-active"
                  + " w; do sleep 0.02; done");
        }
        JsonNode answer = startedBy(act.name(), act.unit());
        String kind = answer.get("kind").textValue();
        answers.merge(kind, 1, Integer::sum);
        boolean isRight =
            kind.equals(act.expected())
                && (act.by() == null || act.by().equals(answer.path("unit").textValue()));
        right += isRight ? 1 : 0;
        if (!isRight && !kind.equals("unknown")) {
          wrong.add(act.name() + ": " + answer);
        }
        if (!isRight && act.settles()) {
          missing.add(act.name() + ": " + answer);
        }
      }
      if (again) {
        restart("no");
      }
      table.put(act.name(), answers);
      if (act.settles() && right * 100 < ROUNDS * 95) {
        missing.add(act.name() + ": right " + right + " of " + ROUNDS);
      }
    }
    bootOf(table, wrong);
    StringBuilder text = new StringBuilder();
    int answered = 0;
    for (Map.Entry<String, Map<String, Integer>> row : table.entrySet()) {
      text.append("| ").append(row.getKey()).append(" | ").append(row.getValue()).append(" |\n");
      for (int count : row.getValue().values()) {
        answered += count;
      }
    }
    Files.writeString(Path.of("target", "why-" + suite.replace(':', '-') + ".md"), text);
    System.out.println("why on " + suite + ", " + answered + " answers:\n" + text + missing);
    assertEquals(List.of(), wrong, "wrong answers");
    int unknown = missing.size();
    assertTrue(
        unknown * 100 <= answered * 5, unknown + " not right of " + answered + ": " + missing);
    assertTrue(answered >= ROUNDS * ACTS.size() + 1, "answers: " + answered);
  }

  private static void restart(String value) {
    host.sh(
            "mkdir -p /run/systemd/system/w.service.d; printf"
                + " '[Service]\\nRestart="
                + value
                + "\\nRestartSec=20ms\\n' > /run/systemd/system/w.service.d/r.conf; systemctl"
                + " daemon-reload")
        .ok();
  }

  /** Everything that the boot itself started. */
  private static void bootOf(Map<String, Map<String, Integer>> table, List<String> wrong) {
    Map<String, Integer> answers = new TreeMap<>();
    for (String unit : List.of("cron.service", "ssh.service", "multi-user.target", "dbus.socket")) {
      JsonNode answer = startedBy("a boot", unit);
      answers.merge(answer.get("kind").textValue(), 1, Integer::sum);
      if (!List.of("boot", "dependency", "unknown").contains(answer.get("kind").textValue())) {
        wrong.add(unit + ": " + answer);
      }
    }
    table.put("a boot", answers);
  }
}
