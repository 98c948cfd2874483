// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TimeSpanTest {
  @ParameterizedTest
  @CsvSource({
    "90,90",
    "90s,90",
    "5m,300",
    "2h,7200",
    "1d,86400",
    "1h30m,5400",
    "1d2h3m4s,93784",
    "0,0"
  })
  void aTimeSpanIsWhatTheModuleTakes(String text, long seconds) {
    assertEquals(Duration.ofSeconds(seconds), TimeSpan.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "h",
        "1x",
        "-1",
        "1h-1m",
        "30m1h",
        "1h1h",
        "1h30",
        "1 h",
        "366d",
        "99999999999999999999s",
        "\u0661s"
      })
  void whatIsNoTimeSpanIsRefused(String text) {
    assertThrows(CommandLine.TypeConversionException.class, () -> TimeSpan.parse(text));
  }

  @Test
  void theLongestIsAYear() {
    assertEquals(Duration.ofDays(365), TimeSpan.parse("365d"));
  }
}
