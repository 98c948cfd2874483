// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Everything that happened to the units, in order. */
public final class History {
  /** What can happen to a unit. */
  public enum Kind {
    /**
     * It began to start: its first process was about to be spawned, it began to listen, to wait,
     * ...
     */
    START,
    /** It is up. */
    UP,
    /** It began to stop by its own configuration. */
    STOPPING,
    /**
     * It began to stop while its configuration was not loaded (masked, file gone): ExecStop= and
     * the like are lost.
     */
    STOPPING_UNGRACEFULLY,
    /** It is down. */
    DOWN,
    /** It is down and failed. */
    FAILED,
    /**
     * A start was refused: by an assertion, a condition, a mask, a job that cannot be replaced, ...
     */
    REFUSED,
    /** A process of it ran a command. */
    RAN
  }

  /**
   * One thing that happened.
   *
   * @param sequence counts up over all units
   * @param at virtual time in microseconds
   * @param unit its primary name
   * @param detail why, or what; may be empty
   */
  public record Entry(long sequence, long at, String unit, Kind kind, String detail) {
    @Override
    public String toString() {
      return sequence
          + " "
          + at / 1000
          + "ms "
          + unit
          + " "
          + kind
          + (detail.isEmpty() ? "" : " (" + detail + ")");
    }
  }

  private final Timeline timeline;
  private final List<Entry> entries = new ArrayList<>();
  private long sequence;

  History(Timeline timeline) {
    this.timeline = timeline;
  }

  void add(String unit, Kind kind, String detail) {
    entries.add(new Entry(++sequence, timeline.now(), unit, kind, detail));
  }

  /** The number of the last entry: what happens from now on has a higher one. */
  public long mark() {
    return sequence;
  }

  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** What happened after a mark, of some kinds (all when none is given). */
  public List<Entry> since(long mark, Kind... kinds) {
    List<Kind> wanted = Arrays.asList(kinds);
    List<Entry> found = new ArrayList<>();
    for (int i = entries.size() - 1; i >= 0 && entries.get(i).sequence() > mark; i--) {
      if (wanted.isEmpty() || wanted.contains(entries.get(i).kind())) {
        found.add(0, entries.get(i));
      }
    }
    return found;
  }

  /** How often something happened to a unit after a mark. */
  public int count(long mark, String unit, Kind kind) {
    int count = 0;
    for (int i = entries.size() - 1; i >= 0 && entries.get(i).sequence() > mark; i--) {
      if (entries.get(i).kind() == kind && entries.get(i).unit().equals(unit)) {
        count++;
      }
    }
    return count;
  }

  /** How often a unit began to start after a mark. */
  public int starts(long mark, String unit) {
    return count(mark, unit, Kind.START);
  }

  /** How often a unit began to start, ever. */
  public int starts(String unit) {
    return starts(0, unit);
  }

  /** The units that began to start after a mark. */
  public Set<String> started(long mark) {
    Set<String> units = new TreeSet<>();
    for (Entry entry : since(mark, Kind.START)) {
      units.add(entry.unit());
    }
    return units;
  }

  /**
   * The number of the first entry of that kind after a mark; {@link Long#MAX_VALUE} when there is
   * none.
   */
  public long first(long mark, String unit, Kind kind) {
    for (Entry entry : since(mark, kind)) {
      if (entry.unit().equals(unit)) {
        return entry.sequence();
      }
    }
    return Long.MAX_VALUE;
  }

  /** The entries as lines, for a failure's message. */
  public String text(long mark) {
    StringBuilder text = new StringBuilder();
    for (Entry entry : since(mark)) {
      text.append(entry).append('\n');
    }
    return text.toString();
  }
}
