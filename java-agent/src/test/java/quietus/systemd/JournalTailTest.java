// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTailTest {
  private static List<String> lines(String text) {
    return JournalTail.lines(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theLastLinesAreKept() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      text.append("line ").append(i).append("\n\n");
    }
    List<String> lines = lines(text.toString());
    assertEquals(10, lines.size());
    assertEquals("line 20", lines.get(0));
    assertEquals("line 29", lines.get(9));
  }

  @Test
  void whatATerminalCouldTakeForACommandIsEscaped() {
    assertEquals(List.of("\\x1b[31mred\\x7 \\x202eevil"), lines("\u001b[31mred\u0007\t\u202eevil"));
    assertEquals(List.of("gr\u00fc\u00df"), lines("gr\u00fc\u00df\r".replace("\r", "")));
    assertEquals(
        List.of("\ufffdx"), JournalTail.lines(new byte[] {(byte) 0xff, 'x'}), "no UTF-8 at all");
  }

  @Test
  void aLongLineIsCut() {
    String line = lines("x".repeat(5000)).get(0);
    assertTrue(line.length() < 210 && line.endsWith("x..."), line);
  }
}
