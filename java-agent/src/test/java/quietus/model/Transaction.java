// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.systemd.SystemdException;

/**
 * The jobs that one request needs, brought into one consistent set, or refused
 * (src/core/transaction.c).
 */
final class Transaction {
  private static final String ERROR = "org.freedesktop.systemd1.";

  private final Machine machine;
  private final JobMode mode;
  private final Map<ModelUnit, List<Node>> nodes = new LinkedHashMap<>();
  private Node anchor;

  /** A job that is a candidate. */
  static final class Node {
    final ModelUnit unit;
    JobType type;
    boolean matters;
    private final List<Edge> wants = new ArrayList<>();
    private final List<Edge> wantedBy = new ArrayList<>();

    private Node(ModelUnit unit, JobType type) {
      this.unit = unit;
      this.type = type;
    }

    @Override
    public String toString() {
      return unit.id() + "/" + type;
    }
  }

  private static final class Edge {
    Node by;
    Node to;
    final boolean matters;
    final boolean conflicts;

    private Edge(Node by, Node to, boolean matters, boolean conflicts) {
      this.by = by;
      this.to = to;
      this.matters = matters;
      this.conflicts = conflicts;
    }
  }

  private Transaction(Machine machine, JobMode mode) {
    this.machine = machine;
    this.mode = mode;
  }

  /**
   * The merged jobs for a request, the anchor's first.
   *
   * @throws SystemdException when systemd refuses it
   */
  static List<Node> build(Machine machine, JobType type, ModelUnit unit, JobMode mode) {
    Transaction transaction = new Transaction(machine, mode);
    transaction.add(type, unit, null, true, false, mode == JobMode.RESTART_DEPENDENCIES, false);
    return transaction.settle();
  }

  private void add(
      JobType type,
      ModelUnit unit,
      Node by,
      boolean matters,
      boolean conflicts,
      boolean asRestart,
      boolean graceful) {
    if (type != JobType.STOP) {
      validate(unit);
    }
    if (type == JobType.STOP && unit.isPerpetual()) {
      throw new SystemdException(
          ERROR + "JobTypeNotApplicable",
          "Job type stop is not applicable for unit " + unit.id() + ".");
    }
    List<Node> list = nodes.computeIfAbsent(unit, u -> new ArrayList<>());
    Node node = list.stream().filter(n -> n.type == type).findFirst().orElse(null);
    boolean isNew = node == null;
    if (isNew) {
      node = new Node(unit, type);
      list.add(0, node);
    }
    if (by == null) {
      anchor = node;
    } else {
      Edge edge = new Edge(by, node, matters, conflicts);
      by.wants.add(edge);
      node.wantedBy.add(edge);
    }
    if (isNew) {
      try {
        addDependencies(node, by, asRestart, graceful);
      } catch (SystemdException e) {
        if (machine.version >= 253) {
          delete(node, false); // before 253 it stayed, without what it requires
        }
        throw e;
      }
    }
  }

  private void validate(ModelUnit unit) {
    ModelUnit fresh = unit.isLoaded() ? unit : machine.units.load(unit.id());
    switch (fresh.config.load()) {
      case "loaded" -> {}
      case "masked" ->
          throw new SystemdException(ERROR + "UnitMasked", "Unit " + unit.id() + " is masked.");
      case "not-found" ->
          throw new SystemdException(ERROR + "NoSuchUnit", "Unit " + unit.id() + " not found.");
      case "bad-setting" ->
          throw new SystemdException(
              ERROR + "BadUnitSetting", "Unit " + unit.id() + " has a bad unit file setting.");
      default ->
          throw new SystemdException(
              ERROR + "LoadFailed", "Unit " + unit.id() + " failed to load properly: File exists.");
    }
  }

