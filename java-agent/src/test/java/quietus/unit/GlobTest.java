// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @Test
  void manyStarsEndInBoundedTime() {
    UnitName glob = UnitName.parse("*a".repeat(40) + "b.service");
    assertTimeoutPreemptively(
        Duration.ofMinutes(1), () -> assertFalse(glob.matches("a".repeat(200) + ".service")));
  }

  @ParameterizedTest
  @CsvSource({
    "*, a.service, true",
    "a*c, abbc.service, true",
    "a?c, abc.service, true",
    "a?c, ac.service, false",
    "[a-c]x, bx.service, true",
    "[a-c]x, dx.service, false",
    "x\\x2d*, x\\x2dy.service, true",
    "*.socket, a.service, false",
    "*a*b*, xaxbx.service, true"
  })
  void aGlobMatchesAsSystemdDoes(String glob, String unit, boolean matches) {
    assertEquals(matches, UnitName.parse(glob).matches(unit));
  }

  @Test
  void anOpenBracketIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> UnitName.parse("[a"));
  }
}
