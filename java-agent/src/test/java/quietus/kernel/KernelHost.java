// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A host with a kernel of its own and the agent's jar. Closing it removes it with its disk. */
final class KernelHost implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path LAB = Path.of("../lab/kernel");
  private static final String JAVA =
      "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData";

  /** What the agent writes on a host, except the launcher, which the first hold leaves. */
  private static final String TRACES =
      "find /etc/systemd/system.control /run/systemd/system.control /etc/quietus /run/quietus"
          + " /var/lib/quietus -not -type d -not -name lock -not -path"
          + " '/var/lib/quietus/agent/*' -not -path /var/lib/quietus/quietus 2>/dev/null; find"
          + " /etc/systemd/system /run/systemd/system -name 'quietus-*'";

  private final String name;

  /** The output of a command. */
  record Result(int status, String out, String err) {
    String ok() {
      if (status != 0) {
        throw new AssertionError("exit status " + status + "\n" + out + err);
      }
      return out.strip();
    }
  }

  /** A report of the agent with its exit status; without a report when it was ended. */
  record Answer(int status, JsonNode report, String err) {
    boolean changed() {
      return report.get("changed").booleanValue();
    }

    boolean succeeded() {
      return status == 0 && report != null && !report.get("failed").booleanValue();
    }

    Answer ok() {
      if (!succeeded()) {
        throw new AssertionError(
            "exit status " + status + ": " + (report == null ? err : report.toPrettyString()));
      }
      return this;
    }
  }

  private KernelHost(String name) {
    this.name = name;
  }

  /** The suites that are played, by {@code QUIETUS_SUITES}. */
  static List<String> suites() {
    String chosen = System.getenv("QUIETUS_SUITES");
    return List.of((chosen == null || chosen.isBlank() ? "bookworm,trixie" : chosen).split(","));
  }

  /**
   * Boots a host.
   *
   * @param memory such as {@code 512M}
   */
  static KernelHost boot(String suite, String memory) {
    KernelHost host = new KernelHost("test-" + ProcessHandle.current().pid() + "-" + suite);
    try {
      lab("up", host.name, suite, "--memory", memory).ok();
      lab("put", host.name, "target/quietus.jar", "/opt/quietus.jar").ok();
      String archive = JAVA + " -XX:ArchiveClassesAtExit=/opt/quietus.jsa -jar /opt/quietus.jar";
      host.sh("echo '{\"names\":[\"dbus\"]}' | " + archive + " info; sync").ok();
    } catch (RuntimeException | Error e) {
      host.close();
      throw e;
    }
    return host;
  }

  private static Result lab(String... words) {
    List<String> command = new ArrayList<>(List.of(LAB.toAbsolutePath().normalize().toString()));
    command.addAll(List.of(words));
    Path err = null;
    try {
      err = Files.createTempFile("quietus-kernel", ".err");
      Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), out, Files.readString(err));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      if (err != null) {
        err.toFile().delete();
      }
    }
  }

  /** Runs a bash script as root. Up to four threads may do so at once. */
  Result sh(String script) {
    return lab("exec", name, "--", "bash", "-c", script);
  }

  /** Waits until a shell's condition is true. */
  void await(String condition) {
    Result result =
        sh(
            "for i in $(seq 600); do if "
                + condition
                + "; then exit 0; fi; sleep 0.1; done; exit 1");
    if (result.status() != 0) {
      Result now =
          sh(
              "systemctl list-units --all --no-legend 'myapi*' 'quietus*'; systemctl list-jobs;"
                  + " uptime");
      throw new AssertionError(
          "the condition did not become true: " + condition + "\n" + traces() + "\n" + now.out());
    }
  }

  /** Writes a file, with its directories. */
  void write(String path, String text) {
    String quoted = "'" + text.replace("'", "'\\''") + "'";
    sh("mkdir -p $(dirname " + path + ") && printf %s " + quoted + " >" + path).ok();
  }

  /** Writes a unit file in /etc/systemd/system. It is not loaded before a reload. */
  void unit(String unit, String text) {
    write("/etc/systemd/system/" + unit, text);
  }

  /** A file of the repository. */
  static String file(String path) {
    try {
      return Files.readString(Path.of("..").resolve(path));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The shell command that runs the agent's command line. */
  static String quietus(String arguments, String... jvm) {
    return JAVA
        + " -XX:SharedArchiveFile=/opt/quietus.jsa "
        + String.join(" ", jvm)
        + " -jar /opt/quietus.jar "
        + arguments;
  }

  /**
   * Brings units to a state.
   *
   * @param more further keys of the request, such as {@code "\"lease\":60"}; options of the JVM
   *     begin with a hyphen
   */
  Answer apply(String unit, String state, String... more) {
    StringBuilder request =
        new StringBuilder("{\"names\":[\"" + unit + "\"],\"state\":\"" + state + "\"");
    Stream.of(more)
        .filter(key -> !key.startsWith("-"))
        .forEach(key -> request.append(",").append(key));
    String[] jvm = Stream.of(more).filter(key -> key.startsWith("-")).toArray(String[]::new);
    Result result = sh("echo '" + request + "}' | " + quietus("apply", jvm));
    try {
      JsonNode report = result.out().isBlank() ? null : JSON.readTree(result.out());
      return new Answer(result.status(), report, result.err());
    } catch (IOException e) {
      return new Answer(result.status(), null, result.out() + result.err());
    }
  }

  Answer quiesce(String unit, String... more) {
    return apply(unit, "quiesced", more);
  }

  Answer release(String unit, String... more) {
    return apply(unit, "running", more);
  }

  /** The agent's files on the host, one per line, without the launcher. */
  String traces() {
    return sh(TRACES).out().strip();
  }

  /** ActiveState of each unit, in one line. */
  String active(String units) {
    String each = "for u in " + units + "; do systemctl show --value -p ActiveState $u; done";
    return sh(each + " | xargs").ok();
  }

  /** Load, active, sub and file state of each unit, a line each. */
  String states(String units) {
    return sh("for u in "
            + units
            + "; do echo \"$u $(systemctl show --value -p LoadState -p ActiveState -p SubState"
            + " -p UnitFileState $u | xargs)\"; done")
        .ok();
  }

  /** Seconds since the boot. */
  double uptime() {
    return Double.parseDouble(sh("cut -d' ' -f1 /proc/uptime").ok());
  }

  /** Stops everything in order and boots again. */
  void reboot() {
    lab("reboot", name).ok();
  }

  /** Ends the kernel at once and boots again: what was not written to the disk is lost. */
  void cut() {
    lab("cut", name).ok();
  }

  /** Sets the host's clock, such as {@code -1 day}. */
  void setClock(String time) {
    lab("set-clock", name, time).ok();
  }

  @Override
  public void close() {
    lab("down", name);
  }
}
