// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The attempts to start held units, as far as the journal has them. A start that a mask refuses
 * leaves no trace of its own (docs/systemd-facts.md, Masks): it shows only by who asked for it.
 *
 * @param list those of the same kind together, the latest kind last
 * @param complete false when some may be missing of what the journal had
 */
public record Attempts(List<Attempt> list, boolean complete) {
  private static final long SECOND = 1_000_000;

  /** So long after a request or a call its job may fail at the gate. */
  private static final long SOON = SECOND;

  private static final String ASSERTION = "Assertion failed for ";

  public Attempts {
    list = List.copyOf(list);
  }

  /**
   * @param names the names of what is held, each with its unit
   * @param since when the hold began, to the second below
   */
  public static Attempts of(Map<String, String> names, long since, Reading reading) {
    Map<String, Attempt> attempts = new LinkedHashMap<>();
    List<Entry> entries = reading.entries();
    Requests any = Requests.startsOfAny(names.keySet());
    Map<String, Long> askedAt = new LinkedHashMap<>();
    for (Entry entry : entries) {
      // what was asked in the second in which the hold began may have been before it
      boolean later = entry.at() >= since + SECOND;
      String gated = entry.isManager() && isRefusal(entry) ? names.get(entry.unit()) : null;
      String masked = entry.isManager() ? names.get(masked(entry.message())) : null;
      String called = later && EventCauses.isCall(entry) ? names.get(called(entry)) : null;
      if (gated != null) {
        Long before = askedAt.remove(gated);
        if (before == null || before < entry.at() - SOON) {
          count(attempts, gated, Attempt.How.GATE, "", entry);
        }
      } else if (masked != null) {
        String by = masked.equals(names.get(entry.unit())) ? "" : Words.safe(entry.unit());
        count(attempts, masked, Attempt.How.MASK, by, entry);
      } else if (called != null) {
        askedAt.put(called, entry.at());
        count(attempts, called, Attempt.How.BUS, caller(entry), entry);
      } else if (later && !isOwn(entry.message()) && any.who(entry, entries) != null) {
        for (Map.Entry<String, String> name : names.entrySet()) {
          String who = Requests.startsOfAny(Set.of(name.getKey())).who(entry, entries);
          if (who != null) {
            askedAt.put(name.getValue(), entry.at());
            count(attempts, name.getValue(), Attempt.How.REQUEST, who, entry);
          }
        }
      }
    }
    return new Attempts(List.copyOf(attempts.values()), reading.complete());
  }

  private static boolean isRefusal(Entry entry) {
    return entry.isStart() && entry.message().startsWith(ASSERTION);
  }

  /** The unit that systemd could not start for another because it is masked. */
  private static String masked(String message) {
    return message.contains(" job, ignoring: ")
        ? EventCauses.between(message, " job, ignoring: Unit ", " is masked.")
        : "";
  }

  private static String called(Entry entry) {
    return EventCauses.between(entry.message(), " unit='", "'");
  }

  private static String caller(Entry entry) {
    String name = EventCauses.between(entry.message(), "service name='", "'");
    String by = EventCauses.between(entry.message(), "comm=\"", "\"");
    return Words.safe(name) + (by.isEmpty() ? "" : ", from " + Words.safe(by));
  }

  /** A call of Quietus itself, such as the release, is no attempt to start past the hold. */
  private static boolean isOwn(String message) {
    for (String word : message.split("[\\s='\"]+")) {
      if (word.substring(word.lastIndexOf('/') + 1).equals("quietus")) {
        return true;
      }
    }
    return false;
  }

  private static void count(
      Map<String, Attempt> attempts, String unit, Attempt.How how, String by, Entry entry) {
    String key = unit + ' ' + how + ' ' + by;
    Attempt before = attempts.remove(key);
    int count = before == null ? 1 : before.count() + 1;
    attempts.put(key, new Attempt(unit, how, by, count, entry.at()));
  }
}
