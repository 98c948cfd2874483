// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.model.ModelSystemd;
import quietus.systemd.SystemdQuestions;
import quietus.unit.Unit;

/** Which units systemd is asked for again in one search. */
class ToldUnitsTest {
  @TempDir private Path root;
  private final List<String> asked = new ArrayList<>();
  private ToldUnits told;

  @BeforeEach
  void boot() throws IOException {
    Path units = Files.createDirectories(root.resolve("etc/systemd/system"));
    for (String name : List.of("up.service", "also.service", "down.service")) {
      Files.writeString(units.resolve(name), "[Service]\nExecStart=/bin/sleep infinity\n");
    }
    ModelSystemd systemd = ModelSystemd.boot(root, 252);
    systemd.await(
        systemd.start(List.of("up.service", "also.service")).values(), Duration.ofSeconds(5));
    told =
        new ToldUnits(
            (SystemdQuestions)
                Proxy.newProxyInstance(
                    SystemdQuestions.class.getClassLoader(),
                    new Class<?>[] {SystemdQuestions.class},
                    (proxy, method, arguments) -> {
                      for (Object name : (Collection<?>) arguments[0]) {
                        asked.add(name.toString());
                      }
                      return method.invoke(systemd, arguments);
                    }));
  }

  private List<String> asked(String... names) {
    asked.clear();
    Map<String, Unit> units = told.load(List.of(names));
    assertEquals(List.of(names), List.copyOf(units.keySet()));
    for (String name : names) {
      assertEquals(name, units.get(name).id());
    }
    return List.copyOf(asked);
  }

  @Test
  void aUnitThatIsUpIsAskedForOnce() {
    assertEquals(List.of("up.service"), asked("up.service"));
    assertEquals(List.of(), asked("up.service"));
    assertEquals(List.of("also.service"), asked("up.service", "also.service"));
    assertEquals(List.of(), asked("also.service", "up.service"));
  }

  @Test
  void afterAUnitThatIsDownAllAreAskedForAgain() {
    asked("up.service");
    assertEquals(List.of("down.service"), asked("down.service", "up.service"));
    assertEquals(List.of("up.service"), asked("up.service"));
    assertEquals(List.of("down.service", "also.service"), asked("down.service", "also.service"));
    assertEquals(List.of("also.service"), asked("also.service"));
  }

  @Test
  void aUnitThatIsNotThereMakesNothingStale() {
    asked("up.service", "nothing.service");
    assertEquals(List.of(), asked("up.service", "nothing.service"));
  }

  @Test
  void theSameAnswerIsGivenAgain() {
    Unit first = told.load(List.of("up.service")).get("up.service");
    assertSame(first, told.load(List.of("up.service")).get("up.service"));
  }
}
