// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;
import quietus.systemd.Systemd;

/** A host with systemd as PID 1 and the agent's jar. Closing it removes it. */
public final class Host implements AutoCloseable {
  private static final String JAR = "/opt/quietus.jar";
  private static final String ARCHIVE = "/opt/quietus.jsa";
  private static final String FLAGS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData";
  private static final String BOOTED =
      "until [ -S /run/systemd/private ]; do sleep 0.05; done; systemctl is-system-running --wait";
  private static final JsonMapper JSON = new JsonMapper();

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Container container;
  private final Deque<Shell> idle = new ArrayDeque<>();
  private final Map<String, RemoteSystemd> systemds = new HashMap<>();
  private boolean hasClasses;

  private Host(Container container) {
    this.container = container;
  }

  /**
   * Boots a host. Where no engine answers or the image is not built, the test is skipped; it fails
   * where CI or QUIETUS_REQUIRE_LAB is set.
   *
   * @param image such as {@code bookworm} or {@code packages:bookworm}
   */
  public static Host boot(String image) {
    requireEngine();
    String name = "localhost/quietus-lab" + (image.contains(":") ? "-" : ":") + image;
    try {
      DockerClientFactory.lazyClient().inspectImageCmd(name).exec();
    } catch (NotFoundException e) {
      cannot("there is no image " + name + "; build it with: lab/image " + image);
    }
    Container container = new Container(name);
    try {
      container.start();
    } catch (RuntimeException e) {
      container.close();
      throw e;
    }
    Host host = new Host(container);
    host.sh(
        "echo '{\"names\":[\"dbus\"]}' | java "
            + FLAGS
            + " -XX:ArchiveClassesAtExit="
            + ARCHIVE
            + " -jar "
            + JAR
            + " info");
    return host;
  }

