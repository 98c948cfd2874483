// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Queues systemd's jobs. */
final class Jobs {
  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";

  private final Link link;

  Jobs(Link link) {
    this.link = link;
  }

  Map<String, Long> stop(List<String> units) {
    return queue("StopUnit", "stop", "replace-irreversibly", units);
  }

  Map<String, Long> start(List<String> units) {
    return queue("StartUnit", "start", "replace", units);
  }

  private Map<String, Long> queue(String method, String verb, String mode, List<String> units) {
    List<Call> calls = new ArrayList<>();
    for (String unit : units) {
      calls.add(Call.manager(method, "ss", unit, mode));
    }
    Map<String, Long> jobs = new LinkedHashMap<>();
    String error = null;
    StringBuilder refusals = new StringBuilder();
    Message[] replies = link.command(calls);
    for (int i = 0; i < replies.length; i++) {
      Message reply = replies[i];
      if (reply.error() == null) {
        jobs.put(units.get(i), begun(reply));
      } else if (!verb.equals("stop") || !reply.error().equals(NO_SUCH_UNIT)) {
        error = error == null ? reply.error() : error;
        refusals
            .append(refusals.length() == 0 ? "systemd refuses to " + verb + " " : "; ")
            .append(units.get(i))
            .append(": ")
            .append(reply.reason());
      }
    }
    if (error != null) {
      throw new SystemdException(error, refusals.toString());
    }
    return jobs;
  }

  private long begun(Message reply) {
    long job = ObjectPath.job(reply.body("o").string());
    link.signals().begun.add(job);
    return job;
  }

  void cancel(Collection<Long> jobs) {
    List<Call> calls = new ArrayList<>();
    for (Long job : jobs) {
      calls.add(Call.manager("CancelJob", "u", job));
    }
    for (Message reply : link.command(calls)) {
      if (reply.error() != null && !reply.error().equals(Waits.NO_SUCH_JOB)) {
        throw new SystemdException(
            reply.error(), "systemd refuses to cancel a job: " + reply.reason());
      }
    }
  }

  void resetFailed(Collection<String> units) {
    List<Call> calls = new ArrayList<>();
    for (String unit : units) {
      calls.add(Call.manager("ResetFailedUnit", "s", unit));
    }
    for (Message reply : link.command(calls)) {
      if (reply.error() != null && !reply.error().equals(NO_SUCH_UNIT)) {
        throw new SystemdException(
            reply.error(), "systemd refuses to reset a unit's failures: " + reply.reason());
      }
    }
  }

  long startOneshotBefore(
      String name,
      String description,
      List<List<String>> commands,
      List<String> wants,
      List<String> before) {
    List<Object[]> exec = new ArrayList<>();
    for (List<String> command : commands) {
      exec.add(new Object[] {command.get(0), command, false});
    }
    List<String> ordered = new ArrayList<>(before);
    ordered.add("shutdown.target");
    List<Object[]> properties = new ArrayList<>();
    properties.add(set("Description", "s", description));
    properties.add(set("Type", "s", "oneshot"));
    properties.add(set("ExecStart", "a(sasb)", exec));
    properties.add(set("Wants", "as", wants));
    properties.add(set("Before", "as", ordered));
    // The default dependencies would order it after basic.target, and so after the sockets and
    // timers that it is to come before. Of them it keeps only that a shutdown and it exclude each
    // other: then no hold is opened whose members could not be started.
    properties.add(set("DefaultDependencies", "b", false));
    properties.add(set("Conflicts", "as", List.of("shutdown.target")));
    properties.add(set("CollectMode", "s", "inactive-or-failed"));
    Message reply = link.command(List.of(transientUnit(name, "replace", properties)))[0];
    if (reply.error() != null) {
      throw new SystemdException(
          reply.error(), "systemd refuses to start " + name + ": " + reply.reason());
    }
    return begun(reply);
  }

  private static Call transientUnit(String name, String mode, List<Object[]> properties) {
    return Call.manager(
        "StartTransientUnit", "ssa(sv)a(sa(sv))", name, mode, properties, List.of());
  }

  /** A property with its value as dbus-java writes a variant: the signature, then the value. */
  private static Object[] set(String name, String signature, Object value) {
    return new Object[] {name, new Object[] {signature, value}};
  }

  /**
   * Encodes the one call that dbus-java writes, and sends it nowhere. For a run that a class-data
   * archive is made of.
   */
  static void warmUp() {
    transientUnit(
            "-",
            "-",
            List.of(
                set("-", "s", "-"),
                set("-", "as", List.of("-")),
                set("-", "b", false),
                set("-", "a(sasb)", List.<Object[]>of(new Object[] {"-", List.of("-"), false}))))
        .encode(1);
  }
}
