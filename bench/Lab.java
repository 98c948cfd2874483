// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hosts of the lab. */
final class Lab implements AutoCloseable {
  private static final int TRIES = 5;

  private final Path tool;
  private final String suite;
  private final String mark = "bench" + ProcessHandle.current().pid();
  private final List<String> names = new ArrayList<>();
  private final Map<String, Remote> remotes = new LinkedHashMap<>();
  private final Path jar;

  /**
   * @param jar has the class OnHost, which is run on the hosts
   */
  Lab(Path top, String suite, Path jar) {
    this.tool = top.resolve("lab/host");
    this.suite = suite;
    this.jar = jar;
  }

  /** Boots hosts in parallel until there are this many. @return the new ones */
  List<String> up(int count) throws IOException, InterruptedException {
    Map<String, Process> booting = new LinkedHashMap<>();
    for (int i = names.size(); i < count; i++) {
      booting.put(mark + "-" + i, boot(mark + "-" + i));
    }
    for (Map.Entry<String, Process> one : booting.entrySet()) {
      Process process = one.getValue();
      for (int tries = 1;
          process.waitFor() != 0;
          tries++) { // an older host may still have the lab's next address
        if (tries == TRIES) {
          throw new IllegalStateException("a host did not come up");
        }
        process = boot(one.getKey());
      }
      names.add(one.getKey());
    }
    return List.copyOf(booting.keySet());
  }

  private Process boot(String name) throws IOException {
    return new ProcessBuilder(tool.toString(), "up", name, suite)
        .redirectInput(new java.io.File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  List<String> names() {
    return List.copyOf(names);
  }

  String inventory() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tool.toString(), "inventory"));
    command.addAll(names);
    return output(new ProcessBuilder(command), new byte[0]);
  }

  String shell(String name, String script) throws IOException, InterruptedException {
    return shell(name, script, new byte[0]);
  }

  String shell(String name, String script, byte[] input) throws IOException, InterruptedException {
    return output(
        new ProcessBuilder(tool.toString(), "exec", name, "--", "sh", "-c", script), input);
  }

  /** The same on several hosts at once. */
  void shells(List<String> hosts, String script) throws IOException, InterruptedException {
    List<Process> running = new ArrayList<>();
    for (String name : hosts) {
      running.add(
          new ProcessBuilder(tool.toString(), "exec", name, "--", "sh", "-c", script)
              .redirectInput(new java.io.File("/dev/null"))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    }
    for (Process process : running) {
      if (process.waitFor() != 0) {
        throw new IllegalStateException("on a host this failed: " + script);
      }
    }
  }

  void copy(Path file, String name, String to) throws IOException, InterruptedException {
    shell(
        name,
        "mkdir -p /var/tmp/quietus-bench; cat >/var/tmp/quietus-bench/" + to,
        Files.readAllBytes(file));
  }

  static String output(ProcessBuilder command, byte[] input)
      throws IOException, InterruptedException {
    Process process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (OutputStream to = process.getOutputStream()) {
      to.write(input);
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          String.join(" ", command.command()) + " ended with " + process.exitValue());
    }
    return output;
  }

  /** Runs programs on a host, measured there. */
  Remote remote(String name) throws IOException, InterruptedException {
    Remote remote = remotes.get(name);
    if (remote == null) {
      copy(jar, name, "bench.jar");
      remote =
          new Remote(
              new ProcessBuilder(
                      tool.toString(),
                      "exec",
                      name,
                      "--",
                      "java",
                      "-XX:TieredStopAtLevel=1",
                      "-XX:+UseSerialGC",
                      "-cp",
                      "/var/tmp/quietus-bench/bench.jar",
                      "OnHost")
                  .redirectError(ProcessBuilder.Redirect.INHERIT)
                  .start());
      remotes.put(name, remote);
    }
    return remote;
  }

  /** The cost of a program. */
  record Cost(double ms, double ownMs, double managerMs) {
    static final Cost NONE = new Cost(0, 0, 0);

    Cost plus(Cost other) {
      return new Cost(ms + other.ms, ownMs + other.ownMs, managerMs + other.managerMs);
    }

    /** Processor time of the program and of systemd. */
    double processor() {
      return ownMs + managerMs;
    }
  }

  /** The program on a host that runs others. */
  static final class Remote {
    private final Process process;
    private final BufferedReader answers;

    Remote(Process process) {
      this.process = process;
      this.answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private String ask(String verb, String input, List<String> program) {
      StringBuilder line = new StringBuilder(verb).append('\t').append(encoded(input));
      for (String word : program) {
        line.append('\t').append(encoded(word));
      }
      try {
        process
            .getOutputStream()
            .write(line.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        String answer = answers.readLine();
        if (answer == null || answer.startsWith("FAILED")) {
          throw new IllegalStateException("on a host: " + answer);
        }
        return answer;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String encoded(String word) {
      return Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8));
    }

    Cost run(String input, List<String> program) {
      String[] words = ask("run", input, program).split(" ");
      return new Cost(
          Double.parseDouble(words[0]),
          Long.parseLong(words[1]) * 10.0,
          Long.parseLong(words[2]) / 1e6);
    }

    Cost shell(String script) {
      return run("", List.of("sh", "-c", script));
    }

    /** In MB. */
    double peak(String input, List<String> program) {
      return Long.parseLong(ask("peak", input, program)) / 1024.0;
    }

    String text(String input, List<String> program) {
      return new String(
          Base64.getDecoder().decode(ask("text", input, program)), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    for (Remote remote : remotes.values()) {
      remote.process.getOutputStream().close();
    }
    List<String> command = new ArrayList<>(List.of(tool.toString(), "down"));
    command.addAll(names);
    try {
      if (!names.isEmpty()) {
        output(new ProcessBuilder(command), new byte[0]);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
