package quietus.systemd;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitType;

/**
 * Makes a {@link Unit} of the properties that systemd tells (org.freedesktop.systemd1(5)). One that
 * an older systemd lacks is just absent.
 */
final class UnitReader {
  private static final String FACE = "org.freedesktop.systemd1.";

  /** The interface with what every unit has. */
  static final String UNIT = FACE + "Unit";

  private static final Map<String, Relation> RELATIONS = new HashMap<>();

  /** A service triggers nothing, so that relation is not among them. */
  private static final List<String> DIFFERENCES =
      new ArrayList<>(List.of("Names", "FragmentPath", "DropInPaths"));

  private static final String TRANSIENT = "/run/systemd/transient/";

  static {
    for (Relation relation : Relation.values()) {
      if (relation != Relation.TRIGGERS) {
        DIFFERENCES.add(relation.property());
      }
    }
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
  private long mostDescriptors;
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
   * The calls whose replies tell in what a running instance may differ from another that was made
   * of the same files: its names, its relations and its processes. For all that a unit has, systemd
   * looks up its enablement in every unit directory, which takes it 1.4 ms for each instance; for
   * these, 0.15 ms.
   */
  static List<Call> differences(String name) {
    String path = ObjectPath.ofUnit(name);
    List<Call> calls = new ArrayList<>();
    for (String property : DIFFERENCES) {
      calls.add(new Call(path, Call.PROPERTIES, "Get", "ss", UNIT, property));
    }
    calls.add(new Call(path, Call.PROPERTIES, "Get", "ss", FACE + "Service", "ControlGroup"));
    return calls;
  }

  /**
   * The calls whose replies tell what the unit's kind adds. The few properties are asked for one by
   * one, for to tell all of a service's takes systemd four times as long and its reply has 10 kB.
   * Only from a unit that it may have to read from its file for each call all are asked for at
   * once.
   */
  List<Call> more() {
    String path = ObjectPath.ofUnit(id);
    List<Call> calls = new ArrayList<>();
    if (model != null) {
      if (model.mostDescriptors > 0) {
        calls.add(
            new Call(path, Call.PROPERTIES, "Get", "ss", FACE + kind(), "NFileDescriptorStore"));
      }
      if (!model.busName.isEmpty()) {
        calls.add(
            new Call(
                path,
                Call.PROPERTIES,
                "Get",
                "ss",
                FACE + kind(),
                "BusName")); // it may name the instance: com.example.%i
      }
      return calls;
    }
    if (active.equals("inactive") && !load.equals("loaded")) {
      return calls;
    }
    String kind = kind();
    List<String> wanted =
        switch (kind) {
          case "Service" ->
              List.of(
                  "Type",
                  "Restart",
                  "BusName",
                  "RemainAfterExit",
                  "KillMode",
                  "FileDescriptorStoreMax",
                  "NFileDescriptorStore",
                  "ControlGroup");
          case "Socket" -> List.of("Accept", "NConnections", "Listen", "KillMode", "ControlGroup");
          case "Timer" -> List.of("Persistent", "TimersMonotonic");
          case "Scope" -> List.of("KillMode", "ControlGroup");
          default -> List.of();
        };
    if (wanted.isEmpty()) {
      return calls;
    }
    if (active.equals("inactive") && job == 0) {
      calls.add(new Call(path, Call.PROPERTIES, "GetAll", "s", FACE + kind));
      return calls;
    }
    for (String property : wanted) {
      calls.add(new Call(path, Call.PROPERTIES, "Get", "ss", FACE + kind, property));
    }
    return calls;
  }

  /**
   * The files that an instance was made of, when the replies to {@link #differences} told them and
   * others may have been made of the same; else null.
   */
  String files() {
    return fragment.isEmpty() || fragment.endsWith("/" + id) || fragment.startsWith(TRANSIENT)
        ? null
        : fragment + dropIns;
  }

  /**
   * Takes all but its {@link #differences} from another instance that was made of the same files,
   * and was asked for all.
   */
  void follow(UnitReader other, State state) {
    model = other;
    load = state.load();
    active = state.active();
    sub = state.sub();
    job = state.job();
  }

  boolean isFollowing() {
    return model != null;
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
    for (int last = body.openArray(8); body.before(last); ) {
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
      case "FileDescriptorStoreMax" -> mostDescriptors = body.number();
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
    for (int last = body.openArray(8); body.before(last); ) {
      body.align(8);
      String kind = body.string();
      addresses.add(kind + " " + body.string());
    }
    listens = addresses;
    return true;
  }

  private boolean readTimers(Body body) {
    for (int last = body.openArray(8); body.before(last); ) {
      body.align(8);
      String base = body.string();
      body.skip("t");
      body.skip("t");
      // OnBootUSec and OnStartupUSec count from what a stop does not change
      monotonic |=
          base.equals("OnActiveUSec")
              || base.equals("OnUnitActiveUSec")
              || base.equals("OnUnitInactiveUSec");
    }
    return true;
  }

  Unit unit() {
    if (model != null) {
      source = model.source;
      needsReload = model.needsReload;
      serviceType = model.serviceType;
      restart = model.restart;
      remainAfterExit = model.remainAfterExit;
      killMode = model.killMode;
    }
    return new Unit(
        id,
        names,
        new State(load, active, sub, job),
        new Unit.File(fragment, source, dropIns, enablement, isTransient, needsReload),
        relations,
        new Unit.Traits(
            controlGroup,
            serviceType,
            restart,
            busName,
            remainAfterExit,
            killMode,
            storedDescriptors,
            accepts,
            connections,
            listens,
            persistent,
            monotonic));
  }
}