  /** Skips, or fails, what cannot be run because no engine answers. */
  static void requireEngine() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      cannot("no container engine answers; run the tests with lab/run");
    }
  }

  private static void cannot(String why) {
    if (System.getenv("CI") != null || System.getenv("QUIETUS_REQUIRE_LAB") != null) {
      throw new IllegalStateException(why);
    }
    // Maven reports nothing when a whole class is skipped
    System.err.println("skipped: " + why);
    Assumptions.abort(why);
  }

  private static final class Container extends GenericContainer<Container> {
    Container(String image) {
      super(DockerImageName.parse(image));
      withPrivilegedMode(true);
      withCreateContainerCmdModifier(create -> create.getHostConfig().withCgroupnsMode("private"));
      withImagePullPolicy(name -> false);
      withLabel("quietus.lab", System.getenv().getOrDefault("QUIETUS_LAB_RUN", "by-hand"));
      withCopyFileToContainer(MountableFile.forHostPath(Path.of("target/quietus.jar")), JAR);
      withStartupTimeout(Duration.ofSeconds(90));
      waitingFor(
          new AbstractWaitStrategy() {
            @Override
            protected void waitUntilReady() {
              awaitBoot();
            }
          });
    }

    void awaitBoot() {
      try {
        String state = execInContainer("sh", "-c", BOOTED).getStdout().strip();
        if (!state.matches("running|degraded")) {
          throw new IllegalStateException("the host did not boot: " + state);
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** The output of a command. */
  public record Result(int status, String out, String err) {
    /** Its output; fails when the command did. */
    public String ok() {
      if (status != 0) {
        throw new AssertionError("exit status " + status + "\n" + out + err);
      }
      return out.strip();
    }
  }

  /** A report of the agent with its exit status. */
  public record Answer(int status, JsonNode report) {
    public boolean changed() {
      return report.get("changed").booleanValue();
    }

    public boolean failed() {
      return report.get("failed").booleanValue();
    }

    public String msg() {
      return report.get("msg").textValue();
    }

    /** A member's line; null when the unit is none. */
    public JsonNode member(String unit) {
      for (JsonNode member : report.get("members")) {
        if (member.get("unit").textValue().equals(unit)) {
          return member;
        }
      }
      return null;
    }

    /** The units of the family, in the report's order. */
    public List<String> units() {
      List<String> units = new ArrayList<>();
      report.get("members").forEach(member -> units.add(member.get("unit").textValue()));
      return units;
    }

    /** This answer; fails when the run did. */
    public Answer ok() {
      if (status != 0 || failed()) {
        throw new AssertionError("exit status " + status + ": " + report.toPrettyString());
      }
      return this;
    }
  }

  /** Runs a command as root, with no input. Several threads may do so at once. */
  public Result run(String... command) {
    StringBuilder words = new StringBuilder();
    for (String word : command) {
      words.append(words.length() == 0 ? "" : " ").append(Shell.quote(word));
    }
    return sh(words.toString());
  }

  /** Runs a shell script as root, with no input. Several threads may do so at once. */
  public Result sh(String script) {
    Shell shell;
    synchronized (idle) {
      shell =
          idle.isEmpty()
              ? new Shell(container.getDockerClient(), container.getContainerId())
              : idle.pop();
    }
    Result result = shell.run(script, LIMIT);
    synchronized (idle) {
      idle.push(shell);
    }
    return result;
  }

  /**
   * The host's systemd, asked on the host by the code under test over PID 1's own socket. One
   * connection, until {@link #disconnect}.
   */
  public Systemd systemd() {
    return systemd("system");
  }

  /**
   * The host's systemd, asked on the host by the code under test. One connection for each way,
   * until {@link #disconnect}.
   *
   * @param way {@code system} and {@code user} as the agent does it, {@code bus} over the system
   *     bus, or the path of a manager's own socket; before a colon may stand the user who asks:
   *     {@code deploy:user}
   */
  public Systemd systemd(String way) {
    synchronized (systemds) {
      if (!hasClasses) {
        RemoteSystemd.copyClasses(container);
        hasClasses = true;
      }
      RemoteSystemd open = systemds.get(way);
      if (open == null) {
        open = RemoteSystemd.open(container.getDockerClient(), container.getContainerId(), way);
        systemds.put(way, open);
      }
      return open.systemd();
    }
  }

  /**
   * The shell command that runs a {@link SystemdServer} on the host; {@link #systemd} must have
   * been called.
   */
  public String systemdServer(String way) {
    return RemoteSystemd.command(way);
  }

  /** Closes what {@link #systemd} opened. */
  public void disconnect() {
    synchronized (systemds) {
      systemds.values().forEach(RemoteSystemd::close);
      systemds.clear();
    }
  }

  /** Runs the agent with a request on its standard input. */
  public Answer agent(String command, String request, String... jvm) {
    Result result =
        sh(
            "printf %s "
                + Shell.quote(request)
                + " | java "
                + FLAGS
                + " -XX:SharedArchiveFile="
                + ARCHIVE
                + " "
                + String.join(" ", jvm)
                + " -jar "
                + JAR
                + " "
                + command);
    if (result.out().isBlank()) {
      return new Answer(result.status(), null);
    }
    try {
      return new Answer(result.status(), JSON.readTree(result.out()));
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + result, e);
    }
  }

  /**
   * Quiesces a unit.
   *
   * @param more further keys of the request, such as {@code "\"until\":\"reboot\""}
   */
  public Answer quiesce(String unit, String... more) {
    return apply(unit, "quiesced", more);
  }

  /** Releases a unit. */
  public Answer release(String unit, String... more) {
    return apply(unit, "running", more);
  }

  private Answer apply(String unit, String state, String... more) {
    return agent("apply", request(unit, state, more));
  }

  /** A request as JSON. */
  public static String request(String unit, String state, String... more) {
    return "{\"names\":[\""
        + unit.replace("\\", "\\\\")
        + "\"],\"state\":\""
        + state
        + "\""
        + (more.length == 0 ? "" : "," + String.join(",", more))
        + "}";
  }

  /** Writes a file, with its directories. */
  public Host write(String path, String text, int mode) {
    container.copyFileToContainer(
        Transferable.of(text.getBytes(StandardCharsets.UTF_8), mode), path);
    return this;
  }

  /** Writes a unit file in /etc/systemd/system. It is not loaded before a reload. */
  public Host unit(String name, String text) {
    return write("/etc/systemd/system/" + name, text, 0644);
  }

  /** A file of the project's tree, such as {@code lab/story/myapi.service}. */
  public static String file(String path) {
    try {
      return Files.readString(Path.of("..").resolve(path));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A property of a unit. */
  public String show(String unit, String property) {
    return run("systemctl", "show", "--value", "-p", property, unit).ok();
  }

  /**
   * Every loaded unit of the host with its states, one per line; without units that come and go by
   * themselves.
   */
  public String allUnits() {
    return sh("systemctl list-units --all --plain --no-legend --full | awk '{print $1, $2, $3, $4}'"
                  + " | grep -Ev"
                  + " '^(session-|run-|user-|user@|dev-|sys-|quietus-release-|systemd-tmpfiles-clean|phpsessionclean|apt-daily|dpkg-db-backup|fstrim|e2scrub|logrotate|man-db)'"
                  + " | sort")
        .ok();
  }

  /**
   * Names, sizes, links and times of everything that the agent may write: equal before and after
   * when it wrote nothing.
   */
  public String traces() {
    return sh("find /etc /run/quietus /run/systemd/system.control /run/systemd/system"
            + " /var/lib/quietus -printf '%p %y %s %l %T@\\n"
            + "' 2>/dev/null | sort; systemctl show -p UnitsLoadTimestampMonotonic -p"
            + " UnitsLoadStartTimestampMonotonic; journalctl -q -b _PID=1 -g 'Reloading' -o"
            + " cat | wc -l")
        .ok();
  }

  /** Restarts the container, which is a reboot: /run is empty, /etc and /var stay. */
  public void reboot() {
    hangUp();
    container
        .getDockerClient()
        .restartContainerCmd(container.getContainerId())
        .withTimeout(90)
        .exec();
    container.awaitBoot();
  }

  /** Cuts the power, and boots again. */
  public void crash() {
    hangUp();
    DockerClient engine = container.getDockerClient();
    engine.killContainerCmd(container.getContainerId()).exec();
    engine.waitContainerCmd(container.getContainerId()).start().awaitStatusCode();
    engine.startContainerCmd(container.getContainerId()).exec();
    container.awaitBoot();
  }

  private void hangUp() {
    disconnect();
    synchronized (idle) {
      idle.forEach(Shell::close);
      idle.clear();
    }
  }

  @Override
  public void close() {
    hangUp();
    container.close();
  }
}
