// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import quietus.disk.Disk;
import quietus.error.AgentException;
import quietus.run.Session;

/** quietus metrics. */
@Command(
    name = "metrics",
    description =
        "Prints the holds of this host as metrics of Prometheus, for the textfile collector of"
            + " node_exporter. Changes nothing.")
final class MetricsCommand implements Callable<Integer> {
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");

  @Spec private CommandSpec spec;

  @Mixin private ManagerOptions manager;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "write them to that file instead, all at once, so that no reader sees a part")
  private Path output;

  @Override
  public Integer call() {
    if (output != null && (!output.isAbsolute() || output.getFileName() == null)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Give --output as an absolute path of a file");
    }
    Disk disk = Session.disk(manager.user);
    String text = MetricsText.of(disk.holds().all(), disk.now(Instant.now()));
    if (output == null) {
      spec.commandLine().getOut().print(text);
      spec.commandLine().getOut().flush();
    } else {
      write(output.normalize(), text);
    }
    return 0;
  }

  /** By a file of another name, which no collector reads; a link of that name is not followed. */
  private static void write(Path file, String text) {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    try {
      Files.deleteIfExists(fresh);
      try (SeekableByteChannel channel =
          Files.newByteChannel(
              fresh,
              Set.of(
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE_NEW,
                  LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(READABLE))) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      Files.setPosixFilePermissions(fresh, READABLE);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new AgentException("the metrics could not be written to " + file + ": " + e, e);
    }
  }
}
