// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.disk.DiskView;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.hold.Until;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * Which holds to release and what to start. It does not contain what is only known while acting:
 * which units vanished, whether systemd needs a reload, the result of each start.
 */
public final class ReleasePlan implements Plan {
  private final HostView host;
  private final HoldsOnHost held;
  private final List<Hold> holds;
  private final Set<String> subjects;
  private final Map<String, State> before;
  private final Map<String, State> reported;
  private final Set<String> blocking;
  private final List<String> warnings;

  ReleasePlan(
      HostView host,
      HoldsOnHost held,
      List<Hold> holds,
      Set<String> subjects,
      Map<String, State> before,
      Set<String> blocking,
      List<String> warnings) {
    this.host = host;
    this.held = held;
    this.holds = List.copyOf(holds);
    this.subjects = subjects;
    this.before = before;
    this.reported = ReportedStates.of(host.disk(), holds, before);
    this.blocking = blocking;
    this.warnings = List.copyOf(warnings);
  }

  /** The name of the unit that opens the gates of some holds. */
  static String oneshot(List<Hold> holds) {
    StringBuilder subjects = new StringBuilder();
    for (Hold hold : holds) {
      subjects.append(hold.subject()).append(' ');
    }
    return "quietus-release-" + Integer.toHexString(subjects.toString().hashCode()) + ".service";
  }

  public String oneshot() {
    return oneshot(holds);
  }

  @Override
  public Set<String> subjects() {
    return subjects;
  }

  public List<Hold> holds() {
    return holds;
  }

  /** The states of all members, and of the unit that opens the gates, when this was planned. */
  public Map<String, State> before() {
    return before;
  }

  /** The same as a report tells them; see {@link ReportedStates}. */
  public Map<String, State> reported() {
    return reported;
  }

  /** Services that are up and keep their sockets from starting. */
  public Set<String> blocking() {
    return blocking;
  }

  /** The warnings that do not depend on what acting finds. */
  public List<String> warnings() {
    return warnings;
  }

  /** The units that other holds of a lifetime keep masked. */
  public Set<String> maskedElsewhere(Until until) {
    return held.maskedElsewhere(until, subjects);
  }

  /** A release always changes something: the holds end. */
  @Override
  public boolean isNoOp() {
    return false;
  }

  /**
   * The units that were up according to the snapshots and that no other hold closes.
   *
   * @param states of the members without their masks
   * @param said gets a warning for what cannot be started
   */
  public Set<String> start(Map<String, State> states, List<String> said) {
    Set<String> closed = held.closedElsewhere(subjects);
    Set<String> start = new LinkedHashSet<>();
    List<String> kept = new ArrayList<>();
    List<String> gone = new ArrayList<>();
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (!member.restore()) {
          continue;
        }
        if (closed.contains(member.unit())) {
          kept.add(member.unit());
        } else if (states.get(member.unit()).isFound()) {
          start.add(member.unit());
        } else if (!gone.contains(member.unit())) {
          gone.add(member.unit());
        }
      }
    }
    if (!gone.isEmpty()) {
      said.add(areGone(gone));
    }
    if (!kept.isEmpty()) {
      said.add(areKept(kept));
    }
    return start;
  }

  private static String areGone(List<String> gone) {
    boolean one = gone.size() == 1;
    return Text.list(gone)
        + (one ? " was" : " were")
        + " up when the hold began and "
        + Text.is(gone)
        + " not on this host any more ("
        + (one ? "its package was" : "their packages were")
        + " removed?), so "
        + (one ? "it was" : "they were")
        + " not started";
  }

  private static String areKept(List<String> kept) {
    return Text.list(kept)
        + " "
        + Text.is(kept)
        + " held by another family too, and "
        + (kept.size() == 1 ? "comes" : "come")
        + " back when that is released";
  }

  /** Says that the holds are released, and how many units were started. */
  public String released(Set<String> start) {
    return Text.list(subjects)
        + " "
        + Text.is(subjects)
        + " released: "
        + (start.isEmpty()
            ? "nothing had to be started."
            : Text.count(start.size(), "unit") + (start.size() == 1 ? " is" : " are") + " back.");
  }

  @Override
  public Outcome outcome() {
    List<String> said = new ArrayList<>(warnings);
    Map<String, State> after = unmasked();
    Set<String> start = start(after, said);
    Set<String> up = new LinkedHashSet<>(start);
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (!member.restore() && after.get(member.unit()).isUp()) {
          up.add(member.unit());
        }
      }
    }
    for (Hold hold : holds) {
      for (HeldMember member : hold.members()) {
        if (start.contains(member.unit())) {
          // A unit that was starting: only systemd knows the state at the end of that start.
          after.put(
              member.unit(),
              Forecast.up(
                  member.unit(),
                  member.was().active().equals("active") ? member.was().sub() : "running",
                  member.triggers(),
                  up));
        }
      }
    }
    return Outcome.of(holds, Phase.HELD, reported, after, released(start))
        .with(true, false, said)
        .released();
  }

  /** The states of the members without their masks, derived from the files on the disk. */
  private Map<String, State> unmasked() {
    Map<String, State> after = new LinkedHashMap<>();
    for (Hold hold : holds) {
      Set<String> elsewhere = maskedElsewhere(hold.until());
      for (HeldMember member : hold.members()) {
        State now = reported.get(member.unit());
        boolean isUnmasked =
            now.isMasked()
                && !staysMasked(hold.until(), member.cover(), elsewhere)
                && !UnitName.isTemplate(member.unit());
        after.put(
            member.unit(),
            isUnmasked
                ? new State(
                    host.disk().control().loadStateBelow(host.unitPath(), member.unit()),
                    now.active(),
                    now.sub(),
                    0)
                : now);
      }
    }
    return after;
  }

  private static Until other(Until until) {
    return until == Until.RELEASED ? Until.REBOOT : Until.RELEASED;
  }

  /** True when this release leaves a mask of the unit on the disk. */
  private boolean staysMasked(Until until, String cover, Set<String> elsewhere) {
    DiskView.ControlView control = host.disk().control();
    return elsewhere.contains(cover) && control.isMasked(until, cover)
        || control.isMasked(other(until), cover);
  }
}
