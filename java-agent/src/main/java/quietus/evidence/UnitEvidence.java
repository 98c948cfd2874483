// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import quietus.systemd.SystemdQuestions;
import quietus.unit.UnitType;
import quietus.why.Entry;
import quietus.why.Evidence;
import quietus.why.Facts;
import quietus.why.Questions;
import quietus.why.Reading;

/** Collects what tells why a unit is up, or how it ended. */
public final class UnitEvidence implements Questions {
  private static final int MOST_OTHERS = 200;
  private static final int MOST_SEEN = 48;
  private static final long SECOND = 1_000_000;

  /** Of a unit that waited for this one the start is seen later; not longer than that. */
  private static final long LATEST = 600 * SECOND;

  private static final int TRIES = 6;
  private static final long PAUSE_MS = 50;

  private static final List<String> SOME =
      List.of(
          "Unit.Id",
          "Unit.Names",
          "Unit.LoadState",
          "Unit.ActiveState",
          "Unit.SubState",
          "Unit.Job",
          "Unit.StateChangeTimestamp",
          "Unit.InactiveExitTimestamp",
          "Unit.ActiveEnterTimestamp",
          "Unit.ConditionTimestamp",
          "Unit.InactiveEnterTimestamp",
          "Unit.Requires",
          "Unit.Wants",
          "Unit.BindsTo",
          "Unit.Upholds",
          "Unit.OnFailure",
          "Unit.OnSuccess");
  private static final List<String> ALL =
      List.of(
          "Unit.ActiveExitTimestamp",
          "Unit.ActivationDetails",
          "Unit.TriggeredBy",
          "Unit.RequiredBy",
          "Unit.WantedBy",
          "Unit.BoundBy",
          "Unit.UpheldBy",
          "Unit.OnFailureOf",
          "Unit.OnSuccessOf",
          "Unit.PartOf",
          "Unit.Requisite",
          "Unit.StopPropagatedFrom");
  private static final List<String> SERVICE =
      List.of(
          "Service.NRestarts",
          "Service.Restart",
          "Service.BusName",
          "Service.Result",
          "Service.LogLevelMax",
          "Service.ExecMainCode",
          "Service.ExecMainStatus");
  private static final List<String> SOCKET = List.of("Socket.Accept", "Socket.Listen");
  private static final List<String> TIMER =
      List.of(
          "Timer.LastTriggerUSec", "Timer.NextElapseUSecRealtime", "Timer.NextElapseUSecMonotonic");

  private final SystemdQuestions systemd;
  private final Function<Set<String>, String> busName;
  private final JournalReader journal;
  private final Ends ends;
  private final Connects connects;
  private Evidence.Boot boot;

  /**
   * @param busName the bus name that activates a unit of such names, empty when there is none
   * @param user whether systemd is the calling user's manager
   */
  public UnitEvidence(
      SystemdQuestions systemd,
      Function<Set<String>, String> busName,
      Path root,
      boolean user,
      long uid) {
    this.systemd = systemd;
    this.busName = busName;
    this.journal = new JournalReader("journalctl", root, user, uid);
    this.ends = new Ends(systemd, journal);
    this.connects = new Connects(root);
  }

  @Override
  public Facts facts(String unit) {
    Facts facts = facts(List.of(unit), true).get(unit);
    if (!facts.text("BusName").isEmpty()) {
      return facts;
    }
    // Type=dbus is not needed for a bus name to start a unit: SystemdService= of its file is
    Map<String, Object> values = new HashMap<>(facts.values());
    values.put("BusName", busName.apply(facts.names()));
    return new Facts(facts.id(), values);
  }

  @Override
  public Evidence of(Facts unit) {
    Map<String, Facts> others = facts(related(unit), false);
    Evidence.Boot now = boot();
    Reading reading = read(unit, others, now);
    Set<String> seen = seen(unit, reading.entries());
    seen.removeAll(others.keySet());
    Map<String, Facts> all = new LinkedHashMap<>(others);
    all.putAll(facts(seen, false));
    Map<String, Long> connected = new HashMap<>();
    for (String socket : unit.list("TriggeredBy")) {
      Facts facts = all.get(socket);
      Long first =
          facts == null || !socket.endsWith(UnitType.SOCKET.suffix())
              ? null
              : connects.first(facts.list("Listen"), unit.begin());
      if (first != null) {
        connected.put(socket, first);
      }
    }
    return new Evidence(unit, all, reading.entries(), reading.complete(), now, connected);
  }

  @Override
  public Reading end(Facts unit) {
    return ends.of(unit);
  }

