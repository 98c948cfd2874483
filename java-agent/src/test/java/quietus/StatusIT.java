// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** quietus status as a person reads it. */
class StatusIT extends Cases {
  private static final String WIDE = "a-very-" + "wide-".repeat(20) + "name";

  private void family() {
    service(WIDE + ".service");
    unit(WIDE + ".timer", "[Timer]\nOnActiveSec=3h\nAccuracySec=1s\n");
    start(WIDE + ".timer");
  }

  /** What status says at a terminal of 60 columns. */
  private static String atATerminal(String environment) {
    return host.sh(
            "script -qec 'stty cols 60 rows 24; env TERM=xterm "
                + environment
                + " "
                + QUIETUS
                + " status "
                + WIDE
                + "' /dev/null </dev/null | tr -d '\\r'")
        .ok();
  }

  @Test
  void aTerminalGetsItsWidthAndColoursAndAPipeTheWholeLinesAndNone() {
    family();
    quiesce(WIDE, "'reason':'new disks'", "'lease':3600").ok();
    String piped = quietus("status " + WIDE).ok();
    assertFalse(piped.contains("\u001b"), piped);
    assertSays(
        piped,
        "is quiesced since",
        "\n" + WIDE + ".service (inactive, dead)\n",
        "-- " + WIDE + ".timer (inactive, dead): it starts " + WIDE + ".service on time",
        "  reason  new disks\n",
        "  lease   releases it at ",
        "  the release starts " + WIDE + ".timer\n",
        "Release: ");
    assertFalse(
        host.sh("env CLICOLOR_FORCE=1 " + QUIETUS + " status " + WIDE).ok().contains("\u001b"));
    String shown = atATerminal("");
    assertTrue(shown.startsWith("\u001b[1m"), shown);
    String bare = atATerminal("NO_COLOR=1");
    assertFalse(bare.contains("\u001b"), bare);
    assertSays(bare, "...", "(inactive, dead)", "reason  new disks");
    for (String line : bare.split("\n")) {
      assertTrue(line.length() <= 60 || line.startsWith("Release: "), line);
    }
    assertSays(bare, "release '" + WIDE + ".service'");
    int wider = longest(atATerminal("NO_COLOR=1 COLUMNS=80"));
    assertTrue(wider > 60 && wider <= 80, "the variable comes first: " + wider);
  }

  private static int longest(String page) {
    int longest = 0;
    for (String line : page.split("\n")) {
      longest = line.startsWith("Release: ") ? longest : Math.max(longest, line.length());
    }
    return longest;
  }

  @Test
  void ofAUnitThatIsDownItSaysWhatWouldStartIt() {
    family();
    assertSays(
        quietus("status " + WIDE).ok(),
        "is not held; ",
        "What would start " + WIDE + ".service next:\n  " + WIDE + ".timer, ");
    host.sh("systemctl start " + WIDE).ok();
    assertSays(quietus("status " + WIDE).ok(), "quietus why '" + WIDE + ".service' tells that");
  }
}
