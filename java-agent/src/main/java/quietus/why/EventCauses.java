// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;

/** Restarts, failures and successes of other units, bus names and upholders. */
final class EventCauses {
  private static final long SOON = 1_000_000;

  private final Evidence evidence;
  private final Facts unit;
  private final List<Cause> causes = new ArrayList<>();

  private EventCauses(Evidence evidence) {
    this.evidence = evidence;
    this.unit = evidence.unit();
  }

  static List<Cause> of(Evidence evidence) {
    EventCauses events = new EventCauses(evidence);
    events.restart();
    if (!evidence.isRestartJob()) {
      events.bus();
      events.upheld();
    }
    events.outcomes();
    return events.causes;
  }

  private void restart() {
    if (unit.number("NRestarts") == 0) {
      return;
    }
    List<String> evidenceOfIt = new ArrayList<>();
    evidenceOfIt.add(
        "systemd counts " + unit.number("NRestarts") + " automatic restarts (NRestarts)");
    String ended = "";
    for (Entry entry : evidence.about(unit)) {
      if (entry.message().contains("Main process exited")
          || entry.message().contains("Failed with result")) {
        ended = Words.said(entry);
      } else if (entry.restarts() > 0) {
        if (!ended.isEmpty()) {
          evidenceOfIt.add(ended);
        }
        evidenceOfIt.add(Words.said(entry));
      }
    }
    causes.add(
        new Cause(
            Kind.RESTART,
            unit.id(),
            Certainty.KNOWN,
            "ended and was started again by its Restart=" + unit.text("Restart"),
            evidenceOfIt,
            ""));
  }

  private void outcomes() {
    for (Entry entry : evidence.entries()) {
      boolean failure = entry.message().endsWith("Triggering OnFailure= dependencies.");
      boolean success = entry.message().endsWith("Triggering OnSuccess= dependencies.");
      if (!entry.isManager()
          || !failure && !success
          || !evidence.isBetween(entry.at())
          || entry.at() < unit.begin() - SOON) {
        continue;
      }
      Facts other = evidence.other(entry.unit());
      String reverse = failure ? "OnFailureOf" : "OnSuccessOf";
      String forward = failure ? "OnFailure" : "OnSuccess";
      boolean names = unit.list(reverse).contains(entry.unit());
      if (!names && other != null) {
        for (String name : unit.names()) {
          names |= other.list(forward).contains(name);
        }
      }
      if (names) {
        causes.add(
            Cause.of(
                failure ? Kind.FAILURE : Kind.SUCCESS,
                entry.unit(),
                Certainty.KNOWN,
                "was started because "
                    + entry.unit()
                    + (failure ? " failed" : " succeeded")
                    + " and names it in "
                    + forward
                    + "=",
                Words.said(entry)));
      }
    }
  }

  private void bus() {
    Entry last = null;
    for (Entry entry : evidence.entries()) {
      if (isCall(entry)
          && namesUnit(entry.message())
          && evidence.isBetween(entry.at())
          && entry.at() > unit.begin() - SOON) {
        last = entry;
      }
    }
    if (last == null && evidence.brokerFor(unit.text("BusName"))) {
      causes.add(
          Cause.of(
              Kind.BUS,
              unit.text("BusName"),
              Certainty.UNKNOWN,
              "may have been started by a call of its bus name " + Words.safe(unit.text("BusName")),
              "dbus-broker does not log which call started a service"));
    }
    if (last != null) {
      causes.add(
          new Cause(
              Kind.BUS,
              between(last.message(), "service name='", "'"),
              Certainty.KNOWN,
              "was started because its bus name "
                  + Words.safe(between(last.message(), "service name='", "'"))
                  + " was called",
              List.of(Words.said(last)),
              Words.safe(between(last.message(), "requested by ", "\0"))));
    }
  }

  /** The bus daemon says that a call of a bus name starts a unit. */
  static boolean isCall(Entry entry) {
    return entry.source().equals("dbus-daemon")
        && entry.service().startsWith("dbus")
        && isActivation(entry.message());
  }

  /** The second is written when systemd is not on that bus yet, as on a user's bus at first. */
  private static boolean isActivation(String message) {
    return message.contains("Activating via systemd: ")
        || message.contains("Activating systemd to hand-off: ");
  }

  private boolean namesUnit(String message) {
    for (String name : unit.names()) {
      if (between(message, " unit='", "'").equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The text between two others; to the end when the second is not there. */
  static String between(String text, String before, String after) {
    int from = text.indexOf(before);
    if (from < 0) {
      return "";
    }
    from += before.length();
    int to = text.indexOf(after, from);
    return to < 0 ? text.substring(from) : text.substring(from, to);
  }

  /** An upholder that was up starts the unit as soon as it is down; nothing records it. */
  private void upheld() {
    for (String name : unit.list("UpheldBy")) {
      Facts upholder = evidence.other(name);
      if (upholder == null || !upholder.text("ActiveState").equals("active")) {
        continue;
      }
      long up = upholder.number("ActiveEnterTimestamp");
      if (up >= unit.begin()) {
        continue;
      }
      boolean atOnce = unit.begin() - Math.max(up, unit.wentDown()) < SOON / 4;
      causes.add(
          Cause.of(
              Kind.UPHELD,
              name,
              atOnce ? Certainty.INFERRED : Certainty.UNKNOWN,
              (atOnce ? "was started again because " : "may have been started because ")
                  + name
                  + " upholds it",
              name
                  + " upholds it and was up; the unit was down since "
                  + (unit.wentDown() == 0 ? "the boot" : Words.time(unit.wentDown()))));
    }
  }
}
