// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.List;
import quietus.unit.Relation;
import quietus.unit.UnitType;

/** The calls whose replies describe a unit (org.freedesktop.systemd1(5)). */
final class UnitCalls {
  static final String INTERFACES = "org.freedesktop.systemd1.";

  /** The interface with what every unit has. */
  static final String UNIT = INTERFACES + "Unit";

  /** A service triggers nothing, so that relation is not among them. */
  private static final List<String> DIFFERENCES =
      new ArrayList<>(List.of("Names", "FragmentPath", "DropInPaths"));

  private static final List<String> SERVICE =
      List.of(
          "Type",
          "Restart",
          "BusName",
          "RemainAfterExit",
          "FileDescriptorStoreMax",
          "NFileDescriptorStore",
          "ControlGroup");

  private static final List<String> SOCKET = List.of("Accept", "Listen", "ControlGroup");

  private static final List<String> TIMER = List.of("Persistent", "TimersMonotonic");
  private static final List<String> SCOPE = List.of("ControlGroup");

  static {
    for (Relation relation : Relation.values()) {
      if (relation != Relation.TRIGGERS) {
        DIFFERENCES.add(relation.property());
      }
    }
  }

  private UnitCalls() {}

  /** Asks for all that every unit has; systemd loads the unit for it. */
  static Call all(String unit) {
    return all(unit, UNIT);
  }

  private static Call all(String unit, String interfaceName) {
    return new Call(ObjectPath.ofUnit(unit), Call.PROPERTIES, "GetAll", "s", interfaceName);
  }

  static Call property(String unit, String interfaceName, String name) {
    return new Call(ObjectPath.ofUnit(unit), Call.PROPERTIES, "Get", "ss", interfaceName, name);
  }

  /**
   * Asks in what a running instance may differ from another that was made of the same files: its
   * names, its relations and its processes. For all that a unit has, systemd looks up its
   * enablement in every unit directory, which takes it 1.4 ms for each instance; for these, 0.15
   * ms.
   */
  static List<Call> differences(String unit) {
    List<Call> calls = new ArrayList<>();
    for (String name : DIFFERENCES) {
      calls.add(property(unit, UNIT, name));
    }
    calls.add(property(unit, INTERFACES + "Service", "ControlGroup"));
    return calls;
  }

  /** Asks what an instance may have of its own in what its type adds. */
  static List<Call> differencesOfType(String unit, boolean storesDescriptors, boolean hasBusName) {
    String type = INTERFACES + name(type(unit));
    List<Call> calls = new ArrayList<>();
    if (storesDescriptors) {
      calls.add(property(unit, type, "NFileDescriptorStore"));
    }
    if (hasBusName) {
      // it may contain the instance: com.example.%i
      calls.add(property(unit, type, "BusName"));
    }
    return calls;
  }

  /**
   * Asks what the unit's type adds. The few properties are asked for one by one: to tell all of a
   * service's takes systemd four times as long, and that reply has 10 kB.
   *
   * @param idle systemd may have to read the unit's file for each call, so all is asked for at once
   */
  static List<Call> ofType(String unit, boolean idle) {
    UnitType type = type(unit);
    List<String> wanted =
        switch (type) {
          case SERVICE -> SERVICE;
          case SOCKET -> SOCKET;
          case TIMER -> TIMER;
          case SCOPE -> SCOPE;
          default -> List.of();
        };
    if (wanted.isEmpty()) {
      return List.of();
    }
    String interfaceName = INTERFACES + name(type);
    if (idle) {
      return List.of(all(unit, interfaceName));
    }
    List<Call> calls = new ArrayList<>();
    for (String name : wanted) {
      calls.add(property(unit, interfaceName, name));
    }
    return calls;
  }

  private static UnitType type(String unit) {
    return UnitType.of(unit).orElse(UnitType.TARGET);
  }

  /** How the interface of a type is called. */
  private static String name(UnitType type) {
    return switch (type) {
      case SERVICE -> "Service";
      case SOCKET -> "Socket";
      case TIMER -> "Timer";
      case SCOPE -> "Scope";
      default -> "";
    };
  }
}
