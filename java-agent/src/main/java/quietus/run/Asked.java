// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.json.Moment;
import quietus.plan.Outcome;
import quietus.protocol.Extras;
import quietus.protocol.InfoRequest;
import quietus.protocol.Report;
import quietus.protocol.Steps;
import quietus.unit.UnitName;
import quietus.why.Answer;
import quietus.why.Attempts;

/** What a report of a look has only on request: what started members, a picture, attempts. */
final class Asked {
  /** The most members that get {@code started_by}: each costs a reading of the journal. */
  static final int MOST = 50;

  /** The most characters of a picture; the collection accepts no more. */
  static final int LARGEST = 1_000_000;

  private final Past past;
  private final InfoRequest request;
  private final Steps steps;
  private final Instant now;

  Asked(Past past, InfoRequest request, Steps steps, Instant now) {
    this.now = now;
    this.past = past;
    this.request = request;
    this.steps = steps;
  }

  /**
   * @param warnings gets what is missing, a sentence each
   */
  Extras of(Outcome outcome, List<String> warnings) {
    Map<String, Answer> startedBy = Map.of();
    String graph = null;
    if (request.startedBy()) {
      steps.next("started by");
      startedBy = startedBy(outcome.members(), warnings);
    }
    if (request.graph() != null && !outcome.members().isEmpty()) {
      String subject = Picture.subjects(outcome.members()).get(0);
      boolean isHeld = !outcome.holds().isEmpty();
      graph = Picture.of(subject, outcome.members(), outcome.doors(), isHeld).draw(request.graph());
      if (graph.length() > LARGEST) {
        warnings.add(
            "the picture of "
                + request.names().get(0)
                + " has "
                + graph.length()
                + " characters, and at most "
                + LARGEST
                + " are sent; draw it on the host: quietus graph");
        graph = null;
      }
    }
    Attempts attempts = null;
    if (request.attempts() && !outcome.holds().isEmpty()) {
      steps.next("attempts");
      attempts = attempts(past, outcome.holds(), now);
    }
    return new Extras(startedBy, graph, attempts);
  }

  /**
   * The attempts to start what some holds hold, by one reading of the journal.
   *
   * @param until to here
   */
  static Attempts attempts(Past past, List<FoundHold> holds, Instant until) {
    Map<String, String> names = new LinkedHashMap<>();
    Instant since = until;
    for (FoundHold found : holds) {
      Hold hold = found.hold();
      since = hold.since().isBefore(since) ? hold.since() : since;
      for (String unit : hold.units()) {
        names.put(unit, unit);
      }
    }
    for (FoundHold found : holds) {
      for (String name : found.hold().names()) {
        names.putIfAbsent(name, found.hold().subject()); // an alias
      }
    }
    return past.attempts(names, Moment.micros(since), Moment.micros(until));
  }

  private Map<String, Answer> startedBy(List<Report.Member> members, List<String> warnings) {
    Map<String, Answer> startedBy = new LinkedHashMap<>();
    int up = 0;
    for (Report.Member member : members) {
      if (!member.after().isUp() || UnitName.isTemplate(member.unit())) {
        continue;
      }
      up++;
      Answer answer = up > MOST ? null : past.startedBy(member.unit());
      if (answer != null) {
        startedBy.put(member.unit(), answer);
      }
    }
    if (up > MOST) {
      warnings.add(
          "started_by is there for the first "
              + MOST
              + " of "
              + up
              + " members that are up; for another one run on the host: quietus why UNIT");
    }
    return startedBy;
  }
}
