// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;
import quietus.systemd.Systemd;
import quietus.systemd.SystemdException;

/**
 * The code under test in a JVM on the host, connected to its systemd; tests call it like a local
 * object.
 */
final class RemoteSystemd implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String CLASSES = "/opt/quietus-classes";

  private final ObjectMapper mapper = Wire.mapper();
  private final Attached process;

  private RemoteSystemd(Attached process) {
    this.process = process;
  }

  /** Copies our classes and their libraries to a container, for its JVM. */
  static void copyClasses(GenericContainer<?> container) {
    Set<Path> places = new LinkedHashSet<>();
    try {
      for (String type :
          List.of(
              "quietus.lab.SystemdServer",
              "quietus.systemd.DbusSystemd",
              "com.fasterxml.jackson.databind.ObjectMapper",
              "com.fasterxml.jackson.core.JsonParser",
              "com.fasterxml.jackson.annotation.JsonProperty",
              "org.freedesktop.dbus.messages.Message",
              "org.slf4j.Logger",
              "org.slf4j.nop.NOPServiceProvider")) {
        Class<?> found = Class.forName(type, false, RemoteSystemd.class.getClassLoader());
        places.add(Path.of(found.getProtectionDomain().getCodeSource().getLocation().toURI()));
      }
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    int number = 10;
    for (Path place : places) {
      container.copyFileToContainer(
          MountableFile.forHostPath(place),
          CLASSES + "/" + number++ + (Files.isDirectory(place) ? "" : ".jar"));
    }
  }

  /** The shell command that runs a {@link SystemdServer} on the host. */
  static String command(String way) {
    return "java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "
        + CLASSES
        + "/10:"
        + CLASSES
        + "/11:"
        + CLASSES
        + "/* quietus.lab.SystemdServer "
        + way;
  }

  /** Connects; the way is as for {@link Host#systemd(String)}. */
  static RemoteSystemd open(DockerClient engine, String container, String way) {
    int colon = way.indexOf(':');
    String run = "exec " + command(way.substring(colon + 1));
    String[] command =
        colon < 0
            ? new String[] {"sh", "-c", run}
            : new String[] {"runuser", "-u", way.substring(0, colon), "--", "sh", "-c", run};
    RemoteSystemd remote = new RemoteSystemd(new Attached(engine, container, command));
    try {
      remote.answer();
      return remote;
    } catch (SystemdException e) {
      remote.close();
      throw e;
    }
  }

  /** The manager. */
  Systemd systemd() {
    return (Systemd)
        Proxy.newProxyInstance(
            Systemd.class.getClassLoader(),
            new Class<?>[] {Systemd.class},
            (proxy, method, arguments) -> call(method, arguments));
  }

  private Object call(Method method, Object[] arguments) throws JsonProcessingException {
    if (method.getName().equals("toString")) {
      return "remote systemd";
    }
    List<Object> call = new ArrayList<>();
    call.add(method.getName());
    if (arguments != null) {
      call.addAll(List.of(arguments));
    }
    process.write(mapper.writeValueAsString(call) + "\n");
    JsonNode answer = answer();
    return method.getReturnType() == void.class
        ? null
        : mapper.convertValue(
            answer.get("value"), mapper.constructType(method.getGenericReturnType()));
  }

  private JsonNode answer() {
    try {
      JsonNode answer = mapper.readTree(process.line(Attached.deadline(LIMIT)));
      if (answer.has("error")) {
        throw new SystemdException(answer.get("error").asText(), answer.get("message").asText());
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
