// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import quietus.unit.UnitName;

/** The unit of a command that takes exactly one. */
final class SingleUnit {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(paramLabel = "UNIT", description = "a unit; no suffix means .service")
  private UnitName unit;

  /**
   * @throws CommandLine.ParameterException when the name is a glob
   */
  UnitName orTemplate() {
    return refuseIf(unit.isGlob());
  }

  /**
   * @throws CommandLine.ParameterException when the name is a glob or a template
   */
  UnitName get() {
    return refuseIf(unit.isGlob() || unit.isTemplate());
  }

  private UnitName refuseIf(boolean several) {
    if (several) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "'" + unit + "' is no single unit; name one, such as myapi.service");
    }
    return unit;
  }
}
