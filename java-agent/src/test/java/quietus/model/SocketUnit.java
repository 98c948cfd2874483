// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.List;
import quietus.systemd.SystemdException;
import quietus.unit.UnitName;

/** A socket (systemd.socket(5); src/core/socket.c). */
final class SocketUnit extends ModelUnit {
  private RateLimit triggerLimit = new RateLimit(0, 0);

  /** Connections that nobody has accepted yet. */
  private int pending;

  private long accepted;
  private long connections;
  private Timeline.Due readable;

  /**
   * False when the file descriptors are gone though it says that it listens (docs/systemd-facts.md,
   * Masks: mask a listening socket).
   */
  private boolean isOpen;

  SocketUnit(Machine machine, String id) {
    super(machine, id);
  }

  @Override
  void configured() {
    super.configured();
    if (!isLoaded()) {
      isOpen = false;
      pending = 0;
    }
    triggerLimit =
        new RateLimit(
            text().span("Socket", "TriggerLimitIntervalSec", 2_000_000),
            Integer.parseInt(text().last("Socket", "TriggerLimitBurst", accepts() ? "200" : "20")));
  }

  boolean accepts() {
    return text().isTrue("Socket", "Accept", false);
  }

  long connections() {
    return connections;
  }

  /** Its addresses, each with its kind, as D-Bus shows them. */
  List<String> listens() {
    List<String> all = new ArrayList<>();
    for (String kind : List.of("Stream", "Datagram", "SequentialPacket", "FIFO")) {
      for (String address : text().lines("Socket", "Listen" + kind)) {
        all.add(kind + " " + (address.matches("[0-9]+") ? "[::]:" + address : address));
      }
    }
    return all;
  }

  boolean isListening() {
    return sub().equals("listening") || sub().equals("running");
  }

  private ServiceUnit service() {
    return (ServiceUnit)
        deps(Dep.TRIGGERS).stream().filter(u -> u instanceof ServiceUnit).findFirst().orElse(null);
  }

  @Override
  Outcome startNow() {
    ServiceUnit service = accepts() ? null : service();
    if (!accepts()) {
      if (service == null || !service.isLoaded()) {
        return fail("service not loaded");
      }
      if (service.active().isUp()
          || service.active() == Active.DEACTIVATING
          || service.active() == Active.ACTIVATING && !service.sub().startsWith("auto-restart")) {
        return fail("service already active");
      }
    }
    if (!isBelowStartLimit()) {
      dead("start-limit-hit");
      return Outcome.FAILED;
    }
    begin("");
    result = "success";
    isOpen = true;
    set(Active.ACTIVE, "listening");
    return Outcome.GOING;
  }

  private Outcome fail(String why) {
    machine.history.add(id(), History.Kind.REFUSED, why);
    return Outcome.FAILED;
  }

  @Override
  Outcome stopNow() {
    end();
    dead("success");
    return Outcome.GOING;
  }

  private void dead(String why) {
    pending = 0;
    isOpen = false;
    Timeline.cancel(readable);
    if (result.equals("success")) {
      result = why;
    }
    boolean isFailed = !result.equals("success");
    set(isFailed ? Active.FAILED : Active.INACTIVE, isFailed ? "failed" : "dead");
  }

  /** A client connects. @return false when it is refused */
  boolean connect() {
    if (!isListening() || !isOpen) {
      return false;
    }
    if (accepts()) {
      return spawn();
    }
    ServiceUnit service = service();
    if (sub().equals("running")
        && service != null
        && service.sub().equals("running")
        && service.acceptsConnections()) {
      return true;
    }
    pending++;
    if (sub().equals("listening")) {
      readable();
    }
    return true;
  }

  private void readable() {
    Timeline.cancel(readable);
    readable =
        machine.timeline.in(
            0,
            () -> {
              if (sub().equals("listening") && pending > 0) {
                run();
              }
            });
  }

  /** A connection waits: start the service. */
  private void run() {
    if (isStopPending()) {
      pending = 0;
      return;
    }
    if (!triggerLimit.below(machine.timeline.now())) {
      end();
      dead("trigger-limit-hit");
      return;
    }
    ServiceUnit service = service();
    if (service == null) {
      end();
      dead("resources");
      return;
    }
    if (!service.isUpOrPending()) {
      try {
        machine.jobs.add(JobType.START, service, JobMode.REPLACE);
      } catch (SystemdException e) {
        end();
        dead("resources");
        return;
      }
    }
    set(Active.ACTIVE, "running");
  }

  /** Accept=yes: an instance for this connection. */
  private boolean spawn() {
    if (isStopPending()) {
      return false;
    }
    if (!triggerLimit.below(machine.timeline.now())) {
      end();
      dead("trigger-limit-hit");
      return false;
    }
    String instance =
        UnitName.stem(id()) + "@" + accepted++ + "-" + (9000 + accepted) + "-0.service";
    ModelUnit unit = machine.units.load(instance);
    machine.units.relate(this, Dep.TRIGGERS, unit, false);
    machine.units.relate(this, Dep.BEFORE, unit, false);
    connections++;
    try {
      machine.jobs.add(JobType.START, unit, JobMode.REPLACE);
      ((ServiceUnit) unit).serves(this);
      return true;
    } catch (SystemdException e) {
      connections--;
      end();
      dead("resources");
      return false;
    }
  }

  /** A service that it spawned for a connection is down. */
  void closed() {
    connections = Math.max(0, connections - 1);
  }

  @Override
  void triggered(ModelUnit other) {
    if (accepts()) {
      if (!other.isUpOrPending()
          && other.active() != Active.DEACTIVATING
          && other.job == null
          && other instanceof ServiceUnit service) {
        service.refused(this);
      }
      return;
    }
    if (!isListening()) {
      return;
    }
    if (other.startLimitHit) {
      end();
      dead("service-start-limit-hit");
      return;
    }
    if (other.job != null) {
      return;
    }
    if (other.active().isDown()
        || other.sub().startsWith("auto-restart")
        || other.sub().startsWith("final-")) {
      set(Active.ACTIVE, "listening");
      if (pending > 0) {
        readable();
      }
    } else if (other.sub().equals("running")) {
      if (((ServiceUnit) other).acceptsConnections()) {
        pending = 0;
      }
      set(Active.ACTIVE, "running");
    }
  }

  @Override
  void powerOff() {
    Timeline.cancel(readable);
    pending = 0;
    connections = 0;
    isOpen = false;
  }
}