  private void addDependencies(Node node, Node by, boolean asRestart, boolean graceful) {
    ModelUnit unit = node.unit;
    if (node.type == JobType.START || node.type == JobType.RESTART) {
      for (ModelUnit dep : unit.deps(Dep.PULL_IN_START)) {
        need(JobType.START, dep, node, false);
      }
      for (ModelUnit dep : unit.deps(Dep.PULL_IN_START_IGNORED)) {
        attempt(JobType.START, dep, node);
      }
      for (ModelUnit dep : unit.deps(Dep.PULL_IN_VERIFY)) {
        need(JobType.VERIFY_ACTIVE, dep, node, false);
      }
      for (ModelUnit dep : unit.deps(Dep.PULL_IN_STOP)) {
        need(JobType.STOP, dep, node, true);
      }
      for (ModelUnit dep : unit.deps(Dep.PULL_IN_STOP_IGNORED)) {
        attempt(JobType.STOP, dep, node);
      }
    }
    if (node.type.stops() || asRestart && node.type == JobType.START) {
      for (ModelUnit dep : unit.deps(Dep.PROPAGATE_STOP)) {
        if (node.type == JobType.STOP) {
          need(JobType.STOP, dep, node, false);
        } else if (dep.active().isUp()) {
          need(JobType.RESTART, dep, node, false); // a restart goes on as a try-restart
        }
      }
      propagateStop(node, by, graceful);
    }
  }

  /**
   * PropagatesStopTo=: before 254 like any stop, and not for a restart; since then only where
   * nothing else pulls the unit in.
   */
  private void propagateStop(Node node, Node by, boolean graceful) {
    if (machine.version < 254) {
      for (ModelUnit dep :
          node.type == JobType.STOP
              ? node.unit.deps(Set.of(Dep.PROPAGATES_STOP_TO))
              : List.<ModelUnit>of()) {
        need(JobType.STOP, dep, node, false);
      }
    } else if (by == null || graceful) {
      for (ModelUnit dep : node.unit.deps(Set.of(Dep.PROPAGATES_STOP_TO))) {
        List<Node> present = nodes.getOrDefault(dep, List.of());
        if (present.stream().noneMatch(n -> n.type.stops())) {
          JobType type =
              present.stream().anyMatch(n -> n.type == JobType.START)
                  ? JobType.RESTART
                  : JobType.STOP;
          add(type, dep, node, true, false, false, true);
        }
      }
    }
  }

  private void need(JobType type, ModelUnit dep, Node by, boolean conflicts) {
    try {
      add(type, dep, by, true, conflicts, false, false);
    } catch (SystemdException e) {
      if (!e.error().endsWith("JobTypeNotApplicable")) {
        throw e;
      }
    }
  }

  private void attempt(JobType type, ModelUnit dep, Node by) {
    try {
      add(type, dep, by, false, false, false, false);
    } catch (SystemdException e) {
      // a unit that is only wanted may be masked or missing
    }
  }

  private List<Node> settle() {
    mark(anchor, new HashSet<>());
    if (mode == JobMode.FAIL) {
      minimizeImpact();
    }
    dropRedundant();
    collectGarbage();
    breakCycles();
    while (!merge()) {
      collectGarbage();
    }
    dropRedundant();
    List<Node> result = new ArrayList<>();
    nodes.values().forEach(result::addAll);
    for (Node node : result) {
      Job present = node.unit.job;
      if (present != null
          && (mode == JobMode.FAIL || present.irreversible)
          && present.type.conflicts(node.type)) {
        throw new SystemdException(
            ERROR + "TransactionIsDestructive",
            "Transaction for "
                + anchor
                + " is destructive ("
                + node.unit.id()
                + " has '"
                + present.type
                + "' job queued, but '"
                + node.type
                + "' is included in transaction).");
      }
    }
    result.remove(anchor);
    result.add(0, anchor);
    return result;
  }

  private static void mark(Node node, Set<Node> seen) {
    node.matters = true;
    seen.add(node);
    for (Edge edge : node.wants) {
      if (edge.matters && !seen.contains(edge.to)) {
        mark(edge.to, seen);
      }
    }
  }

  private List<Node> all() {
    List<Node> all = new ArrayList<>();
    nodes.values().forEach(all::addAll);
    return all;
  }

  private void minimizeImpact() {
    boolean again = true;
    while (again) {
      again = false;
      for (Node node : all()) {
        boolean stopsRunning = node.type == JobType.STOP && node.unit.active().isUpOrRising();
        boolean changes = node.unit.job != null && node.unit.job.type.conflicts(node.type);
        if (!node.matters && (stopsRunning || changes)) {
          delete(node, true);
          again = true;
          break;
        }
      }
    }
  }

  private void dropRedundant() {
    boolean again = true;
    while (again) {
      again = false;
      for (List<Node> list : List.copyOf(nodes.values())) {
        boolean keep =
            list.stream()
                .anyMatch(
                    n ->
                        n == anchor
                            || !n.type.isRedundant(n.unit.active())
                            || n.unit.job != null && n.type.conflicts(n.unit.job.type));
        if (!keep && !list.isEmpty()) {
          delete(list.get(0), false);
          again = true;
          break;
        }
      }
    }
  }

