// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;
import quietus.unit.UnitType;

/**
 * Timers, paths, sockets, automounts and devices that could have started a unit. Each leaves other
 * traces: docs/why.md has what was measured.
 */
final class ActivatorCauses {
  /** The kernel's coarse clock, which stamps files, may be late by one tick. */
  private static final long SOON = 1_000_000;

  private final Evidence evidence;
  private final List<Cause> causes = new ArrayList<>();

  private ActivatorCauses(Evidence evidence) {
    this.evidence = evidence;
  }

  static List<Cause> of(Evidence evidence) {
    ActivatorCauses all = new ActivatorCauses(evidence);
    for (String name : evidence.unit().list("TriggeredBy")) {
      Facts activator = evidence.other(name);
      if (activator != null) {
        all.activator(name, activator);
      }
    }
    for (String name : evidence.unit().related("WantedBy", "RequiredBy", "BoundBy")) {
      Facts device = evidence.other(name);
      if (device != null && name.endsWith(UnitType.DEVICE.suffix())) {
        all.device(name, device);
      }
    }
    return all.causes;
  }

  private void activator(String name, Facts activator) {
    if (name.endsWith(UnitType.TIMER.suffix())) {
      timer(name, activator);
    } else if (name.endsWith(UnitType.PATH.suffix())) {
      path(name, activator);
    } else if (name.endsWith(UnitType.SOCKET.suffix())) {
      socket(name, activator);
    } else if (name.endsWith(UnitType.AUTOMOUNT.suffix())) {
      automount(name, activator);
    }
  }

  private void timer(String name, Facts timer) {
    long elapsed = timer.number("LastTriggerUSec");
    if (!evidence.isBetween(elapsed) || elapsed < evidence.unit().begin() - 10 * SOON) {
      return;
    }
    // systemd keeps ActivationDetails over a later start by something else: the time must be the
    // same
    boolean told =
        evidence.unit().detail("trigger_unit").equals(name)
            && evidence.unit().detail("trigger_timer_realtime_usec").equals("" + elapsed);
    causes.add(
        Cause.of(
            Kind.TIMER,
            name,
            told ? Certainty.KNOWN : Certainty.INFERRED,
            "was started by the timer " + name,
            name + " elapsed at " + Words.time(elapsed),
            told
                ? "systemd's ActivationDetails name " + name + " with that very time"
                : "systemd " + evidence.boot().version() + " does not tell what started the unit"));
  }

  private void path(String name, Facts path) {
    long changed = path.number("StateChangeTimestamp");
    if (!path.text("SubState").equals("running")
        || !evidence.isBetween(changed)
        || changed < evidence.unit().begin() - 10 * SOON) {
      return;
    }
    boolean told = evidence.unit().detail("trigger_unit").equals(name);
    String file = evidence.unit().detail("trigger_path");
    causes.add(
        Cause.of(
            Kind.PATH,
            name,
            told ? Certainty.KNOWN : Certainty.INFERRED,
            "was started by " + name + (told && !file.isEmpty() ? ", which saw " + file : ""),
            name + " fired at " + Words.time(changed),
            told
                ? "systemd's ActivationDetails name " + name
                : "systemd " + evidence.boot().version() + " does not tell what started the unit"));
  }

  private void socket(String name, Facts socket) {
    if (socket.number("Accept") == 1) {
      causes.add(
          Cause.of(
              Kind.SOCKET,
              name,
              Certainty.KNOWN,
              "was started by a connection to " + name,
              name + " has Accept=yes: it makes one instance for each connection"));
      return;
    }
    if (!socket.isUp()
        || socket.text("SubState").equals("listening")
        || socket.started() > evidence.unit().begin()) {
      return; // it was not armed, or it has not fired
    }
    String undecided =
        "systemd records nothing that tells a connection to " + name + " from a request";
    Long connected = evidence.connects().get(name);
    if (connected == null) {
      causes.add(
          Cause.of(
              Kind.SOCKET,
              name,
              Certainty.UNKNOWN,
              "may have been started by a connection to " + name,
              undecided));
    } else if (evidence.isBetween(connected) && connected > evidence.unit().begin() - SOON) {
      causes.add(
          Cause.of(
              Kind.SOCKET,
              name,
              Certainty.INFERRED,
              "was started by a connection to " + name,
              "the first connection to the socket's file came at "
                  + Words.time(connected)
                  + ", and the start began at "
                  + Words.time(evidence.unit().begin())));
    } else if (connected != 0 && connected <= evidence.unit().begin()) {
      causes.add(
          Cause.of(
              Kind.SOCKET,
              name,
              Certainty.UNKNOWN,
              "may have been started by a connection to " + name,
              undecided,
              "the kernel keeps the time of the first connection only: " + Words.time(connected)));
    }
  }

  private void automount(String name, Facts automount) {
    for (Entry entry : evidence.about(automount)) {
      if (entry.message().contains("Got automount request for")
          && evidence.isBetween(entry.at())
          && entry.at() > evidence.unit().begin() - SOON) {
        causes.add(
            Cause.of(
                Kind.AUTOMOUNT,
                name,
                Certainty.KNOWN,
                "was started by an access to " + name,
                Words.said(entry)));
      }
    }
  }

  private void device(String name, Facts device) {
    long appeared = device.number("ActiveEnterTimestamp");
    if (device.isUp()
        && evidence.isBetween(appeared)
        && appeared > evidence.unit().begin() - SOON) {
      causes.add(
          Cause.of(
              Kind.DEVICE,
              name,
              Certainty.INFERRED,
              "was started because " + name + " appeared",
              name + " appeared at " + Words.time(appeared)));
    }
  }
}
