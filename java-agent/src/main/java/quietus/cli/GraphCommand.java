// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import quietus.graph.FamilyGraph;
import quietus.graph.Format;
import quietus.protocol.InfoRequest;
import quietus.protocol.Report;
import quietus.protocol.Scope;
import quietus.run.Picture;
import quietus.run.Session;

/** quietus graph. */
@Command(
    name = "graph",
    description =
        "Draws a unit's family, its doors and what closes each, as a tree, or for Graphviz, for"
            + " Mermaid or as an SVG picture. Changes nothing.")
final class GraphCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ManagerOptions manager;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "tree",
      description = "tree, dot, mermaid or svg (default: ${DEFAULT-VALUE})")
  private Format format;

  @Mixin private SingleUnit unit;

  @Override
  public Integer call() {
    Scope scope = new Scope(List.of(unit.orTemplate()), manager.user);
    Report report = Session.run(new InfoRequest(scope));
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
