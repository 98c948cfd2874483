// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;

/** Decides why a unit that is up was started. */
public final class WhyUp {
  /** How long before its start somebody may have asked for it: Ansible's modules are slow. */
  private static final long ASKED = 5_000_000;

  private WhyUp() {}

  public static Answer of(Evidence evidence) {
    Facts unit = evidence.unit();
    List<Cause> all = new ArrayList<>(JobCauses.of(evidence));
    all.addAll(EventCauses.of(evidence));
    if (!evidence.isRestartJob()) {
      all.addAll(ActivatorCauses.of(evidence));
    }
    all = merged(all);
    List<Cause> known = only(all, Certainty.KNOWN);
    List<Cause> inferred = only(all, Certainty.INFERRED);
    List<Cause> open = only(all, Certainty.UNKNOWN);
    if (known.size() == 1) {
      return answer(unit, known.get(0), List.of());
    }
    List<Requests.Asked> asked = asked(evidence);
    if (known.isEmpty() && inferred.size() == 1 && asked.isEmpty() && evidence.complete()) {
      return answer(unit, inferred.get(0), List.of());
    }
    if (known.isEmpty() && inferred.isEmpty() && !asked.isEmpty()) {
      return answer(unit, request(asked, open, evidence.isRestartJob()), List.of());
    }
    List<Cause> candidates = new ArrayList<>(all);
    if (!asked.isEmpty()) {
      candidates.add(request(asked, open, evidence.isRestartJob()));
    }
    if (!candidates.isEmpty()) {
      if (asked.isEmpty() && known.isEmpty()) {
        candidates.add(unrecorded(unit, Certainty.UNKNOWN, evidence.isRestartJob()));
      }
      return unknown(unit, "fits several causes", candidates);
    }
    if (!evidence.complete()) {
      return unknown(unit, "is not settled: the journal of that time cannot be read whole", all);
    }
    if (evidence.job() == 0) {
      return unknown(
          unit, "shows no job: it became active without one, or before the journal", all);
    }
    return answer(unit, unrecorded(unit, Certainty.INFERRED, evidence.isRestartJob()), List.of());
  }

  private static List<Requests.Asked> asked(Evidence evidence) {
    Facts unit = evidence.unit();
    long from = Math.max(unit.begin() - ASKED, unit.wentDown());
    long to = unit.begin();
    boolean restart = evidence.isRestartJob();
    if (restart) {
      for (Entry entry : evidence.about(unit)) {
        if (entry.job() == evidence.job()) {
          to = entry.at(); // the stop's beginning
          from = to - ASKED;
          break;
        }
      }
    }
    for (Entry entry : evidence.about(unit)) {
      if (entry.job() > 0 && entry.job() != evidence.job() && entry.at() < to) {
        from = Math.max(from, entry.at()); // what was asked before belongs to that job
      }
    }
    Requests requests = restart ? Requests.restarts(unit) : Requests.starts(unit);
    return requests.between(evidence.entries(), from, to);
  }

  private static Cause request(List<Requests.Asked> asked, List<Cause> open, boolean restart) {
    List<String> evidence = new ArrayList<>();
    String who = asked.get(0).who();
    for (Requests.Asked one : asked) {
      evidence.add(Words.said(one.entry()));
      if (!one.who().equals(who)) {
        who = "";
      }
    }
    return new Cause(
        Kind.REQUEST,
        "",
        open.isEmpty() ? Certainty.KNOWN : Certainty.INFERRED,
        (restart ? "was restarted on request" : "was started on request")
            + (who.isEmpty() ? " of one of several who asked" : " of " + who),
        evidence,
        who);
  }

  /** Root's systemctl, or a program over D-Bus, without sudo, cron or Ansible. */
  private static Cause unrecorded(Facts unit, Certainty certainty, boolean restart) {
    return Cause.of(
        Kind.REQUEST,
        "",
        certainty,
        certainty == Certainty.INFERRED
            ? "was " + (restart ? "re" : "") + "started on request; who asked is not recorded"
            : "may have been started by a request that left no record",
        "no timer, socket, path, bus name, restart or other unit explains the start of "
            + unit.id());
  }

  /** Two traces of one cause do not contradict each other: the surer one counts. */
  private static List<Cause> merged(List<Cause> all) {
    List<Cause> merged = new ArrayList<>();
    for (Cause cause : all) {
      int same = 0;
      while (same < merged.size() && !isSame(merged.get(same), cause)) {
        same++;
      }
      if (same == merged.size()) {
        merged.add(cause);
        continue;
      }
      Cause other = merged.get(same);
      boolean surer = cause.certainty().compareTo(other.certainty()) < 0;
      Cause kept = surer ? cause : other;
      List<String> both = new ArrayList<>(kept.evidence());
      both.addAll((surer ? other : cause).evidence());
      merged.set(
          same,
          new Cause(kept.kind(), kept.unit(), kept.certainty(), kept.text(), both, kept.who()));
    }
    return merged;
  }

  private static boolean isSame(Cause one, Cause other) {
    return !one.unit().isEmpty() && one.unit().equals(other.unit()) && one.kind() == other.kind();
  }

  private static List<Cause> only(List<Cause> all, Certainty certainty) {
    List<Cause> some = new ArrayList<>();
    for (Cause cause : all) {
      if (cause.certainty() == certainty) {
        some.add(cause);
      }
    }
    return some;
  }

  private static Answer answer(Facts unit, Cause cause, List<Cause> candidates) {
    return new Answer(unit.id(), cause, candidates, unit.started(), null);
  }

  private static Answer unknown(Facts unit, String why, List<Cause> candidates) {
    return answer(
        unit,
        new Cause(
            Kind.UNKNOWN,
            "",
            Certainty.UNKNOWN,
            "was started by something unknown: what is recorded " + why,
            List.of(),
            ""),
        candidates);
  }
}
