// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.util.List;
import quietus.family.Door;
import quietus.family.Role;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.unit.State;
import quietus.unit.UnitName;

/**
 * What a run found and did; see docs/agent-protocol.md for each field.
 *
 * @param evidence what was seen when the family was down; null when it was not looked for
 * @param extras what only some requests ask for
 * @param state the word for the state that was asked for, null for a look
 */
public record Report(
    boolean changed,
    boolean failed,
    String msg,
    String state,
    List<Member> members,
    List<Door> doors,
    List<HoldLine> holds,
    List<Hold.Inexact> inexact,
    List<String> warnings,
    Evidence evidence,
    List<Step> steps,
    String version,
    Extras extras) {
  public Report {
    members = List.copyOf(members);
    doors = List.copyOf(doors);
    holds = List.copyOf(holds);
    inexact = List.copyOf(inexact);
    warnings = List.copyOf(warnings);
    steps = List.copyOf(steps);
  }

  /**
   * A member, before and after. A template has no state of its own.
   *
   * @param was what the hold's snapshot says; null without a hold
   * @param restore whether a release starts it
   */
  public record Member(
      String unit,
      Role role,
      String reason,
      List<String> families,
      State before,
      State after,
      State was,
      boolean restore) {
    public Member {
      families = List.copyOf(families);
      if (UnitName.isTemplate(unit)) {
        before = State.TEMPLATE;
        after = State.TEMPLATE;
      }
    }
  }

  /**
   * A hold with its place and the command that releases it.
   *
   * @param begun this run began it (or would), and found it not
   * @param overdue its lease is over, and still it is there
   */
  public record HoldLine(
      Hold hold, Phase phase, boolean begun, boolean overdue, String path, String release) {}

  /**
   * What was seen of a family that is down.
   *
   * @param processes what is left of it
   * @param listeners the addresses of its sockets on which somebody listens
   * @param refused starts that were refused at its gates during the run
   */
  public record Evidence(List<Left> processes, List<String> listeners, int refused) {
    public Evidence {
      processes = List.copyOf(processes);
      listeners = List.copyOf(listeners);
    }
  }

  /** A process that is left of a unit. */
  public record Left(String unit, long pid, String command) {}

  /** A step that was taken, and how long it took in nanoseconds. */
  public record Step(String name, long nanos) {}
}
