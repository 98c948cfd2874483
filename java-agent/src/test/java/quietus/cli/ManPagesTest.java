// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManPagesTest {
  private static final Map<String, String> FILES = ManPages.files("2026-01-01");

  @Test
  void everyCommandHasAPage() {
    Set<String> wanted = new TreeSet<>(Set.of("quietus.8", "quietus.bash"));
    for (String command :
        "quiesce release run status why graph holds metrics apply info".split(" ")) {
      wanted.add("quietus-" + command + ".8");
    }
    assertEquals(wanted, FILES.keySet());
  }

  @Test
  void aPageSaysWhatTheHelpSays() {
    String graph = FILES.get("quietus-graph.8");
    assertTrue(graph.contains("quietus graph "), graph);
    assertTrue(
        graph.contains("\n.B \\-\\-format FORMAT\ntree, dot, mermaid or svg (default: tree)"),
        graph);
    String run = FILES.get("quietus-run.8");
    assertTrue(run.contains("\n.B 127\nthere is no such command; no unit was touched\n"), run);
  }

  @Test
  void noReaderComplainsAboutAPage(@TempDir Path dir) throws Exception {
    boolean isHere = Files.isExecutable(Path.of("/usr/bin/mandoc"));
    assertTrue(
        isHere || System.getenv("CI") == null, "mandoc is not here; make test-unit installs it");
    Assumptions.assumeTrue(isHere, "mandoc is not here; make test-unit installs it");
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      if (file.getKey().endsWith(".8")) {
        Path page = Files.writeString(dir.resolve(file.getKey()), file.getValue());
        Process mandoc =
            new ProcessBuilder("/usr/bin/mandoc", "-Tlint", page.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(mandoc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("", said, file.getValue());
        assertEquals(0, mandoc.waitFor());
      }
    }
  }

  @Test
  void bashReadsTheCompletionAndItKnowsTheCommands(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("quietus.bash"), FILES.get("quietus.bash"));
    String script =
        ". '"
            + file
            + "'; COMP_WORDS=(quietus st); COMP_CWORD=1; _complete_quietus; echo ${COMPREPLY[@]};"
            + " COMP_WORDS=(quietus graph --fo); COMP_CWORD=2; _complete_quietus; echo"
            + " ${COMPREPLY[@]}";
    Process bash =
        new ProcessBuilder("bash", "-c", script)
            .redirectError(ProcessBuilder.Redirect.DISCARD) // compopt: this is no real completion
            .start();
    assertEquals(
        "status\n--format\n",
        new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
  }
}