  private void collectGarbage() {
    boolean again = true;
    while (again) {
      again = false;
      for (List<Node> list : nodes.values()) {
        Node node =
            list.get(
                0); // systemd looks at the last job of each unit only: one that nothing wants any
        // more may stay behind another
        if (node != anchor && node.wantedBy.isEmpty()) {
          delete(node, true);
          again = true;
          break;
        }
      }
    }
  }

  private void delete(Node node, boolean withDependents) {
    List<Node> list = nodes.get(node.unit);
    if (list == null || !list.remove(node)) {
      return;
    }
    if (list.isEmpty()) {
      nodes.remove(node.unit);
    }
    for (Edge edge : node.wants) {
      edge.to.wantedBy.remove(edge);
    }
    node.wants.clear();
    List<Edge> by = List.copyOf(node.wantedBy);
    node.wantedBy.clear();
    for (Edge edge : by) {
      edge.by.wants.remove(edge);
      if (edge.matters && withDependents) {
        delete(edge.by, true);
      }
    }
  }

  /**
   * @return false when a job was dropped and it has to be tried again
   */
  private boolean merge() {
    for (List<Node> list : List.copyOf(nodes.values())) {
      JobType type = list.get(0).type;
      for (Node node : list) {
        JobType merged = JobType.merge(type, node.type);
        if (merged == null) {
          dropOneOf(list);
          return false;
        }
        type = merged;
      }
    }
    for (List<Node> list : nodes.values()) {
      Node target = list.contains(anchor) ? anchor : list.get(0);
      for (Node other : List.copyOf(list)) {
        if (other != target) {
          absorb(target, other);
          list.remove(other);
        }
      }
    }
    return true;
  }

  private static void absorb(Node target, Node other) {
    target.type = JobType.merge(target.type, other.type);
    target.matters |= other.matters;
    other.wants.forEach(e -> e.by = target);
    target.wants.addAll(other.wants);
    other.wantedBy.forEach(e -> e.to = target);
    target.wantedBy.addAll(other.wantedBy);
  }

  private void dropOneOf(List<Node> list) {
    for (int i = 0; i < list.size(); i++) {
      for (int k = i + 1; k < list.size(); k++) {
        Node a = list.get(i);
        Node b = list.get(k);
        if (!a.type.conflicts(b.type)) {
          continue;
        }
        Node dropped;
        if (!a.matters && !b.matters) {
          if (a.type == JobType.STOP) {
            dropped = isConflicted(a) ? b : a;
          } else if (b.type == JobType.STOP) {
            dropped = isConflicted(b) ? a : b;
          } else {
            dropped = a;
          }
        } else if (!a.matters) {
          dropped = a;
        } else if (!b.matters) {
          dropped = b;
        } else {
          throw new SystemdException(
              ERROR + "TransactionJobsConflicting",
              "Transaction contains conflicting jobs '"
                  + a.type
                  + "' and '"
                  + b.type
                  + "' for "
                  + a.unit.id()
                  + ". Probably contradicting requirement dependencies configured.");
        }
        delete(dropped, true);
        return;
      }
    }
    throw new IllegalStateException("no two jobs in conflict: " + list);
  }

  private static boolean isConflicted(Node node) {
    return node.wantedBy.stream().anyMatch(e -> e.conflicts);
  }

  /** Ordering cycles: drops a job that does not matter, or refuses. */
  private void breakCycles() {
    List<ModelUnit> cycle = Ordering.cycle(all());
    while (cycle != null) {
      ModelUnit victim =
          cycle.stream()
              .filter(
                  u ->
                      nodes.getOrDefault(u, List.of()).stream().noneMatch(n -> n.matters)
                          && nodes.containsKey(u))
              .findFirst()
              .orElseThrow(
                  () ->
                      new SystemdException(
                          ERROR + "TransactionOrderIsCyclic",
                          "Transaction order is cyclic. See system logs for details."));
      machine.history.add(victim.id(), History.Kind.REFUSED, "ordering cycle");
      List.copyOf(nodes.get(victim)).forEach(n -> delete(n, true));
      collectGarbage();
      cycle = Ordering.cycle(all());
    }
  }
}
