// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;

/** Decides how a unit came to be down. */
public final class WhyDown {
  private static final long ASKED = 5_000_000;
  private static final String[] FOLLOWS = {
    "Requires", "BindsTo", "PartOf", "Requisite", "StopPropagatedFrom"
  };

  private WhyDown() {}

  /**
   * @param entries the journal around the unit's end
   * @param activators what could start the unit next
   * @param heldSince when the hold on it was made, 0 when nothing holds it
   * @param now in microseconds since 1970
   */
  public static Ending of(
      Facts unit, List<Entry> entries, List<Facts> activators, long heldSince, long now) {
    long ended = unit.wentDown();
    List<String> next = heldSince > 0 ? List.of() : Next.of(unit, activators, now);
    for (Entry entry : entries) {
      boolean about = entry.isManager() && unit.names().contains(entry.unit());
      ended = unit.wentDown() == 0 && about ? Math.max(ended, entry.at()) : ended;
    }
    if (ended == 0) {
      return new Ending(
          unit.id(), 0, Certainty.KNOWN, "has not been up since the boot", List.of(), "", next);
    }
    Entry stop = stop(unit, entries);
    if (stop == null) {
      return itself(unit, entries, ended, next);
    }
    List<String> evidence = new ArrayList<>(List.of(Words.said(stop)));
    if (heldSince > 0 && stop.at() >= heldSince - 1_000_000) {
      return new Ending(
          unit.id(), ended, Certainty.KNOWN, "was stopped by its hold", evidence, "", next);
    }
    List<Requests.Asked> asked =
        Requests.stops(unit).between(entries, stop.at() - ASKED, stop.at());
    for (String name : unit.related(FOLLOWS)) {
      for (Entry entry : entries) {
        if (entry.isManager()
            && entry.unit().equals(name)
            && entry.job() > 0
            && entry.job() < stop.job()
            && (entry.jobType().equals("stop") || entry.jobType().equals("restart"))) {
          evidence.add(Words.said(entry));
          return new Ending(
              unit.id(),
              ended,
              Certainty.INFERRED,
              "was stopped along with " + name + ", which it follows",
              evidence,
              "",
              next);
        }
      }
    }
    String who = asked.isEmpty() ? "" : asked.get(asked.size() - 1).who();
    for (Requests.Asked one : asked) {
      evidence.add(Words.said(one.entry()));
      who = one.who().equals(who) ? who : "";
    }
    return new Ending(
        unit.id(),
        ended,
        who.isEmpty() ? Certainty.INFERRED : Certainty.KNOWN,
        who.isEmpty()
            ? "was stopped by a job; who asked for it is not recorded"
            : "was stopped on request of " + who,
        evidence,
        who,
        next);
  }

  /** The last stop job before the end. */
  private static Entry stop(Facts unit, List<Entry> entries) {
    Entry stop = null;
    for (Entry entry : entries) {
      if (entry.isManager()
          && unit.names().contains(entry.unit())
          && entry.jobType().equals("stop")
          && (stop == null || stop.job() != entry.job())
          && entry.at() >= unit.started()) {
        stop = entry;
      }
    }
    return stop;
  }

  private static Ending itself(Facts unit, List<Entry> entries, long ended, List<String> next) {
    List<String> evidence = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.isManager()
          && unit.names().contains(entry.unit())
          && entry.job() == 0
          && entry.at() >= unit.started()) {
        evidence.add(Words.said(entry));
      }
    }
    String result = unit.text("Result");
    if (result.isEmpty() && evidence.isEmpty()) {
      return new Ending(
          unit.id(),
          ended,
          Certainty.UNKNOWN,
          "went down; neither systemd nor the journal says how",
          evidence,
          "",
          next);
    }
    return new Ending(
        unit.id(),
        ended,
        evidence.isEmpty() ? Certainty.INFERRED : Certainty.KNOWN,
        result.isEmpty() || result.equals("success")
            ? "ended by itself"
            : "ended by itself and failed (" + Words.safe(result) + ")",
        evidence,
        "",
        next);
  }
}
