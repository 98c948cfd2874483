// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the project's pages say of its files and tests is there. */
class DocumentsTest {
  private static final Path TOP = Path.of("..");
  private static final Pattern TEST =
      Pattern.compile("\\b([A-Z]\\w*[a-z](?:Test|IT))\\b(?:[.#](\\w+))?");
  private static final Pattern PYTHON_TEST = Pattern.compile("\\b[\\w/]*test_\\w+\\.py\\b");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");

  /** The pages of the project, without what other programs make. */
  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String below : List.of(".", "docs", "lab", "bench", "molecule", "ansible", "java-agent")) {
      Path dir = TOP.resolve(below);
      if (Files.isDirectory(dir)) {
        try (Stream<Path> all = Files.list(dir)) {
          all.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
      }
    }
    return pages;
  }

  /** The sources of all Java tests by the name of their class. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> tests = new TreeMap<>();
    try (Stream<Path> all = Files.walk(Path.of("src/test/java"))) {
      for (Path path : all.filter(one -> one.toString().endsWith(".java")).toList()) {
        String name = path.getFileName().toString();
        tests.put(name.substring(0, name.length() - ".java".length()), Files.readString(path));
      }
    }
    return tests;
  }

  @Test
  void everyTestThatAPageNamesExists() throws IOException {
    Map<String, String> tests = tests();
    Set<String> missing = new TreeSet<>();
    int named = 0;
    for (Path page : pages()) {
      for (Matcher test = TEST.matcher(Files.readString(page)); test.find(); named++) {
        String source = tests.get(test.group(1));
        String method = test.group(2);
        if (source == null
            || method != null && !method.equals("java") && !source.contains(" " + method + "(")) {
          missing.add(page + ": " + test.group());
        }
      }
    }
    assertEquals(Set.of(), missing);
    assertTrue(named > 50, named + " tests are named");
  }

  @Test
  void everyPackageIsOnThePageOfTheArchitecture() throws IOException {
    String page = Files.readString(TOP.resolve("docs/architecture.md"));
    Set<String> missing = new TreeSet<>();
    try (Stream<Path> all = Files.list(Path.of("src/main/java/quietus"))) {
      for (Path dir : all.filter(Files::isDirectory).toList()) {
        String name = dir.getFileName().toString();
        if (!page.contains("[\"" + name + ":") && !page.contains("`" + name + "`")) {
          missing.add(name);
        }
      }
    }
    assertEquals(Set.of(), missing, "draw these packages in docs/architecture.md");
  }

  /** An arrow of the picture of packages: {@code cli --> run["run: ..."]}. */
  private static final Pattern ARROW =
      Pattern.compile("^  (\\w+)(?:\\[[^\\]]*\\])? --> (\\w+)", Pattern.MULTILINE);

  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?quietus\\.([a-z]+)\\.", Pattern.MULTILINE);

  @Test
  void thePictureOfThePackagesIsWhatTheCodeUses() throws IOException {
    String picture =
        Files.readString(TOP.resolve("docs/architecture.md"))
            .split("```mermaid\n", 2)[1]
            .split("```", 2)[0];
    Map<String, Set<String>> drawn = new TreeMap<>();
    for (Matcher arrow = ARROW.matcher(picture); arrow.find(); ) {
      String from = arrow.group(1).equals("main") ? "quietus" : arrow.group(1);
      drawn.computeIfAbsent(from, name -> new TreeSet<>()).add(arrow.group(2));
    }
    Map<String, Set<String>> used = new TreeMap<>();
    try (Stream<Path> all = Files.walk(Path.of("src/main/java/quietus"))) {
      for (Path file : all.filter(path -> path.toString().endsWith(".java")).toList()) {
        String from = file.getParent().getFileName().toString();
        for (Matcher to = IMPORT.matcher(Files.readString(file)); to.find(); ) {
          used.computeIfAbsent(from, name -> new TreeSet<>()).add(to.group(1));
        }
      }
    }
    Set<String> wrong = new TreeSet<>();
    for (String from : drawn.keySet()) {
      for (String to : drawn.get(from)) {
        if (!used.getOrDefault(from, Set.of()).contains(to)) {
          wrong.add(from + " --> " + to + " is drawn, and the code has no such import");
        }
      }
    }
    for (String from : used.keySet()) {
      for (String to : used.get(from)) {
        if (!reached(from, drawn).contains(to)) {
          wrong.add(from + " --> " + to + " is used, and does not follow from the arrows");
        }
      }
    }
    assertEquals(Set.of(), wrong);
  }

  private static Set<String> reached(String from, Map<String, Set<String>> arrows) {
    Set<String> reached = new TreeSet<>();
    for (String to : arrows.getOrDefault(from, Set.of())) {
      reached.add(to);
      reached.addAll(reached(to, arrows));
    }
    return reached;
  }

  @Test
  void everyPythonTestThatAPageNamesExists() throws IOException {
    Set<String> there = new TreeSet<>();
    for (String below : List.of("ansible", "bench", "molecule", "lab")) {
      try (Stream<Path> all = Files.walk(TOP.resolve(below))) {
        all.forEach(path -> there.add(path.toString()));
      }
    }
    Set<String> missing = new TreeSet<>();
    for (Path page : pages()) {
      for (Matcher test = PYTHON_TEST.matcher(Files.readString(page)); test.find(); ) {
        String end = "/" + test.group();
        if (there.stream().noneMatch(path -> path.endsWith(end))) {
          missing.add(page + ": " + test.group());
        }
      }
    }
    assertEquals(Set.of(), missing);
  }

  @Test
  void everyLinkToAFileOfTheProjectLeadsThere() throws IOException {
    Set<String> broken = new TreeSet<>();
    int links = 0;
    for (Path page : pages()) {
      for (Matcher link = LINK.matcher(Files.readString(page)); link.find(); ) {
        String to = link.group(1);
        if (!to.contains(":")) {
          links++;
          if (!Files.exists(page.resolveSibling(to))) {
            broken.add(page + ": " + to);
          }
        }
      }
    }
    assertEquals(Set.of(), broken);
    assertTrue(links > 10, links + " links");
  }
}
