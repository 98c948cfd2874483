// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import quietus.systemd.SystemdQuestions;
import quietus.why.Certainty;
import quietus.why.Chain;
import quietus.why.Facts;
import quietus.why.Kind;

/** What is asked of a systemd that answers with the same properties for every unit but one. */
class UnitEvidenceTest {
  private final Map<String, Object> properties = new HashMap<>(Map.of("ActiveState", "active"));

  private UnitEvidence evidence(String bus) {
    SystemdQuestions systemd =
        (SystemdQuestions)
            Proxy.newProxyInstance(
                SystemdQuestions.class.getClassLoader(),
                new Class<?>[] {SystemdQuestions.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "version" -> 257;
                      case "properties" -> answers((List<?>) arguments[0]);
                      default -> throw new AssertionError(method);
                    });
    return new UnitEvidence(
        systemd, names -> names.contains("w.service") ? bus : "", Path.of("/"), false, 0);
  }

  private Map<String, Map<String, Object>> answers(List<?> names) {
    Map<String, Map<String, Object>> answers = new HashMap<>();
    for (Object name : names) {
      answers.put(
          (String) name,
          name.equals("w.service")
              ? properties
              : Map.of("Id", name.equals("dbus.service") ? "dbus-broker.service" : name));
    }
    return answers;
  }

  @Test
  void aBusNameOfAServiceFileCountsWithoutBusName() {
    assertEquals("a.b", evidence("a.b").facts("w.service").text("BusName"));
    assertEquals("", evidence("").facts("w.service").text("BusName"));
    properties.put("BusName", "c.d");
    assertEquals("c.d", evidence("a.b").facts("w.service").text("BusName"));
  }

  @Test
  void underABrokerTheUnitOfAServiceFileMayHaveBeenCalled() {
    properties.put("InactiveExitTimestamp", 1_000_000_000L);
    Facts unit = evidence("a.b").facts("w.service");
    assertEquals(Kind.UNKNOWN, new Chain(evidence("a.b")).of(unit).cause().kind());
    assertEquals(
        Certainty.UNKNOWN, new Chain(evidence("a.b")).of(unit).candidates().get(0).certainty());
    assertEquals(Kind.BUS, new Chain(evidence("a.b")).of(unit).candidates().get(0).kind());
  }
}
