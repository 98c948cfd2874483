// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import quietus.unit.OneLine;

/**
 * A command, looked up as a shell does it.
 *
 * @param words the path of its program and its arguments
 * @param name as it was written, for messages
 * @param directory where it runs; null for where this process does
 * @param trouble why it cannot be run; null when it can
 * @param status the exit status for that, as a shell has it
 */
record Program(List<String> words, String name, Path directory, String trouble, int status) {
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;

  /**
   * The launcher runs Java in / with an environment that is safe for root. It keeps what the caller
   * had in variables of this name.
   */
  private static final String CALLERS = "QUIETUS_CALLER_";

  private static final String DIRECTORY = CALLERS + "PWD";

  static Program find(List<String> command) {
    String name = command.get(0);
    String where = System.getenv(DIRECTORY);
    Path directory = where == null || !where.startsWith("/") ? null : Path.of(where);
    String path = System.getenv(where == null ? "PATH" : CALLERS + "PATH");
    Path found = null;
    try {
      for (Path candidate : candidates(name, directory, path == null ? "" : path)) {
        if (Files.isRegularFile(candidate) && (found == null || Files.isExecutable(candidate))) {
          found = candidate;
          if (Files.isExecutable(candidate)) {
            break;
          }
        }
      }
    } catch (InvalidPathException e) {
      found = null;
    }
    List<String> words = new ArrayList<>(command);
    String shown = OneLine.visible(name);
    if (found == null) {
      return new Program(words, shown, directory, "there is no command '" + shown + "'", NOT_FOUND);
    }
    words.set(0, found.toString());
    boolean runs = Files.isExecutable(found);
    return new Program(
        words,
        shown,
        directory,
        runs ? null : "'" + OneLine.visible(found.toString()) + "' is not executable",
        NOT_EXECUTABLE);
  }

  private static List<Path> candidates(String name, Path directory, String path) {
    if (name.indexOf('/') >= 0) {
      Path written = Path.of(name);
      return List.of(directory == null ? written : directory.resolve(written));
    }
    List<Path> candidates = new ArrayList<>();
    for (String entry : path.split(":")) {
      if (entry.startsWith("/") && !name.isEmpty()) {
        candidates.add(Path.of(entry, name));
      }
    }
    return candidates;
  }

  /** Gives a process the environment that the caller had. */
  static void restore(Map<String, String> environment) {
    if (environment.get(DIRECTORY) == null) {
      return;
    }
    environment.remove("LC_ALL"); // the launcher's own
    for (String kept : List.copyOf(environment.keySet())) {
      if (kept.startsWith(CALLERS)) {
        environment.put(kept.substring(CALLERS.length()), environment.remove(kept));
      }
    }
  }
}
