// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import quietus.family.Door;
import quietus.hold.Hold;
import quietus.hold.HoldJson;
import quietus.json.Moment;
import quietus.json.Tree;
import quietus.unit.State;
import quietus.why.Answer;
import quietus.why.WhyJson;

/** A report, as the collection reads it (docs/agent-protocol.md). */
public final class ReportJson {
  private ReportJson() {}

  /** The report as one line of UTF-8. */
  public static byte[] write(Report report) {
    ObjectNode all =
        Tree.object()
            .put("changed", report.changed())
            .put("failed", report.failed())
            .put("msg", report.msg());
    if (report.state() != null) {
      all.put("state", report.state());
    }
    ArrayNode members = all.putArray("members");
    for (Report.Member member : report.members()) {
      ObjectNode entry =
          members
              .addObject()
              .put("unit", member.unit())
              .put("role", member.role().word())
              .put("reason", member.reason());
      Tree.strings(entry.putArray("families"), member.families());
      state(entry.putObject("before"), member.before());
      state(entry.putObject("after"), member.after());
      if (member.was() == null) {
        entry.putNull("was").putNull("restore");
      } else {
        entry.putObject("was").put("active", member.was().active()).put("sub", member.was().sub());
        entry.put("restore", member.restore() ? "start" : "leave");
      }
      Answer answer = report.extras().startedBy().get(member.unit());
      if (answer != null) {
        entry.set("started_by", WhyJson.startedBy(answer));
      }
    }
    ArrayNode doors = all.putArray("doors");
    for (Door door : report.doors()) {
      HoldJson.door(doors.addObject(), door);
    }
    ArrayNode holds = all.putArray("holds");
    for (Report.HoldLine line : report.holds()) {
      hold(holds.addObject(), line);
    }
    ArrayNode inexact = all.putArray("inexact");
    for (Hold.Inexact entry : report.inexact()) {
      inexact.addObject().put("unit", entry.unit()).put("text", entry.text());
    }
    Tree.strings(all.putArray("warnings"), report.warnings());
    if (report.evidence() != null) {
      ObjectNode evidence = all.putObject("evidence");
      ArrayNode processes = evidence.putArray("processes");
      for (Report.Left left : report.evidence().processes()) {
        processes
            .addObject()
            .put("unit", left.unit())
            .put("pid", left.pid())
            .put("command", left.command());
      }
      Tree.strings(evidence.putArray("listeners"), report.evidence().listeners());
      evidence.put("refused", report.evidence().refused());
    }
    if (report.extras().attempts() != null) {
      WhyJson.attempts(all.putArray("start_attempts"), report.extras().attempts());
      all.put("start_attempts_complete", report.extras().attempts().complete());
    }
    if (report.extras().graph() != null) {
      all.put("graph", report.extras().graph());
    }
    ArrayNode steps = all.putArray("steps");
    for (Report.Step step : report.steps()) {
      steps
          .addObject()
          .put("step", step.name())
          .put("ms", Math.round(step.nanos() / 10_000.0) / 100.0);
    }
    all.put("version", report.version());
    return Tree.bytes(all);
  }

  /** A list of holds alone, as one line of UTF-8: {@code {"holds": [...]}}. */
  public static byte[] holds(Iterable<Report.HoldLine> lines) {
    ObjectNode all = Tree.object();
    ArrayNode holds = all.putArray("holds");
    for (Report.HoldLine line : lines) {
      hold(holds.addObject(), line);
    }
    return Tree.bytes(all);
  }

  private static void hold(ObjectNode entry, Report.HoldLine line) {
    Hold hold = line.hold();
    entry
        .put("subject", hold.subject())
        .put("phase", line.phase().word())
        .put("path", line.path())
        .put("until", hold.until().word())
        .put("since", Moment.text(hold.since()))
        .put("by", hold.by())
        .put("owner", hold.holder().owner())
        .put("token", hold.holder().token())
        .put("reason", hold.reason())
        .put("lease", hold.lease() == null ? null : Moment.text(hold.lease().end()))
        .put("begun", line.begun())
        .put("overdue", line.overdue())
        .put("release", line.release());
  }

  private static void state(ObjectNode entry, State state) {
    entry.put("load", state.load()).put("active", state.active()).put("sub", state.sub());
  }
}
