// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import quietus.run.Why;

/** quietus why. */
@Command(
    name = "why",
    description =
        "Tells who or what started a unit and what started that in turn, each with its evidence and"
            + " how sure it is; of a unit that is down, how it ended and what would start it next."
            + " Changes nothing.")
final class WhyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private CommonOptions common;

  @Mixin private SingleUnit unit;

  @Override
  public Integer call() {
    Why why = Why.of(unit.get().text(), common.manager.user);
    PrintWriter out = spec.commandLine().getOut();
    out.println(common.json ? new String(why.json(), StandardCharsets.UTF_8) : why.page());
    out.flush();
    return why.isFound() ? 0 : 1;
  }
}
