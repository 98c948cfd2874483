package quietus.systemd;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** Makes a {@link Unit} of the properties that systemd tells (org.freedesktop.systemd1(5)). One that an older systemd lacks is just absent. */
final class UnitReader {
  private static final String FACE = "org.freedesktop.systemd1.";
  /** The interface with what every unit has. */
  static final String UNIT = FACE + "Unit";
  private static final Map<String, Relation> RELATIONS = new HashMap<>();

  static {
    for (Relation relation : Relation.values()) {
      RELATIONS.put(relation.property(), relation);
    }
  }

  private String id;
  private List<String> names;
  private String load = State.NOT_FOUND.load();
  private String active = State.NOT_FOUND.active();
  private String sub = State.NOT_FOUND.sub();
  private long job;
  private String fragment = "";
  private String source = "";
  private List<String> dropIns = List.of();
  private String enablement = "";
  private boolean isTransient;
  private boolean needsReload;
  private final Map<Relation, List<String>> relations = new EnumMap<>(Relation.class);
  private String controlGroup = "";
  private String serviceType = "";
  private String restart = "";
  private String busName = "";
  private boolean remainAfterExit;
  private String killMode = "";
  private long storedDescriptors;
  private boolean accepts;
  private long connections;
  private List<String> listens = List.of();
  private boolean persistent;
  private boolean monotonic;

  private UnitReader model;

  UnitReader(String name) {
    id = name;
    names = List.of(name);
  }

  /** The call whose reply tells what every unit has; systemd loads the unit for it. */
  static Call call(String name) {
    return new Call(ObjectPath.ofUnit(name), Call.PROPERTIES, "GetAll", "s", UNIT);
  }

  /**
   * The calls whose replies tell what the unit's kind adds. The few properties are asked for one by one, for to tell all of a service's takes systemd
   * four times as long and its reply has 10 kB. Only from a unit that it may have to read from its file for each call all are asked for at once.
   */
  List<Call> more() {
    if (active.equals("inactive") && !load.equals("loaded")) {
      return List.of();
    }
    String kind = kind();
    List<String> wanted = switch (kind) {
      case "Service" -> List.of("Type", "Restart", "BusName", "RemainAfterExit", "KillMode", "NFileDescriptorStore", "ControlGroup");
      case "Socket" -> List.of("Accept", "NConnections", "Listen", "KillMode", "ControlGroup");
      case "Timer" -> List.of("Persistent", "TimersMonotonic");
      case "Scope" -> List.of("KillMode", "ControlGroup");
      default -> List.of();
    };
    if (wanted.isEmpty()) {
      return List.of();
    }
    if (model != null) {
      wanted = List.of("NFileDescriptorStore", "ControlGroup");
    }
    String path = ObjectPath.ofUnit(id);
    if (active.equals("inactive") && job == 0) {
      return List.of(new Call(path, Call.PROPERTIES, "GetAll", "s", FACE + kind));
    }
    List<Call> calls = new ArrayList<>();
    for (String property : wanted) {
      calls.add(new Call(path, Call.PROPERTIES, "Get", "ss", FACE + kind, property));
    }
    return calls;
  }

  /** What instances of one template have in common that were made of the same files; null for all other units, and where nothing is known to be saved. */
  String files() {
    String template = UnitName.templateOf(id);
    boolean own = fragment.isEmpty() || fragment.endsWith("/" + id);
    return template == null || own || isTransient || needsReload || !load.equals("loaded") || !template.endsWith(".service") || active.equals("inactive") && job == 0
        ? null : fragment + dropIns;
  }

  /** Takes what follows from the unit's files from another that was made of the same; to be called before {@link #more}. */
  void follow(UnitReader other) {
    model = other;
  }

  /** The call for the one setting that may differ between instances of the same files (BusName=com.example.%i); null when it cannot. */
  Call difference() {
    return model == null || model.busName.isEmpty() ? null : new Call(ObjectPath.ofUnit(id), Call.PROPERTIES, "Get", "ss", FACE + kind(), "BusName");
  }

