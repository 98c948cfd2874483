package quietus.systemd;

import java.util.ArrayList;
import java.util.List;
import quietus.unit.Ending;
import quietus.unit.UnitType;

/** Makes an {@link Ending} of the properties that systemd tells of a unit. */
final class EndingReader {
  private static final String PREFIX = "org.freedesktop.systemd1.";

  private String result = "";
  private int code;
  private int status;
  private long restarts;

  /** The calls whose replies tell it; none for a kind of unit that has no result. */
  static List<Call> calls(String name) {
    UnitType type = UnitType.of(name).orElseThrow();
    List<String> properties =
        switch (type) {
          case SERVICE -> List.of("Result", "ExecMainCode", "ExecMainStatus", "NRestarts");
          case SOCKET, TIMER, PATH, MOUNT, AUTOMOUNT, SWAP, SCOPE -> List.of("Result");
          default -> List.of();
        };
    String suffix = type.suffix();
    String kind = Character.toUpperCase(suffix.charAt(1)) + suffix.substring(2);
    List<Call> calls = new ArrayList<>();
    for (String property : properties) {
      calls.add(
          new Call(ObjectPath.ofUnit(name), Call.PROPERTIES, "Get", "ss", PREFIX + kind, property));
    }
    return calls;
  }

  void read(Call call, Body body) {
    body.signature();
    switch ((String) call.arguments()[1]) {
      case "Result" -> result = body.string();
      case "ExecMainCode" -> code = (int) body.number();
      case "ExecMainStatus" -> status = (int) body.number();
      default -> restarts = body.number();
    }
  }

  Ending ending() {
    return new Ending(result, code, status, restarts);
  }
}
