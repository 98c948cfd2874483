// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the packages may know of each other, told from the imports of the sources. */
class ArchitectureTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final int LONGEST = 300;
  private static final Pattern USE = Pattern.compile("\\bquietus\\.([a-z]+)\\.([A-Z]\\w*)");

  /** By these the disk or systemd can be changed, or what can change them be reached. */
  private static final Set<String> WRITERS =
      Set.of(
          "disk.Disk",
          "disk.Holds",
          "disk.Control",
          "disk.Leases",
          "disk.Lock",
          "disk.TrustedFiles",
          "systemd.Systemd",
          "systemd.SystemdCommands",
          "systemd.DbusSystemd",
          "systemd.Connection",
          "systemd.Link",
          "systemd.Jobs",
          "systemd.Journal",
          "systemd.Logger");

  private static List<Path> sources(Path below) throws IOException {
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(path -> path.toString().endsWith(".java")).sorted().toList();
    }
  }

  /** The code of a file without its comments. */
  private static String code(Path file) throws IOException {
    return Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//[^\n]*", "");
  }

  private static Set<String> uses(Path file) throws IOException {
    Set<String> uses = new TreeSet<>();
    for (Matcher use = USE.matcher(code(file)); use.find(); ) {
      uses.add(use.group(1) + "." + use.group(2));
    }
    return uses;
  }

  @Test
  void packagesDependOnEachOtherInOneDirection() throws IOException {
    Map<String, Set<String>> packages = new TreeMap<>();
    for (Path file : sources(SOURCES)) {
      String own = SOURCES.resolve("quietus").relativize(file.getParent()).toString();
      Set<String> others = packages.computeIfAbsent(own, name -> new TreeSet<>());
      for (String use : uses(file)) {
        others.add(use.substring(0, use.indexOf('.')));
      }
      others.remove(own);
    }
    assertTrue(packages.size() > 10, packages.toString());
    for (String from : packages.keySet()) {
      Deque<String> next = new ArrayDeque<>(packages.get(from));
      Set<String> reached = new TreeSet<>();
      while (!next.isEmpty()) {
        String one = next.pop();
        if (reached.add(one)) {
          next.addAll(packages.getOrDefault(one, Set.of()));
        }
      }
      assertTrue(!reached.contains(from), from + " reaches itself: " + packages);
    }
  }

  @Test
  void whatDecidesIsGivenNothingThatWrites() throws IOException {
    int files = 0;
    for (String name : List.of("plan", "resolve", "family", "hold", "protocol", "unit", "why")) {
      for (Path file : sources(SOURCES.resolve("quietus").resolve(name))) {
        Set<String> writers = uses(file);
        writers.retainAll(WRITERS);
        assertEquals(Set.of(), writers, file.toString());
        assertTrue(!code(file).contains("java.nio.file.Files"), file.toString());
        files++;
      }
    }
    assertTrue(files > 30, files + " files");
    for (String writer : WRITERS) {
      assertTrue(
          Files.exists(SOURCES.resolve("quietus").resolve(writer.replace('.', '/') + ".java")),
          writer);
    }
  }

  @Test
  void noFileIsLong() throws IOException {
    Set<String> tooLong = new TreeSet<>();
    for (Path file : sources(SOURCES)) {
      long lines =
          Files.readAllLines(file).stream().filter(line -> !line.startsWith("// SPDX-")).count();
      if (lines > LONGEST) {
        tooLong.add(SOURCES.resolve("quietus").relativize(file).toString());
      }
    }
    assertEquals(Set.of(), tooLong);
  }
}
