// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import quietus.fuzz.Inputs;

/** Unit names and globs, as anybody may write them. */
class UnitNameFuzzTest {
  private static final String ALLOWED =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@*?[]";

  @FuzzTest
  void aNameIsOneOfSystemdsOrRefused(byte[] input) {
    String written = new String(input, StandardCharsets.UTF_8);
    Inputs.take(
        IllegalArgumentException.class,
        () -> {
          UnitName name = UnitName.parse(written);
          for (int i = 0; i < name.text().length(); i++) {
            assertTrue(ALLOWED.indexOf(name.text().charAt(i)) >= 0, name.text());
          }
          assertTrue(name.text().length() <= UnitName.LONGEST, name.text());
          assertTrue(UnitType.of(name.text()).isPresent(), name.text());
          boolean isRoot = name.text().equals("-.mount") || name.text().equals("-.slice");
          assertTrue(isRoot || !name.text().startsWith("-"), name.text());
          assertTrue(!name.text().startsWith("."), name.text());
          assertEquals(name, UnitName.parse(name.text()));
          assertTrue(name.isGlob() || name.matches(name.text()), name.text());
        });
  }

  /** The first line is the glob, the second the text. */
  @FuzzTest
  void aGlobMatchesAsItsDefinitionSays(byte[] input) {
    String both = new String(input, StandardCharsets.ISO_8859_1);
    int line = both.indexOf('\n');
    String glob = line < 0 ? both : both.substring(0, line);
    String text = line < 0 ? both : both.substring(line + 1);
    if (glob.length() > 300 || text.length() > 300 || !Glob.isWellFormed(glob)) {
      return;
    }
    Inputs.take(
        IllegalArgumentException.class,
        () -> assertEquals(defined(glob, text), Glob.matches(glob, text), glob + " and " + text));
  }

  /** By the definition: which beginnings of the text each beginning of the glob matches. */
  private static boolean defined(String glob, String text) {
    boolean[] matched = new boolean[text.length() + 1];
    matched[0] = true;
    for (int g = 0; g < glob.length(); g++) {
      boolean[] next = new boolean[text.length() + 1];
      char c = glob.charAt(g);
      if (c == '*') {
        boolean any = false;
        for (int t = 0; t <= text.length(); t++) {
          any |= matched[t];
          next[t] = any;
        }
      } else {
        int end = c == '[' ? glob.indexOf(']', g + 2) : -1;
        for (int t = 0; t < text.length(); t++) {
          char is = text.charAt(t);
          next[t + 1] =
              matched[t] && (end > 0 ? isIn(glob.substring(g + 1, end), is) : c == '?' || c == is);
        }
        g = end > 0 ? end : g;
      }
      matched = next;
    }
    return matched[text.length()];
  }

  private static boolean isIn(String set, char c) {
    for (int i = 0; i < set.length(); i++) {
      boolean isRange = i + 2 < set.length() && set.charAt(i + 1) == '-';
      if (isRange ? set.charAt(i) <= c && c <= set.charAt(i + 2) : set.charAt(i) == c) {
        return true;
      }
      i += isRange ? 2 : 0;
    }
    return false;
  }
}
