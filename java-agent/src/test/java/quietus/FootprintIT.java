// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import quietus.lab.Host;

/**
 * What a run costs, in figures that no machine's speed changes: calls on the wire, reloads,
 * classes, bytes (docs/performance.md).
 */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class FootprintIT {
  private static final String TRACE = "/run/trace";
  private static final int MANY = 40;
  private static final long LARGEST_JAR = 2_500_000;

  private static Host host;

  FootprintIT(String suite) {
    assertTrue(
        host.run("grep", suite, "/etc/os-release").status() == 0, "the host is of another suite");
  }

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot(suite);
    for (int size : new int[] {1, 4, 16}) {
      host.unit("grow" + size + "x.service", "[Service]\nExecStart=/bin/sleep infinity\n");
      for (int i = 1; i < size; i++) {
        host.unit(
            "grow" + size + "x-" + i + ".timer",
            "[Timer]\nOnCalendar=daily\nUnit=grow" + size + "x.service\n");
      }
    }
    host.unit("many@.service", "[Service]\nExecStart=/bin/sleep infinity\n");
    host.unit(
        "enabled.service",
        "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n");
    host.sh(
            "cd /etc/systemd/system && systemctl daemon-reload && systemctl enable --now enabled &&"
                + " systemctl start $(ls | grep ^grow) $(seq -f many@%g.service "
                + MANY
                + ")")
        .ok();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  /** The calls of a run, by method. */
  private static Map<String, Integer> calls(String unit, String state) {
    host.sh("rm -f " + TRACE);
    host.agent("apply", Host.request(unit, state), "-Dquietus.trace=" + TRACE).ok();
    Map<String, Integer> calls = new HashMap<>();
    for (String line : host.sh("cat " + TRACE).ok().split("\n")) {
      calls.merge(line, 1, Integer::sum);
    }
    return calls;
  }

  private static int total(Map<String, Integer> calls) {
    return calls.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Before systemd 250 only the boot is known, so every file that is newer is looked at. */
  private static void needsTheTimeOfTheLastReload() {
    int version = Integer.parseInt(host.sh("systemctl --version").ok().split("\\s+")[1]);
    Assumptions.assumeTrue(
        version >= 250, "systemd " + version + " does not tell when it last read the unit files");
  }

  @Test
  void callsGrowWithTheFamilyAndANoOpMakesOne() {
    needsTheTimeOfTheLastReload();
    for (int size : new int[] {1, 4, 16}) {
      String unit = "grow" + size + "x";
      Map<String, Integer> quiesce = calls(unit, "quiesced");
      assertEquals(1, quiesce.get("Reload"));
      // and the nine that look at a unit whose file is newer than the last reload, such as one that
      // a generator wrote in it
      assertTrue(total(quiesce) <= 18 + 5 * size + 9, size + ": " + quiesce);
      assertEquals(Map.of("ListUnitsByNames", 1), calls(unit, "quiesced"));
      Map<String, Integer> release = calls(unit, "running");
      assertEquals(1, release.get("Reload"));
      assertTrue(total(release) <= 12 + size + 9, size + ": " + release);
    }
  }

  @Test
  void instancesOfATemplateAreAskedForTheirDifferencesOnly() {
    needsTheTimeOfTheLastReload();
    Map<String, Integer> quiesce = calls("many@.service", "quiesced");
    assertEquals(1, quiesce.get("Reload"));
    assertTrue(quiesce.get("GetAll") <= 2, quiesce.toString());
    assertEquals(MANY, quiesce.get("StopUnit"));
    assertTrue(total(quiesce) <= 30 + 21 * MANY, quiesce.toString());
    assertEquals(1, calls("many@.service", "running").get("Reload"));
  }

  @Test
  void aUnitThatATargetRefersToTakesOneReloadEachWayAndANoOpLooksAtItsGate() {
    assertEquals(1, calls("enabled", "quiesced").get("Reload"));
    assertEquals("loaded", host.show("enabled.service", "LoadState"));
    Map<String, Integer> again = calls("enabled", "quiesced");
    assertEquals(Map.of("ListUnitsByNames", 2, "Get", 1), again);
    assertEquals(1, calls("enabled", "running").get("Reload"));
  }

  @Test
  void aNoOpLoadsNeitherTheObjectMapperNorPicocliNorDbusJava() {
    String java = host.sh("java -version 2>&1 | sed -n '1s/[^\"]*\"\\([0-9]*\\).*/\\1/p'").ok();
    Assumptions.assumeTrue(
        Integer.parseInt(java) < 24, "Java " + java + " loads such classes itself as it starts");
    calls("grow4x", "quiesced");
    host.agent("apply", Host.request("grow4x", "quiesced"), "-Xlog:class+load:file=/run/classes")
        .ok();
    String classes = host.sh("sed 's/.*\\] //; s/ .*//' /run/classes").ok();
    calls("grow4x", "running");
    int ours = 0;
    for (String name : classes.split("\n")) {
      assertTrue(
          !name.startsWith("picocli.")
              && !name.endsWith(".ObjectMapper")
              && !name.startsWith("java.util.regex.Pattern$")
              && !name.startsWith("java.time.format.DateTimeFormatterBuilder$"),
          name);
      assertTrue(!name.startsWith("org.freedesktop.") || name.endsWith("Exception"), name);
      ours += name.startsWith("quietus.") || name.startsWith("com.fasterxml.") ? 1 : 0;
    }
    assertTrue(ours > 50 && ours <= 220, ours + " classes of the jar");
  }

  @Test
  void theJarIsSmall() throws Exception {
    long size = Files.size(Path.of("target/quietus.jar"));
    assertTrue(size <= LARGEST_JAR, size + " bytes");
  }
}
