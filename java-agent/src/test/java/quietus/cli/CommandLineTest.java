// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Quietus.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anAtSignDoesNotReadAFile(@TempDir Path dir) throws Exception {
    Path secret = Files.writeString(dir.resolve("shadow"), "root:$6$secret:1::\n");
    assertEquals(2, run("status", "@" + secret));
    assertFalse(said().contains("secret:1"), said());
  }

  @Test
  void aBadCommandNeitherTakesTextForMarkupNorShowsControlCharacters() {
    assertEquals(2, run("status", "a", "--x@|bold y|@\u001b[31m"));
    assertTrue(said().contains("@|bold y|@"), said());
    assertFalse(said().contains("\u001b"), said());
  }

  @Test
  void aLongReasonIsABadCommand() {
    assertEquals(2, run("quiesce", "--reason", "x".repeat(501), "a"));
    assertTrue(said().contains("500"), said());
  }

  @Test
  void aReasonBecomesOneLine() {
    assertEquals(
        "a [Service] ExecStop=/bin/x",
        quietus.unit.OneLine.of(" a\n[Service]\r\n\u2028ExecStop=/bin/x\n"));
  }

  @Test
  void aBadNameIsNamedByEveryCommandOnUnits() {
    for (String command : new String[] {"quiesce", "release", "status"}) {
      err.reset();
      assertEquals(2, run(command, "good", "[a"));
      assertTrue(said().contains("'[a' is not a glob"), said());
    }
  }

  @Test
  void aCommandOnOneUnitRefusesANameOfSeveral() {
    for (String[] bad : new String[][] {{"graph", "a*"}, {"why", "a*"}, {"why", "a@.service"}}) {
      err.reset();
      assertEquals(2, run(bad));
      assertTrue(said().contains("is no single unit"), said());
    }
  }
}
