// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What comes from outside has one way in (SECURITY.md). Told from the sources: each rule names what
 * may stand in the named files alone.
 */
class OutsideRulesTest {
  private static final Path SOURCES = Path.of("src/main/java/quietus");

  /**
   * @param what what the rule is about
   * @param pattern the code that the rule restricts
   * @param allowed the only files that have it, and each of them has
   */
  record Rule(String what, String pattern, Set<String> allowed) {
    @Override
    public String toString() {
      return what;
    }
  }

  static List<Rule> rules() {
    return List.of(
        new Rule(
            "a unit name is made by its checking parser",
            "new UnitName\\(|UnitName::new",
            Set.of("unit/UnitName.java")),
        new Rule("JSON is read by one parser", "createParser\\(", Set.of("json/Tree.java")),
        new Rule(
            "a moment is read by one parser",
            "Instant\\.parse\\(|LocalDateTime\\.(?:of|parse)\\(",
            Set.of("json/Moment.java")),
        new Rule("a time span is read by one parser", "Duration\\.parse\\(", Set.of()),
        new Rule(
            "a number is read where its errors are caught",
            "(?:parseInt|parseLong|parseDouble|(?:Integer|Long|Double)\\.valueOf)\\(|new"
                + " BigDecimal|new BigInteger|new Scanner",
            Set.of(
                "json/Tree.java",
                "cli/Screen.java",
                "disk/BootClock.java",
                "disk/LeaseText.java",
                "evidence/Connects.java")),
        new Rule(
            "the text of a unit file is written where UnitText escapes it",
            "\"[^\"\\n]*\\[(?:Unit|Service|Timer|Socket|Install)\\]",
            Set.of("disk/Control.java", "disk/LeaseText.java")),
        new Rule(
            "there is one parser of command lines",
            "new CommandLine\\(|CommandLine\\.(?:call|run|populateCommand)\\(",
            Set.of("cli/Quietus.java")),
        new Rule(
            "that parser reads no argument from a file",
            "\\.setExpandAtFiles\\(false\\)",
            Set.of("cli/Quietus.java")),
        new Rule(
            "no regular expression but a literal",
            "java\\.util\\.regex|getPathMatcher|"
                + "\\.(?:split|replaceAll|replaceFirst)\\((?!\")|newDirectoryStream\\([^;{\"]*,(?!\\s*\")",
            Set.of()),
        new Rule(
            "no call depends on the locale or its charset",
            "\\.getBytes\\(\\)|defaultCharset|new"
                + " InputStreamReader\\([^,;]*\\);|FileReader|FileWriter|"
                + "toLowerCase\\(\\)|toUpperCase\\(\\)|String\\.format|\\.formatted\\(|new"
                + " String\\(\\w+\\)|new PrintWriter\\([^)]*(?<!UTF_8)\\)",
            Set.of()),
        new Rule(
            "only the jar's own path depends on the working directory",
            "user\\.dir|toAbsolutePath|getAbsolute|new"
                + " java\\.io\\.File\\(\"[^/]|Path\\.of\\(\"[^/.]",
            Set.of("run/Session.java")),
        new Rule(
            "every error that a person is told loses its control characters",
            "extends (?:Runtime)?Exception\\b",
            Set.of("error/AgentException.java")),
        new Rule(
            "programs are started in few places, without a shell",
            "new ProcessBuilder|getRuntime\\(\\)\\.exec",
            Set.of(
                "cli/Foreground.java",
                "cli/Screen.java",
                "systemd/Logger.java",
                "systemd/JournalTail.java",
                "evidence/JournalReader.java",
                "WarmUp.java")));
  }

  private static Map<String, String> code() throws IOException {
    Map<String, String> code = new TreeMap<>();
    try (Stream<Path> all = Files.walk(SOURCES)) {
      for (Path file : all.filter(path -> path.toString().endsWith(".java")).toList()) {
        code.put(
            SOURCES.relativize(file).toString(),
            Files.readString(file)
                .replaceAll("(?s)/\\*.*?\\*/", "")
                .replaceAll("(?m)^\\s*//[^\n]*", ""));
      }
    }
    return code;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void onlyTheNamedFilesHaveIt(Rule rule) throws IOException {
    Map<String, String> code = code();
    assertTrue(code.size() > 100, code.size() + " files");
    Set<String> found = new TreeSet<>();
    for (Map.Entry<String, String> file : code.entrySet()) {
      if (Pattern.compile(rule.pattern()).matcher(file.getValue()).find()) {
        found.add(file.getKey());
      }
    }
    assertEquals(new TreeSet<>(rule.allowed()), found);
  }

  /** A rule whose pattern matches nothing by mistake would forbid nothing. */
  @Test
  void eachRuleWithoutFilesMatchesWhatItForbids() {
    Map<String, List<String>> forbidden =
        Map.of(
            "a time span is read by one parser",
            List.of("Duration.parse(text)"),
            "no regular expression but a literal",
            List.of(
                "import java.util.regex.Pattern;",
                "text.split(glob)",
                "Files.newDirectoryStream(dir, glob)"),
            "no call depends on the locale or its charset",
            List.of(
                "text.getBytes()",
                "new String(bytes)",
                "word.toLowerCase()",
                "new PrintWriter(out, true)"));
    int checked = 0;
    for (Rule rule : rules()) {
      for (String code : forbidden.getOrDefault(rule.what(), List.of())) {
        Matcher matcher = Pattern.compile(rule.pattern()).matcher(code);
        assertTrue(matcher.find(), rule + " misses " + code);
        checked++;
      }
    }
    assertEquals(8, checked);
  }
}
