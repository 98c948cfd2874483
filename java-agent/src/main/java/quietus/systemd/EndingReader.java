// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import quietus.unit.Ending;
import quietus.unit.UnitType;

/** Makes an {@link Ending} from the properties of a unit. */
final class EndingReader {
  private String result = "";
  private int code;
  private int status;
  private long restarts;

  /** How the last run of some units ended, by name; asked all together. */
  static Map<String, Ending> endings(Link link, Collection<String> names) {
    List<Call> calls = new ArrayList<>();
    List<EndingReader> callers = new ArrayList<>();
    Map<String, EndingReader> readers = new LinkedHashMap<>();
    for (String name : names) {
      EndingReader reader = new EndingReader();
      readers.put(name, reader);
      for (Call call : UnitStates.isLoadable(name) ? calls(name) : List.<Call>of()) {
        calls.add(call);
        callers.add(reader);
      }
    }
    Message[] replies = link.ask(calls);
    for (int i = 0; i < replies.length; i++) {
      if (replies[i].error() == null) {
        callers.get(i).read(calls.get(i), replies[i].body("v"));
      }
    }
    Map<String, Ending> endings = new LinkedHashMap<>();
    for (Map.Entry<String, EndingReader> reader : readers.entrySet()) {
      endings.put(reader.getKey(), reader.getValue().ending());
    }
    return endings;
  }

  /** The calls whose replies tell it; none for a type of unit that has no result. */
  private static List<Call> calls(String name) {
    UnitType type = UnitType.of(name).orElseThrow();
    List<String> properties =
        switch (type) {
          case SERVICE -> List.of("Result", "ExecMainCode", "ExecMainStatus", "NRestarts");
          case SOCKET, TIMER, PATH, MOUNT, AUTOMOUNT, SWAP, SCOPE -> List.of("Result");
          default -> List.of();
        };
    String suffix = type.suffix();
    String interfaceName =
        UnitCalls.INTERFACES + Character.toUpperCase(suffix.charAt(1)) + suffix.substring(2);
    List<Call> calls = new ArrayList<>();
    for (String property : properties) {
      calls.add(UnitCalls.property(name, interfaceName, property));
    }
    return calls;
  }

  private void read(Call call, Body body) {
    switch ((String) call.arguments()[1]) {
      case "Result" -> result = body.variant("s").string();
      case "ExecMainCode" -> code = (int) body.variant("i").number();
      case "ExecMainStatus" -> status = (int) body.variant("i").number();
      default -> restarts = body.variant("u").number();
    }
  }

  private Ending ending() {
    return new Ending(result, code, status, restarts);
  }
}
