// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.Holds;
import quietus.error.AgentException;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.plan.ActivatorsFirst;
import quietus.plan.HostView;
import quietus.plan.ReleasePlan;
import quietus.plan.Text;
import quietus.protocol.RunningRequest;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * Opens the gates by moving the records: with something to start, as one transaction of systemd in
 * which its start jobs are queued before the gates open.
 *
 * <p>After a crash before the records are moved the family is held; the next release waits for the
 * oneshot or makes it again. After a crash once they are moved the gates are open, systemd starts
 * what is queued, and the records keep the snapshot; the next release waits and goes on, a quiesce
 * moves the records back.
 */
final class OpenGates {
  private static final Path[] MV = {
    Path.of("/bin/mv"), Path.of("/usr/bin/mv"), Path.of("/run/current-system/sw/bin/mv")
  };

  private final Host host;
  private final HostView view;
  private final RunningRequest request;
  private final Steps steps;

  OpenGates(Host host, HostView view, RunningRequest request, Steps steps) {
    this.host = host;
    this.view = view;
    this.request = request;
    this.steps = steps;
  }

  void apply(ReleasePlan plan, List<String> start) {
    steps.next("open");
    Holds records = host.disk().holds();
    List<Hold> closed = new ArrayList<>();
    for (Hold hold : plan.holds()) {
      records.prepare(hold.until());
      if (!records.exists(hold, Phase.RELEASING)) {
        closed.add(hold);
      }
    }
    if (closed.isEmpty()) {
      startDown(start);
    } else if (start.isEmpty()) {
      for (Hold hold : closed) {
        records.move(hold, Phase.HELD, Phase.RELEASING);
      }
    } else {
      allowStarts(plan, start);
      inOneTransaction(plan, closed, start);
    }
  }

  /**
   * Of a unit that stayed in systemd's memory the starts before the hold count for its {@code
   * StartLimitBurst=}; one that was masked has a count of 0, because systemd reads it again.
   */
  private void allowStarts(ReleasePlan plan, List<String> start) {
    List<String> kept = new ArrayList<>();
    for (String unit : start) {
      if (!plan.before().get(unit).isMasked()) {
        kept.add(unit);
      }
    }
    if (!kept.isEmpty()) {
      host.systemd().resetFailed(kept);
    }
  }

  /** The gates are open already: what is not up is started as anything is. */
  private void startDown(List<String> start) {
    List<String> down = new ArrayList<>();
    for (Map.Entry<String, State> entry : view.statesOf(start).entrySet()) {
      if (!entry.getValue().isUp()) {
        down.add(entry.getKey());
      }
    }
    host.systemd().start(ActivatorsFirst.of(down));
  }

  private void inOneTransaction(ReleasePlan plan, List<Hold> closed, List<String> start) {
    Holds records = host.disk().holds();
    List<List<String>> moves = new ArrayList<>();
    List<String> subjects = new ArrayList<>();
    for (Hold hold : closed) {
      subjects.add(hold.subject());
      moves.add(
          List.of(
              mv(),
              "-T",
              records.path(hold.until(), Phase.HELD, hold.subject()).toString(),
              records.path(hold.until(), Phase.RELEASING, hold.subject()).toString()));
    }
    // Ordered before all members, not those alone that were up: a start may pull in one that was
    // down.
    Set<String> members = new LinkedHashSet<>();
    for (Hold hold : plan.holds()) {
      for (HeldMember member : hold.members()) {
        if (!UnitName.isTemplate(member.unit())) {
          members.add(member.unit());
        }
      }
    }
    long job =
        host.systemd()
            .startOneshotBefore(
                plan.oneshot(),
                "Quietus releases " + Text.list(subjects),
                moves,
                start,
                List.copyOf(members));
    String result = host.systemd().await(List.of(job), request.timeout()).get(job);
    for (Hold hold : closed) {
      if (!records.exists(hold, Phase.RELEASING)) {
        throw new AgentException(
            "the gates of "
                + hold.subject()
                + " could not be opened: "
                + plan.oneshot()
                + " ended with "
                + (result == null
                    ? "no result within " + request.timeout().toSeconds() + " s"
                    : "'" + result + "'")
                + ". The hold stays; see: journalctl -b -u "
                + plan.oneshot()
                + ", then run again");
      }
      records.flush(hold);
    }
  }

  private static String mv() {
    for (Path path : MV) {
      if (Files.isExecutable(path)) {
        return path.toString();
      }
    }
    return MV[0].toString();
  }
}
