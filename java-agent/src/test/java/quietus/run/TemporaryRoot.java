// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The root directory of one random host. */
final class TemporaryRoot {
  private TemporaryRoot() {}

  /** What is done on such a host. */
  interface Play {
    /**
     * @return what is wrong, null when nothing is
     */
    String on(Path root) throws IOException;
  }

  /**
   * Plays something on a host of its own.
   *
   * @return what play returned, or the stack trace of what it threw
   */
  static String play(Path temporary, Play play) {
    Path root = null;
    try {
      root = Files.createTempDirectory(temporary, "quietus-random");
      Files.writeString(root.resolve("quietus.jar"), "no jar");
      return play.on(root);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (RuntimeException e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      return trace.toString();
    } finally {
      delete(root);
    }
  }

  /** Deletes a directory with all that is in it. */
  static void delete(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
