// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;
import quietus.unit.UnitType;

/** Reads all properties of some units that we need, with few calls and few round trips. */
final class UnitLoader {
  /**
   * From how many instances of one template on it is worth while to ask only for their differences.
   */
  private static final int SEVERAL = 4;

  private final Link link;
  private final List<Call> calls = new ArrayList<>();
  private final List<UnitReader> callers = new ArrayList<>();

  UnitLoader(Link link) {
    this.link = link;
  }

  Map<String, Unit> load(Collection<String> names) {
    Map<String, UnitReader> readers = new LinkedHashMap<>();
    for (String name : names) {
      readers.putIfAbsent(name, new UnitReader(name));
    }
    Map<String, State> alike = alike(readers.keySet());
    for (Map.Entry<String, UnitReader> reader : readers.entrySet()) {
      if (alike.containsKey(reader.getKey())) {
        add(UnitCalls.differences(reader.getKey()), reader.getValue());
      } else if (UnitStates.isLoadable(reader.getKey())) {
        add(List.of(UnitCalls.all(reader.getKey())), reader.getValue());
      }
    }
    ask();
    Map<String, UnitReader> models = new HashMap<>();
    for (Map.Entry<String, State> one : alike.entrySet()) {
      UnitReader reader = readers.get(one.getKey());
      String files = reader.files();
      UnitReader model = files == null ? null : models.putIfAbsent(files, reader);
      if (model != null) {
        reader.follow(model, one.getValue());
      } else {
        add(List.of(UnitCalls.all(one.getKey())), reader);
      }
    }
    ask();
    for (UnitReader reader : readers.values()) {
      if (!reader.isFollowing()) {
        add(reader.more(), reader);
      }
    }
    ask();
    for (UnitReader reader : readers.values()) {
      if (reader.isFollowing()) {
        add(reader.more(), reader);
      }
    }
    ask();
    Map<String, Unit> units = new LinkedHashMap<>();
    for (Map.Entry<String, UnitReader> reader : readers.entrySet()) {
      units.put(reader.getKey(), reader.getValue().unit());
    }
    return units;
  }

  /**
   * Those of some units that are likely to be made of the same files as others: running instances
   * of one template, with no job, where there are several. They have to be loaded: for a unit that
   * is not, systemd would read the files for each of the questions.
   */
  private Map<String, State> alike(Collection<String> names) {
    Map<String, Integer> counts = new HashMap<>();
    for (String name : names) {
      if (name.endsWith(UnitType.SERVICE.suffix())
          && UnitStates.isLoadable(name)
          && UnitName.templateOf(name) != null) {
        counts.merge(UnitName.templateOf(name), 1, Integer::sum);
      }
    }
    List<String> instances = new ArrayList<>();
    for (String name : counts.isEmpty() ? List.<String>of() : names) {
      if (counts.getOrDefault(String.valueOf(UnitName.templateOf(name)), 0) >= SEVERAL) {
        instances.add(name);
      }
    }
    Map<String, State> alike = new LinkedHashMap<>();
    if (!instances.isEmpty()) {
      for (UnitStates.Listed one : new UnitStates(link).listed(instances)) {
        State state = one.state();
        if (state.active().equals("active") && state.load().equals("loaded") && state.job() == 0) {
          alike.put(one.name(), state);
        }
      }
      // not those that were asked for by an alias
      alike.keySet().retainAll(new HashSet<>(instances));
    }
    return alike;
  }

  Map<String, List<String>> dropIns(Collection<String> names) {
    List<String> loaded = askLoaded(names, "DropInPaths");
    Map<String, List<String>> dropIns = new LinkedHashMap<>();
    Message[] replies = link.ask(calls);
    for (int i = 0; i < replies.length; i++) {
      if (isAnswer(replies[i], calls.get(i))) {
        dropIns.put(loaded.get(i), replies[i].body("v").variant("as").strings());
      }
    }
    return dropIns;
  }

  Set<String> edited(Collection<String> names) {
    List<String> loaded = askLoaded(names, "NeedDaemonReload");
    Set<String> edited = new LinkedHashSet<>();
    Message[] replies = link.ask(calls);
    for (int i = 0; i < replies.length; i++) {
      if (isAnswer(replies[i], calls.get(i)) && replies[i].body("v").variant("b").truth()) {
        edited.add(loaded.get(i));
      }
    }
    return edited;
  }

  /** Prepares one call for each of these units that is loaded. Returns those units. */
  private List<String> askLoaded(Collection<String> names, String property) {
    List<String> loaded = new ArrayList<>();
    for (Map.Entry<String, State> unit : new UnitStates(link).states(names).entrySet()) {
      if (unit.getValue().load().equals("loaded")) {
        loaded.add(unit.getKey());
        calls.add(UnitCalls.property(unit.getKey(), UnitCalls.UNIT, property));
      }
    }
    return loaded;
  }

  private void add(List<Call> more, UnitReader caller) {
    for (Call call : more) {
      calls.add(call);
      callers.add(caller);
    }
  }

  /** Makes the calls and hands each reply to the reader that wants it. */
  private void ask() {
    if (calls.isEmpty()) {
      return;
    }
    Message[] replies = link.ask(calls);
    for (int i = 0; i < replies.length; i++) {
      if (isAnswer(replies[i], calls.get(i))) {
        callers.get(i).read(calls.get(i), replies[i]);
      }
    }
    calls.clear();
    callers.clear();
  }

  /**
   * False for the errors that mean that there is no such unit, or that this systemd is too old for
   * the property; fails for any other error.
   */
  private static boolean isAnswer(Message reply, Call call) {
    String error = reply.error();
    if (error == null) {
      return true;
    }
    if (error.equals("org.freedesktop.systemd1.NoSuchUnit")
        || error.equals("org.freedesktop.DBus.Error.UnknownObject")
        || error.equals("org.freedesktop.DBus.Error.InvalidArgs")
        || error.equals("org.freedesktop.DBus.Error.UnknownProperty")) {
      return false;
    }
    throw new SystemdException(
        error, "systemd refuses to describe " + call.path() + ": " + reply.reason());
  }
}
