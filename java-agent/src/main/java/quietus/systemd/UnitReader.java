// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import quietus.unit.Relation;
import quietus.unit.State;
import quietus.unit.Unit;

/**
 * Makes a {@link Unit} from its D-Bus properties (org.freedesktop.systemd1(5)). One that an older
 * systemd does not have is left out.
 */
final class UnitReader {
  private static final Map<String, Relation> RELATIONS = new HashMap<>();

  private static final String TRANSIENT = "/run/systemd/transient/";

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
  private long mostDescriptors;
  private long storedDescriptors;
  private boolean accepts;
  private List<String> listens = List.of();
  private boolean persistent;
  private boolean monotonic;

  private UnitReader model;

  UnitReader(String name) {
    id = name;
    names = List.of(name);
  }

  /** The calls whose replies tell what the unit's type adds. */
  List<Call> more() {
    if (model != null) {
      return UnitCalls.differencesOfType(id, model.mostDescriptors > 0, !model.busName.isEmpty());
    }
    if (active.equals("inactive") && !load.equals("loaded")) {
      return List.of();
    }
    return UnitCalls.ofType(id, active.equals("inactive") && job == 0);
  }

  /**
   * The files that an instance was made of, when the replies to {@link UnitCalls#differences} have
   * them and other instances may be made of the same files; else null.
   */
  String files() {
    return fragment.isEmpty() || fragment.endsWith("/" + id) || fragment.startsWith(TRANSIENT)
        ? null
        : fragment + dropIns;
  }

  /**
   * Takes all but its {@link UnitCalls#differences} from another instance that was made of the same
   * files, and was asked for all.
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

  /** Reads the reply to one of the calls of {@link UnitCalls}. */
  void read(Call call, Message reply) {
    if (call.member().equals("Get")) {
      readValue((String) call.arguments()[1], reply.body("v"));
      return;
    }
    Body body = reply.body("a{sv}");
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
      case "Id" -> id = name(body.string());
      case "LoadState" -> load = body.string();
      case "ActiveState" -> active = body.string();
      case "SubState" -> sub = body.string();
      case "FragmentPath" -> fragment = body.string();
      case "UnitFileState" -> enablement = body.string();
      case "ControlGroup" -> controlGroup = body.string();
      case "Type" -> serviceType = body.string();
      case "Restart" -> restart = body.string();
      case "BusName" -> busName = body.string();
      default -> {
        return false;
      }
    }
    return true;
  }

  private static String name(String id) {
    if (!UnitStates.isLoadable(id)) {
      throw SystemdException.malformed("a unit's Id that is no unit name");
    }
    return id;
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
      needsReload = model.needsReload;
      serviceType = model.serviceType;
      restart = model.restart;
      remainAfterExit = model.remainAfterExit;
    }
    return new Unit(
        id,
        names,
        new State(load, active, sub, job),
        new Unit.File(fragment, dropIns, enablement, isTransient, needsReload),
        relations,
        new Unit.Traits(
            controlGroup,
            serviceType,
            restart,
            busName,
            remainAfterExit,
            storedDescriptors,
            accepts,
            listens,
            persistent,
            monotonic));
  }
}
