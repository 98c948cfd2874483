// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import quietus.graph.FamilyGraph;
import quietus.graph.Format;
import quietus.protocol.InfoRequest;
import quietus.protocol.Report;
import quietus.protocol.Scope;
import quietus.run.Picture;
import quietus.run.Session;
import quietus.unit.UnitName;

/** quietus graph. */
@Command(
    name = "graph",
    description =
        "Draws a unit's family, its doors and what closes each, as a tree, or for Graphviz, for"
            + " Mermaid or as an SVG picture. Changes nothing.")
final class GraphCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin HelpOption help;

  @Option(names = "--user", description = "the calling user's systemd instead of the system's")
  private boolean user;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "tree",
      description = "tree, dot, mermaid or svg (default: ${DEFAULT-VALUE})")
  private Format format;

  @Parameters(paramLabel = "UNIT", description = "a unit; no suffix means .service")
  private UnitName unit;

  @Override
  public Integer call() {
    if (unit.isGlob()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "'" + unit + "' is no single unit; name one, such as myapi.service");
    }
    Report report = Session.run(new InfoRequest(new Scope(List.of(unit), user)));
    if (report.failed() || report.members().isEmpty()) {
      spec.commandLine().getErr().println("quietus: " + report.msg());
      return 1;
    }
    String subject = Picture.subjects(report.members()).get(0);
    boolean isHeld = !report.holds().isEmpty();
    FamilyGraph graph = Picture.of(subject, report.members(), report.doors(), isHeld);
    String picture = graph.draw(format);
    PrintWriter out = spec.commandLine().getOut();
    out.println(format == Format.tree ? Screen.standard().fit(picture) : picture);
    out.flush();
    return 0;
  }
}
