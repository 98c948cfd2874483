// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScreenTest {
  private static final String TREE =
      """
      a.service (inactive, dead)
      |-- b.socket (inactive, dead): its connections start a.service
      |   `-- door: sockets.target wants b.socket: a boot starts it (closed by the gate)
      `-- -.mount (active, mounted): it is what was named

      Warnings:
        one two three four five six seven eight nine ten\
      """;

  @Test
  void onlyATerminalHasAWidthAndColours() {
    assertEquals(Screen.NONE, Screen.of("pipe:[123]", "60", null, "xterm", null));
    assertEquals(Screen.NONE, Screen.of("/root/file", "60", null, "xterm", null));
    assertEquals(new Screen(60, true), Screen.of("/dev/pts/3", "60", null, "xterm", ""));
    assertEquals(new Screen(60, true), Screen.of("/dev/pts/3", "60", "", "xterm", ""));
    assertEquals(new Screen(60, false), Screen.of("/dev/pts/3", "60", "1", "xterm", ""));
    assertEquals(new Screen(60, false), Screen.of("/dev/tty1", "60", null, "dumb", ""));
  }

  @Test
  void theWidthIsOfTheVariableElseOfTheTerminalElseTheUsual() {
    assertEquals(100, Screen.of("/dev/pts/3", "100", null, null, "24 132\n").width());
    assertEquals(132, Screen.of("/dev/pts/3", null, null, null, "24 132\n").width());
    assertEquals(132, Screen.of("/dev/pts/3", "wide", null, null, "24 132\n").width());
    assertEquals(80, Screen.of("/dev/pts/3", null, null, null, "0 0\n").width());
    assertEquals(80, Screen.of("/dev/pts/3", "-5", null, null, "").width());
    assertEquals(40, Screen.of("/dev/pts/3", "3", null, null, "").width());
  }

  @Test
  void aTreeIsFoldedUnderItsOwnLines() {
    assertEquals(
        """
        a.service (inactive, dead)
        |-- b.socket (inactive, dead): its
        |     connections start a.service
        |   `-- door: sockets.target wants
        |         b.socket: a boot starts it
        |         (closed by the gate)
        `-- -.mount (active, mounted): it is
              what was named

        Warnings:
          one two three four five six seven
            eight nine ten\
        """,
        new Screen(40, false).fit(TREE));
    assertEquals(TREE, Screen.NONE.fit(TREE));
    assertEquals(TREE, new Screen(100, false).fit(TREE));
  }

  @Test
  void noLineIsWiderThanTheScreen() {
    String wide = "|-- " + "x".repeat(120) + "\ud83d\ude00".repeat(60) + ".service (active): why";
    for (int width = 40; width < 130; width++) {
      for (String line : new Screen(width, false).fit(wide).split("\n")) {
        assertTrue(line.length() <= width, line);
        for (int i = 0; i < line.length(); i++) {
          if (Character.isHighSurrogate(line.charAt(i))) {
            assertTrue(Character.isLowSurrogate(line.charAt(++i)), line);
          } else {
            assertTrue(!Character.isLowSurrogate(line.charAt(i)), line);
          }
        }
      }
      assertTrue(new Screen(width, false).fit(wide).contains("..."));
      assertTrue(new Screen(width, false).fit(wide).endsWith("why"));
    }
  }
}
