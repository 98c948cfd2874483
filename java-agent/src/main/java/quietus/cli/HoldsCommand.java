// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import quietus.disk.Disk;
import quietus.disk.Holds;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.hold.Now;
import quietus.plan.LeaseWarnings;
import quietus.plan.Leftovers;
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
    boolean user = common.manager.user;
    Disk disk = Session.disk(user);
    Holds holds = disk.holds();
    AllHolds all = holds.all();
    Now now = disk.now(Instant.now());
    for (FoundHold found : all.found()) {
      lines.add(
          new Report.HoldLine(
              found.hold(),
              found.phase(),
              /* begun= */ false,
              found.hold().lease() != null && found.hold().lease().isOver(now),
              holds.path(found.hold().until(), found.phase(), found.hold().subject()).toString(),
              Session.command(user)
                  + (user ? " release --user '" : " release '")
                  + found.hold().subject()
                  + "'"));
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
    for (String sentence : new Leftovers(disk, all, Set.of()).sentences()) {
      spec.commandLine().getErr().println(sentence);
    }
    for (String sentence :
        LeaseWarnings.of(disk, all.found(), now, Session.command(user), Set.of())) {
      spec.commandLine().getErr().println(sentence);
    }
    spec.commandLine().getErr().flush();
    return all.damaged().isEmpty() ? 0 : 1;
  }
}