  @Override
  public List<Facts> activators(Facts unit) {
    Set<String> names = new LinkedHashSet<>(unit.list("TriggeredBy"));
    names.addAll(unit.list("UpheldBy"));
    names.addAll(unit.list("WantedBy"));
    names.addAll(unit.list("RequiredBy"));
    return List.copyOf(facts(names, false).values());
  }

  private Map<String, Facts> facts(Collection<String> names, boolean whole) {
    Map<String, Map<String, Object>> values = new LinkedHashMap<>();
    List<String> plain = new ArrayList<>(names);
    ask(plain, SOME, values);
    if (whole) {
      ask(plain, ALL, values);
    }
    ask(ending(plain, UnitType.SERVICE), whole ? SERVICE : List.of("Service.NRestarts"), values);
    ask(ending(plain, UnitType.SOCKET), SOCKET, values);
    ask(ending(plain, UnitType.TIMER), TIMER, values);
    Map<String, Facts> facts = new LinkedHashMap<>();
    for (String name : names) {
      Object id = values.getOrDefault(name, Map.of()).get("Id");
      facts.put(
          name,
          new Facts(id instanceof String text ? text : name, values.getOrDefault(name, Map.of())));
    }
    return facts;
  }

  private void ask(
      List<String> names, List<String> properties, Map<String, Map<String, Object>> into) {
    if (!names.isEmpty()) {
      for (Map.Entry<String, Map<String, Object>> told :
          systemd.properties(names, properties).entrySet()) {
        into.computeIfAbsent(told.getKey(), unit -> new LinkedHashMap<>()).putAll(told.getValue());
      }
    }
  }

  private static List<String> ending(List<String> names, UnitType type) {
    List<String> some = new ArrayList<>();
    for (String name : names) {
      if (name.endsWith(type.suffix())) {
        some.add(name);
      }
    }
    return some;
  }

  private static Set<String> related(Facts unit) {
    Set<String> related = new LinkedHashSet<>();
    if (!unit.text("BusName").isEmpty()) {
      related.add("dbus.service"); // whose daemon it is, by its primary name
    }
    for (String property :
        List.of(
            "TriggeredBy",
            "RequiredBy",
            "WantedBy",
            "BoundBy",
            "UpheldBy",
            "OnFailureOf",
            "OnSuccessOf",
            "Requires",
            "BindsTo",
            "PartOf",
            "Requisite")) {
      for (String name : unit.list(property)) {
        if (related.size() < MOST_OTHERS) {
          related.add(name);
        }
      }
    }
    return related;
  }

  private Evidence.Boot boot() {
    if (boot == null) {
      Map<String, Object> manager =
          systemd
              .properties(List.of(""), List.of("Manager.FinishTimestamp"))
              .getOrDefault("", Map.of());
      boot =
          new Evidence.Boot(
              systemd.version(),
              manager.get("FinishTimestamp") instanceof Long finished ? finished : 0,
              facts(List.of("default.target"), false).get("default.target").id());
    }
    return boot;
  }

  /** Reads the journal; journald may still have to write what was said a moment ago. */
  private Reading read(Facts unit, Map<String, Facts> others, Evidence.Boot boot) {
    long from = unit.begin();
    long down = unit.number("ActiveExitTimestamp");
    if (down > 0 && unit.wentDown() > from - SECOND) {
      from = Math.min(from, down); // a restart: who asked for it did so before the stop
    }
    long to = Math.max(unit.begin(), unit.number("ActiveEnterTimestamp"));
    if (boot.finished() > 0 && unit.begin() <= boot.finished()) {
      to = Math.max(to, boot.finished());
    }
    for (Facts other : others.values()) {
      if (other.begin() > to && other.begin() < unit.begin() + LATEST) {
        to = other.begin();
      }
    }
    for (int i = 1; ; i++) {
      Reading reading = journal.between(ends.since(from), to + 2 * SECOND);
      if (i == TRIES
          || System.currentTimeMillis() * 1000 > unit.started() + 10 * SECOND
          || new Evidence(unit, others, reading.entries(), true, boot, Map.of()).hasJob()) {
        return reading;
      }
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return reading;
      }
    }
  }

  /** The units whose jobs or outcomes the journal shows shortly before the unit's own job. */
  private static Set<String> seen(Facts unit, List<Entry> entries) {
    Set<String> seen = new LinkedHashSet<>();
    for (int i = entries.size() - 1; i >= 0 && seen.size() < MOST_SEEN; i--) {
      Entry entry = entries.get(i);
      boolean near =
          entry.at() > unit.begin() - 3 * SECOND && entry.at() < unit.started() + 10 * SECOND;
      if (entry.pid() == 1
          && !entry.unit().isEmpty()
          && near
          && (entry.job() > 0 || entry.message().contains("Triggering On"))) {
        seen.add(entry.unit());
      }
    }
    return seen;
  }
}
