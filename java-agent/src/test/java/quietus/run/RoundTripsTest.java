// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.apply.Host;
import quietus.disk.BusServices;
import quietus.disk.ControlGroups;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.disk.Listeners;
import quietus.disk.UnitFiles;
import quietus.model.ModelSystemd;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.systemd.Systemd;

/**
 * How often each verb asks systemd, and how often it makes it reload: figures that no machine's
 * speed changes.
 */
class RoundTripsTest {
  private static final int STRANGERS = 200;

  @TempDir private Path root;
  private ModelSystemd systemd;
  private final Map<String, Integer> asked = new TreeMap<>();
  private boolean isReloadedByOthers;

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16, 64})
  void eachVerbReloadsOnceAndANoOpAsksNothingButStatesAndGates(int size) throws IOException {
    boot(size, 0, true);
    run(ModelHost.quiesce("grow.service"));
    assertEquals(1, asked.get("reload"));
    assertTrue(asked.get("units loaded") <= 4 * size + 2, asked.toString());
    run(ModelHost.quiesce("grow.service"));
    assertEquals(Map.of("states", 1, "dropIns", 1), asked);
    run(ModelHost.release("grow.service"));
    assertEquals(1, asked.get("reload"));
    assertTrue(asked.values().stream().mapToInt(Integer::intValue).sum() <= 13, asked.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16})
  void aFamilyThatNothingRefersToIsMaskedAndUnmaskedWithoutAReload(int size) throws IOException {
    boot(size, 0, false);
    run(ModelHost.quiesce("grow.service"));
    assertEquals(1, asked.get("reload"));
    run(ModelHost.quiesce("grow.service"));
    assertEquals(Map.of("states", 1), asked);
    run(ModelHost.release("grow.service"));
    assertEquals(1, asked.get("reload"));
  }

  @Test
  void aFamilyThatAnotherUnitUpholdsTakesAReloadForItsMasks() throws IOException {
    boot(1, 0, true);
    Files.writeString(
        root.resolve("etc/systemd/system/keep.target"), "[Unit]\nUpholds=grow.service\n");
    systemd.reload();
    systemd.await(systemd.start(List.of("keep.target")).values(), Duration.ofSeconds(5));
    run(ModelHost.quiesce("grow.service"));
    assertEquals(2, asked.get("reload"));
    assertEquals("masked", systemd.peek("grow.service").load());
    run(ModelHost.quiesce("grow.service"));
    assertEquals(Map.of("states", 1), asked);
  }

  /** On 257 a unit that is masked between the two questions has no drop-ins any more. */
  @Test
  void aReloadByOthersWhileGatesAreLookedAtIsNoTroubleAndNoChange() throws IOException {
    boot(1, 0, true);
    run(ModelHost.quiesce("grow.service"));
    isReloadedByOthers = true;
    run(ModelHost.quiesce("grow.service"));
    assertFalse(isReloadedByOthers);
    assertEquals(Map.of("states", 1, "dropIns", 2), asked);
    assertEquals("masked", systemd.peek("grow.service").load());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void theHostsOtherUnitsCostNothing(int size) throws IOException {
    boot(size, STRANGERS, true);
    for (Request request :
        new Request[] {
          ModelHost.quiesce("grow.service"),
          ModelHost.quiesce("grow.service"),
          ModelHost.release("grow.service")
        }) {
      run(request);
      assertTrue(asked.getOrDefault("units loaded", 0) <= 4 * size + 2, asked.toString());
      assertEquals(0, asked.getOrDefault("loaded", 0), asked.toString());
    }
  }

  /**
   * A service with timers, all up, and units that have nothing to do with it. Only what is enabled
   * does a target refer to.
   */
  private void boot(int size, int strangers, boolean enabled) throws IOException {
    Path units = Files.createDirectories(root.resolve("etc/systemd/system"));
    Path wants = Files.createDirectories(units.resolve("multi-user.target.wants"));
    String service = "[Service]\nExecStart=/bin/sleep infinity\n";
    Files.writeString(units.resolve("grow.service"), service);
    if (enabled) {
      Files.createSymbolicLink(wants.resolve("grow.service"), Path.of("../grow.service"));
    }
    for (int i = 1; i < size; i++) {
      Files.writeString(
          units.resolve("grow-" + i + ".timer"), "[Timer]\nOnCalendar=daily\nUnit=grow.service\n");
      if (enabled) {
        Files.createSymbolicLink(
            wants.resolve("grow-" + i + ".timer"), Path.of("../grow-" + i + ".timer"));
      }
    }
    for (int i = 0; i < strangers; i++) {
      Files.writeString(units.resolve("stranger-" + i + ".service"), service);
      Files.createSymbolicLink(
          wants.resolve("stranger-" + i + ".service"), Path.of("../stranger-" + i + ".service"));
    }
    systemd = ModelSystemd.boot(root, 252);
    if (!enabled) {
      List<String> family = new ArrayList<>();
      for (int i = 1; i < size; i++) {
        family.add("grow-" + i + ".timer");
      }
      family.add("grow.service");
      systemd.await(systemd.start(family).values(), Duration.ofSeconds(5));
    }
  }

  private void run(Request request) {
    asked.clear();
    systemd.reconnect();
    Systemd counting =
        (Systemd)
            Proxy.newProxyInstance(
                Systemd.class.getClassLoader(),
                new Class<?>[] {Systemd.class},
                (proxy, method, arguments) -> {
                  asked.merge(method.getName(), 1, Integer::sum);
                  if (method.getName().equals("load")) {
                    asked.merge(
                        "units loaded", ((Collection<?>) arguments[0]).size(), Integer::sum);
                  }
                  try {
                    if (isReloadedByOthers && method.getName().equals("dropIns")) {
                      Map<String, List<String>> none = new TreeMap<>();
                      ((Collection<?>) arguments[0])
                          .forEach(unit -> none.put("" + unit, List.of()));
                      systemd.outside().reload();
                      isReloadedByOthers = false;
                      return none;
                    }
                    return method.invoke(systemd, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    Host host =
        new Host(
            counting,
            new Disk(Layout.system(root)),
            new UnitFiles(counting::unitPath),
            new BusServices(root, false),
            new ControlGroups(root),
            new Listeners(root),
            new ModelHost.Silence(),
            Clock.systemUTC(),
            "quietus",
            root.resolve("quietus.jar"),
            "/usr/bin/java",
            "test");
    Report report = new Agent(host, step -> {}, ModelHost.NO_PAST).run(request);
    assertFalse(report.failed(), report.msg());
  }
}
