package quietus.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import quietus.disk.Holds;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.protocol.Report;
import quietus.protocol.ReportJson;
import quietus.run.Session;

/** quietus holds. */
@Command(
    name = "holds",
    description = "Lists all holds of this host: what, since when, by whom, why, until when.")
final class HoldsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() {
    List<Report.HoldLine> lines = new ArrayList<>();
    Holds holds = Session.disk(common.user).holds();
    AllHolds all = holds.all();
    for (FoundHold found : all.found()) {
      lines.add(
          new Report.HoldLine(
              found.hold(),
              found.phase(),
              holds.path(found.hold().until(), found.phase(), found.hold().subject()).toString(),
              Session.command() + " release '" + found.hold().subject() + "'"));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        common.json
            ? new String(ReportJson.holds(lines), StandardCharsets.UTF_8)
            : Page.holds(lines));
    out.flush();
    for (DamagedHold damaged : all.damaged()) {
      spec.commandLine().getErr().println(damaged.trouble());
    }
    spec.commandLine().getErr().flush();
    return all.damaged().isEmpty() ? 0 : 1;
  }
}
