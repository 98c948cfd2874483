// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.List;
import java.util.Map;
import quietus.hold.Hold;
import quietus.plan.HostView;
import quietus.plan.Text;
import quietus.unit.Ending;
import quietus.unit.State;

/**
 * Says which units are not up after a start, with how the first of them ended.
 *
 * <p>It only reads. After a crash here the gates are open and the records keep the snapshot, as in
 * {@link AwaitStarts}; the next release starts what is down and says the same again.
 */
final class FailedStarts {
  private final Host host;
  private final HostView view;

  FailedStarts(Host host, HostView view) {
    this.host = host;
    this.view = view;
  }

  /**
   * @param what what they did not do
   * @param holds those that are released; empty without a hold
   */
  String sentence(String what, List<String> down, Map<String, State> states, List<Hold> holds) {
    String first = down.get(0);
    State state = states.get(first);
    Ending ending = view.endings(List.of(first)).get(first);
    return Text.list(down)
        + " "
        + what
        + " ("
        + (down.size() == 1 ? "" : first + ": ")
        + state.active()
        + "/"
        + state.sub()
        + (ending.text().isEmpty() ? "" : ", " + ending.text())
        + (ending.restarts() == 0
            ? ""
            : ", restarted by systemd " + Text.count((int) ending.restarts(), "time"))
        + ")"
        + journal(first)
        + "; see: journalctl -b -u "
        + first
        + "."
        + record(holds);
  }

  private String journal(String unit) {
    StringBuilder text = new StringBuilder();
    for (String line : host.journal().tail(unit)) {
      text.append(text.length() == 0 ? "; its journal ends with: " : ", ")
          .append('"')
          .append(line)
          .append('"');
    }
    return text.toString();
  }

  /** What has become of the records, and what to do next. */
  String record(List<Hold> holds) {
    return holds.isEmpty()
        ? ""
        : " The gates are open, and the record of what was up is kept until all of it is back: put"
            + " it right, then run again ("
            + view.releaseCommand(holds.get(0).subject())
            + ")";
  }
}
