// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import quietus.systemd.SystemdQuestions;
import quietus.why.Entry;
import quietus.why.Facts;
import quietus.why.Reading;

/** What the journal tells of the end of a unit. */
final class Ends {
  private static final long SECOND = 1_000_000;

  private final SystemdQuestions systemd;
  private final JournalReader journal;
  private long managerStarted = -1;

  Ends(SystemdQuestions systemd, JournalReader journal) {
    this.systemd = systemd;
    this.journal = journal;
  }

  /** The time around a unit's end; of a unit that systemd has forgotten, all that is told of it. */
  Reading of(Facts unit) {
    long ended = unit.wentDown();
    if (ended != 0) {
      long began = unit.number("ActiveExitTimestamp");
      return around(began == 0 || began > ended ? ended : began, ended);
    }
    // systemd forgets a unit that is down and that nobody refers to; the journal does not
    long now = System.currentTimeMillis() * 1000;
    Reading about = journal.about(unit.names(), managerStarted(), now);
    Entry last = null;
    for (Entry entry : about.entries()) {
      last = entry.isEnd() ? entry : last;
    }
    if (last == null) {
      return about;
    }
    Reading around = around(last.at(), last.at());
    List<Entry> entries = new ArrayList<>(about.entries());
    for (Entry entry : around.entries()) {
      if (!unit.names().contains(entry.unit())) {
        entries.add(entry);
      }
    }
    entries.sort(Comparator.comparingLong(Entry::at));
    return new Reading(entries, around.complete());
  }

  private Reading around(long from, long to) {
    return journal.between(since(from), to + 2 * SECOND);
  }

  /**
   * Six seconds before a time, and not before systemd itself began: it numbers its jobs from 1, and
   * a machine or a container may boot again within less.
   */
  long since(long time) {
    return Math.max(time - 6 * SECOND, managerStarted());
  }

  /** When systemd itself began, which is the boot also of a container. */
  private long managerStarted() {
    if (managerStarted < 0) {
      Object began =
          systemd
              .properties(List.of(""), List.of("Manager.UserspaceTimestamp"))
              .getOrDefault("", Map.of())
              .get("UserspaceTimestamp");
      managerStarted = began instanceof Long time ? time : 0;
    }
    return managerStarted;
  }
}
