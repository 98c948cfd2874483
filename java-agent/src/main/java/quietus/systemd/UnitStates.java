// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** The states of units, as systemd lists them: many units in one call. */
final class UnitStates {
  private static final String LIST = "a(ssssssouso)";

  private final Link link;

  UnitStates(Link link) {
    this.link = link;
  }

  /**
   * False for a template and for what is no unit name: systemd has no such unit, and refuses a
   * whole list for one of them.
   */
  static boolean isLoadable(String name) {
    return name.length() <= 255
        && UnitType.of(name).isPresent()
        && !UnitName.isTemplate(name)
        && name.indexOf('/') < 0;
  }

  Map<String, State> states(Collection<String> names) {
    Map<String, State> states = new LinkedHashMap<>();
    for (String name : names) {
      states.put(name, State.NOT_FOUND);
    }
    List<String> asked = new ArrayList<>(states.size());
    for (String name : states.keySet()) {
      if (isLoadable(name)) {
        asked.add(name);
      }
    }
    if (asked.isEmpty()) {
      return states;
    }
    List<Listed> listed = listed(asked);
    link.signals().changed.clear();
    if (listed.size() == asked.size()) {
      for (int i = 0; i < asked.size(); i++) {
        states.put(asked.get(i), listed.get(i).state());
      }
      return states;
    }
    for (Map.Entry<String, Unit> unit : new UnitLoader(link).load(asked).entrySet()) {
      states.put(unit.getKey(), unit.getValue().state());
    }
    return states;
  }

  /**
   * The states of some units, in their order; for an alias, the name is its unit's primary name.
   * Empty when systemd refuses one of them.
   */
  List<Listed> listed(List<String> names) {
    Message reply = link.ask(List.of(Call.manager("ListUnitsByNames", "as", names)))[0];
    return reply.error() == null ? read(reply) : List.of();
  }

  Map<String, State> loaded(String... patterns) {
    Map<String, State> states = new TreeMap<>();
    Message reply =
        link.ask(Call.manager("ListUnitsByPatterns", "asas", List.of(), List.of(patterns)));
    for (Listed unit : read(reply)) {
      states.put(unit.name(), unit.state());
    }
    return states;
  }

  static List<Listed> read(Message reply) {
    List<Listed> listed = new ArrayList<>();
    Body body = reply.body(LIST);
    for (int last = body.openArray(8); body.before(last); ) {
      listed.add(Listed.read(body));
    }
    return listed;
  }

  /** A unit in the replies to ListUnitsByNames and ListUnitsByPatterns. */
  record Listed(String name, State state) {
    static Listed read(Body body) {
      body.align(8);
      String name = body.string();
      body.skip("s");
      String load = body.string();
      String active = body.string();
      String sub = body.string();
      body.skip("s");
      body.skip("o");
      long job = body.number();
      String jobType = body.string();
      body.skip("o");
      return new Listed(name, new State(load, active, sub, job, jobType));
    }
  }
}