  /** The interface with what the kind adds. */
  private String kind() {
    return switch (UnitType.of(id).orElseThrow()) {
      case SERVICE -> "Service";
      case SOCKET -> "Socket";
      case TIMER -> "Timer";
      case SCOPE -> "Scope";
      default -> "";
    };
  }

  /** Reads the reply to a call that {@link #call} or {@link #more} made. */
  void read(Call call, Body body) {
    if (call.member().equals("Get")) {
      readValue((String) call.arguments()[1], body);
      return;
    }
    for (int last = body.openArray(8); body.before(last);) {
      body.align(8);
      readValue(body.string(), body);
    }
  }

  private void readValue(String name, Body body) {
    String type = body.signature();
    if (!read(name, type, body)) {
      body.skip(type);
    }
  }

  private boolean read(String name, String type, Body body) {
    switch (type) {
      case "s":
        return readText(name, body);
      case "b":
        return readTruth(name, body);
      case "u":
        return readNumber(name, body);
      case "as":
        return readList(name, body);
      case "(uo)":
        if (name.equals("Job")) {
          body.align(8);
          job = body.number();
          body.skip("o");
          return true;
        }
        return false;
      case "a(ss)":
        return name.equals("Listen") && readAddresses(body);
      case "a(stt)":
        return name.equals("TimersMonotonic") && readTimers(body);
      default:
        return false;
    }
  }

  private boolean readText(String name, Body body) {
    switch (name) {
      case "Id" -> id = body.string();
      case "LoadState" -> load = body.string();
      case "ActiveState" -> active = body.string();
      case "SubState" -> sub = body.string();
      case "FragmentPath" -> fragment = body.string();
      case "SourcePath" -> source = body.string();
      case "UnitFileState" -> enablement = body.string();
      case "ControlGroup" -> controlGroup = body.string();
      case "Type" -> serviceType = body.string();
      case "Restart" -> restart = body.string();
      case "BusName" -> busName = body.string();
      case "KillMode" -> killMode = body.string();
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean readTruth(String name, Body body) {
    switch (name) {
      case "Transient" -> isTransient = body.truth();
      case "NeedDaemonReload" -> needsReload = body.truth();
      case "RemainAfterExit" -> remainAfterExit = body.truth();
      case "Accept" -> accepts = body.truth();
      case "Persistent" -> persistent = body.truth();
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean readNumber(String name, Body body) {
    switch (name) {
      case "NFileDescriptorStore" -> storedDescriptors = body.number();
      case "NConnections" -> connections = body.number();
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean readList(String name, Body body) {
    Relation relation = RELATIONS.get(name);
    if (relation != null) {
      List<String> related = body.strings();
      if (!related.isEmpty()) {
        relations.put(relation, related);
      }
    } else if (name.equals("Names")) {
      names = body.strings();
    } else if (name.equals("DropInPaths")) {
      dropIns = body.strings();
    } else {
      return false;
    }
    return true;
  }

  private boolean readAddresses(Body body) {
    List<String> addresses = new ArrayList<>();
    for (int last = body.openArray(8); body.before(last);) {
      body.align(8);
      String kind = body.string();
      addresses.add(kind + " " + body.string());
    }
    listens = addresses;
    return true;
  }

  private boolean readTimers(Body body) {
    for (int last = body.openArray(8); body.before(last);) {
      body.align(8);
      String base = body.string();
      body.skip("t");
      body.skip("t");
      // OnBootUSec and OnStartupUSec count from what a stop does not change
      monotonic |= base.equals("OnActiveUSec") || base.equals("OnUnitActiveUSec") || base.equals("OnUnitInactiveUSec");
    }
    return true;
  }

  Unit unit() {
    if (model != null) {
      serviceType = model.serviceType;
      restart = model.restart;
      remainAfterExit = model.remainAfterExit;
      killMode = model.killMode;
    }
    return new Unit(id, names, new State(load, active, sub, job),
        new Unit.File(fragment, source, dropIns, enablement, isTransient, needsReload), relations,
        new Unit.Traits(controlGroup, serviceType, restart, busName, remainAfterExit, killMode, storedDescriptors, accepts, connections, listens,
            persistent, monotonic));
  }
}
