// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.disk.Lock;
import quietus.hold.Hold;
import quietus.hold.HoldJson;
import quietus.hold.Phase;
import quietus.protocol.ReportJson;
import quietus.protocol.Request;
import quietus.protocol.RequestJson;
import quietus.protocol.VerbRequest;
import quietus.run.Session;
import quietus.systemd.DbusSystemd;

/**
 * Runs the code of both verbs without changing the host, so that a class-data archive that is
 * dumped from this run has the classes of a real run. A request is only checked, and files are
 * written to a temporary directory.
 */
final class WarmUp {
  private static final String HOLD =
      "{\"version\":1,\"subject\":\"warm-up.service\",\"names\":[],\"until\":\"released\",\"since\":\"2026-01-01T00:00:00Z\",\"members\":["
          + "{\"unit\":\"warm-up.service\",\"role\":\"subject\",\"reason\":\"-\",\"because\":[],\"cover\":\"warm-up.service\",\"load\":\"loaded\",\"active\":\"active\",\"sub\":\"running\"}]}";

  private WarmUp() {}

  /**
   * @param in a request with {@code check}; its outcome does not matter
   */
  static void run(InputStream in) throws IOException {
    DbusSystemd.prepare();
    Request request = RequestJson.read(in.readNBytes(RequestJson.LARGEST), false, Session.holder());
    if (!(request instanceof VerbRequest verb) || !verb.check()) {
      throw new IllegalArgumentException("a warm-up needs 'check': true");
    }
    ReportJson.write(Session.run(request));
    Path root = Files.createTempDirectory("quietus-warm-up");
    try {
      disk(root);
    } finally {
      try (Stream<Path> below = Files.walk(root)) {
        below.sorted((a, b) -> b.compareTo(a)).forEach(path -> path.toFile().delete());
      }
    }
    DbusSystemd.warmUp();
    process();
    everyClass();
  }

  static void disk(Path root) {
    Disk disk = new Disk(Layout.system(root));
    String unit = "warm-up.service";
    Hold hold = HoldJson.read(HOLD.getBytes(StandardCharsets.UTF_8));
    try (Lock lock = disk.lock(Duration.ofSeconds(1))) {
      lock.say("warm-up");
      disk.holds().prepare(hold.until());
      disk.control().close(hold, unit, "-");
      disk.holds().write(hold, Phase.HELD);
      disk.control().mask(hold, unit);
      disk.control().flush(hold.until());
      disk.holds().all();
      disk.control().isGated(hold, unit);
      disk.control().isMasked(hold.until(), unit);
      disk.control().gated(hold.until(), unit);
      disk.holds().move(hold, Phase.HELD, Phase.RELEASING);
      disk.control().unmask(hold.until(), unit);
      disk.control().open(hold.until(), unit, unit);
      disk.holds().delete(hold, Phase.RELEASING);
    }
  }

  /** Starts a process as for the journal's entries, but one that does nothing. */
  private static void process() throws IOException {
    Process process =
        new ProcessBuilder("true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      process.getOutputStream().close();
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Loads all other classes of the agent, except those that only the commands for people need. */
  private static void everyClass() throws IOException {
    String jar = System.getProperty("java.class.path");
    if (!jar.endsWith(".jar")) {
      return;
    }
    try (JarFile file = new JarFile(jar)) {
      for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
        String name = entries.nextElement().getName();
        if (name.endsWith(".class")
            && name.startsWith("quietus/")
            && !name.startsWith("quietus/cli/")) {
          try {
            Class.forName(
                name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                false,
                WarmUp.class.getClassLoader());
          } catch (ClassNotFoundException | LinkageError e) {
            // the archive is made without it
          }
        }
      }
    }
  }
}
