// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;
import quietus.error.AgentException;
import quietus.fuzz.Inputs;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Request;
import quietus.unit.UnitName;

/** Command lines and time spans, as anybody whom a sudo rule allows it may write them. */
class CommandLineFuzzTest {
  private static final int MANY = 100;

  /** One argument per line. A refusal has no control character. */
  @FuzzTest
  void aCommandIsWithinTheBoundsOfARequestOrRefused(byte[] input) {
    String[] args = new String(input, StandardCharsets.UTF_8).split("\n", MANY);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
    CommandLine line =
        Quietus.line(stream, stream)
            .setExecutionStrategy(
                parsed -> {
                  if (parsed.hasSubcommand()
                      && parsed.subcommand().commandSpec().userObject()
                          instanceof UnitsCommand command
                      && !parsed.subcommand().isUsageHelpRequested()) {
                    check(command.parsed());
                  }
                  return 0;
                });
    Inputs.take(
        AgentException.class,
        () -> {
          int status = line.execute(args);
          String text = said.toString(StandardCharsets.UTF_8);
          assertTrue(
              status == 0 || status == (args[0].equals(RunCommand.NAME) ? 125 : 2),
              status + ": " + text);
          for (int i = 0; i < text.length(); i++) {
            assertTrue(text.charAt(i) == '\n' || !UnitName.isUnprintable(text.charAt(i)), text);
          }
        });
  }

  private static void check(Request request) {
    assertFalse(request.names().isEmpty());
    String reason = request instanceof QuiesceRequest quiesce ? quiesce.terms().reason() : null;
    assertTrue(reason == null || reason.length() <= 500);
    for (int i = 0; reason != null && i < reason.length(); i++) {
      assertFalse(UnitName.isUnprintable(reason.charAt(i)), reason);
    }
  }

  @FuzzTest
  void aTimeSpanIsAtMostAYearOrRefused(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    Inputs.take(
        CommandLine.TypeConversionException.class,
        () -> {
          Duration duration = TimeSpan.parse(text);
          assertFalse(duration.isNegative() || duration.toDays() > 365, text);
        });
  }
}
