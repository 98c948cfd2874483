// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import com.github.dockerjava.api.DockerClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A root shell in a container; it runs commands one after the other. */
final class Shell implements AutoCloseable {
  private final Attached process;

  Shell(DockerClient engine, String container) {
    process = new Attached(engine, container, "sh");
    process.write(
        """
        d=$(mktemp -d)
        trap 'rm -rf $d' EXIT
        """);
  }

  /**
   * Runs a command.
   *
   * @param command for sh
   * @param limit how long it may take; after that the shell cannot be used any more
   */
  Host.Result run(String command, Duration limit) {
    process.write(
        "sh -c "
            + quote(command)
            + " </dev/null >$d/out 2>$d/err\n"
            + "echo $? $(stat -c %s $d/out $d/err)\n"
            + "cat $d/out $d/err\n");
    long deadline = Attached.deadline(limit);
    try {
      String[] numbers = process.line(deadline).split(" ");
      String out =
          new String(process.bytes(Integer.parseInt(numbers[1]), deadline), StandardCharsets.UTF_8);
      String err =
          new String(process.bytes(Integer.parseInt(numbers[2]), deadline), StandardCharsets.UTF_8);
      return new Host.Result(Integer.parseInt(numbers[0]), out, err);
    } catch (IllegalStateException e) {
      throw new AssertionError("'" + command + "' has not ended: " + e.getMessage(), e);
    }
  }

  /** A word of a shell command. */
  static String quote(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  @Override
  public void close() {
    process.close();
  }
}
