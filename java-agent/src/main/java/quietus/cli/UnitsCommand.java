// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import quietus.protocol.Request;
import quietus.protocol.Scope;
import quietus.unit.UnitName;

/** A command on units. */
abstract class UnitsCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "UNIT",
      description =
          "a unit, an alias, one of its activators, a template (foo@.service) or a quoted glob;"
              + " no suffix means .service")
  // as text: where none has to be given, picocli calls a name that it cannot convert "unmatched"
  private final List<String> names = new ArrayList<>();

  abstract Request request();

  /** Whether the units are those of the calling user's manager. */
  abstract boolean isUser();

  /**
   * @throws IllegalArgumentException when one of the names cannot be a unit's
   */
  Scope scope() {
    List<UnitName> units = new ArrayList<>();
    for (String name : names) {
      units.add(UnitName.parse(name));
    }
    return new Scope(units, isUser());
  }

  /** True where no name means all of something. */
  boolean mayNameNone() {
    return false;
  }

  /** The request, whose bounds are the same as those of a request in JSON. */
  final Request parsed() {
    if (names.isEmpty() && !mayNameNone()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Missing required parameter: 'UNIT'");
    }
    try {
      return request();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
