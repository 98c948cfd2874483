// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Decides how a unit came to be down. */
public final class WhyDown {
  private static final long ASKED = 5_000_000;
  private static final String[] FOLLOWS = {
    "Requires", "BindsTo", "PartOf", "Requisite", "StopPropagatedFrom"
  };

  /** LOG_INFO of syslog(3): how loud systemd says that a unit was stopped. */
  private static final long INFO = 6;

  private final Facts unit;
  private final Set<String> names;
  private final Reading journal;
  private final Held held;
  private final List<String> next;

  private WhyDown(Facts unit, Reading journal, Held held, List<String> next) {
    this.unit = unit;
    this.names = unit.names();
    this.journal = journal;
    this.held = held;
    this.next = next;
  }

  /**
   * @param journal the time around the unit's end; where systemd does not tell when that was, also
   *     the newest entries about the unit
   * @param activators what could start the unit next
   * @param now in microseconds since 1970
   */
  public static Ending of(
      Facts unit, Reading journal, List<Facts> activators, Held held, long now) {
    boolean isFree = held.since() == 0 && held.isRead();
    List<String> next = isFree ? Next.of(unit, activators, now) : List.of();
    return new WhyDown(unit, journal, held, next).decided();
  }

  private Ending decided() {
    if (unit.wentDown() > 0) {
      return since(unit.wentDown(), unit.started());
    }
    Entry end = null;
    Entry rise = null;
    Entry again = null;
    boolean ended = false;
    boolean isUnclear = false; // an end without the start before it
    for (Entry entry : journal.entries()) {
      if (!names.contains(entry.unit())) {
        continue;
      }
      if (entry.isEnd()) {
        isUnclear = again == null && (isUnclear || ended && entry.isResult());
        ended = again == null && ended || entry.isResult();
        end = entry;
        rise = again == null ? rise : again;
        again = null;
      } else if (entry.isRise()) {
        again = entry;
      }
    }
    if (again != null) {
      return unknown(
          0, "was started, and how it ended is not recorded", List.of(Words.said(again)));
    }
    if (isUnclear) {
      return unknown(
          end.at(), "went down; its last start is not recorded", List.of(Words.said(end)));
    }
    if (end != null) {
      return since(end.at(), rise == null ? 0 : rise.at());
    }
    return journal.complete()
        ? ending(
            0,
            Certainty.INFERRED,
            "has not been up since the boot, as far as is recorded",
            List.of(),
            "")
        : unknown(
            0,
            "went down or was never up: systemd does not tell, and the journal cannot be read"
                + " whole",
            List.of());
  }

  /**
   * @param rose when it was started before that, 0 when that is not known
   */
  private Ending since(long ended, long rose) {
    Entry stop = stop(rose);
    if (stop == null) {
      return itself(ended, rose);
    }
    List<String> evidence = new ArrayList<>(List.of(Words.said(stop)));
    if (held.since() > 0 && held.wasUp() && stop.at() >= held.since() && !roseWhileHeld(rose)) {
      evidence.add("it was up as the hold was made");
      return ending(ended, Certainty.KNOWN, "was stopped by its hold", evidence, "");
    }
    List<Requests.Asked> asked =
        Requests.stops(unit)
            .between(journal.entries(), Math.max(rose, stop.at() - ASKED), stop.at());
    for (Requests.Asked one : asked) {
      evidence.add(Words.said(one.entry()));
    }
    Entry leader = leader(stop, rose);
    if (leader != null) {
      evidence.add(Words.said(leader));
      String along = "was stopped along with " + leader.unit() + ", which it follows";
      return asked.isEmpty() && journal.complete()
          ? ending(ended, Certainty.INFERRED, along, evidence, "")
          : unknown(ended, "was stopped by a job; what is recorded fits several causes", evidence);
    }
    if (asked.isEmpty()) {
      return ending(
          ended,
          Certainty.INFERRED,
          "was stopped by a job; who asked for it is not recorded",
          evidence,
          "");
    }
    String who = asked.get(0).who();
    for (Requests.Asked one : asked) {
      who = one.who().equals(who) ? who : "";
    }
    return ending(
        ended,
        who.isEmpty() || !journal.complete() ? Certainty.INFERRED : Certainty.KNOWN,
        "was stopped on request of " + (who.isEmpty() ? "one of several who asked" : who),
        evidence,
        who);
  }

  private boolean roseWhileHeld(long rose) {
    return rose >= held.since() + 1_000_000; // its time has no fraction of a second
  }

  /** The beginning of the last stop since the unit was started. */
  private Entry stop(long rose) {
    Entry stop = null;
    for (Entry entry : journal.entries()) {
      if (entry.isManager()
          && names.contains(entry.unit())
          && entry.isStop()
          && (stop == null || stop.job() != entry.job())
          && entry.at() >= rose) {
        stop = entry;
      }
    }
    return stop;
  }

  /** The stop of a unit that takes this one along; it has a lower number in the transaction. */
  private Entry leader(Entry stop, long rose) {
    for (String name : unit.related(FOLLOWS)) {
      for (Entry entry : journal.entries()) {
        if (entry.isManager()
            && entry.unit().equals(name)
            && entry.isStop()
            && entry.job() < stop.job()
            && entry.at() >= rose) {
          return entry;
        }
      }
    }
    return null;
  }

  private Ending itself(long ended, long rose) {
    List<String> evidence = new ArrayList<>();
    boolean isTold = false;
    for (Entry entry : journal.entries()) {
      if (entry.isManager()
          && names.contains(entry.unit())
          && entry.job() == 0
          && entry.at() >= rose) {
        evidence.add(Words.said(entry));
        isTold |= entry.isResult();
      }
    }
    if (!isTold) {
      return unknown(ended, "went down; neither systemd nor the journal says how", evidence);
    }
    Object loudness = unit.values().get("LogLevelMax");
    if (!journal.complete()
        || loudness instanceof Number level && level.longValue() >= 0 && level.longValue() < INFO) {
      return unknown(ended, "went down; whether a job stopped it is not recorded", evidence);
    }
    String result = unit.wentDown() > 0 ? unit.text("Result") : "";
    boolean hasFailed = !result.isEmpty() && !result.equals("success");
    return ending(
        ended,
        Certainty.KNOWN,
        "ended without a stop job" + (hasFailed ? " and failed (" + Words.safe(result) + ")" : ""),
        evidence,
        "");
  }

  private Ending unknown(long at, String text, List<String> evidence) {
    return ending(at, Certainty.UNKNOWN, text, evidence, "");
  }

  private Ending ending(
      long at, Certainty certainty, String text, List<String> evidence, String who) {
    return new Ending(unit.id(), at, certainty, text, evidence, who, next);
  }
}
