// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import quietus.error.AgentException;
import quietus.hold.Until;
import quietus.run.Session;
import quietus.unit.OneLine;
import quietus.unit.UnitName;

/** The command {@code quietus}. */
@Command(
    name = "quietus",
    versionProvider = Quietus.Version.class,
    mixinStandardHelpOptions = true,
    subcommands = {
      QuiesceCommand.class,
      ReleaseCommand.class,
      RunCommand.class,
      StatusCommand.class,
      WhyCommand.class,
      GraphCommand.class,
      HoldsCommand.class,
      MetricsCommand.class,
      ApplyCommand.class,
      InfoCommand.class
    },
    description =
        "Makes a systemd service stay down until it is released, and then brings back exactly what"
            + " was there.",
    footer = {
      "",
      "Exit status: 0 the state holds, 1 it does not (the message says what to do), 2 the command"
          + " was bad. run has its own: see quietus run --help."
    })
public final class Quietus implements Runnable {
  @Spec private CommandSpec spec;

  /**
   * @return the exit status
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    CommandLine line = line(out, err);
    RunCommand run = line.getSubcommands().get(RunCommand.NAME).getCommand();
    int status = line.execute(run.takeCommand(args));
    if (out.checkError()) {
      err.println(
          "quietus: the output could not be written; what was asked for may have been done");
      return Math.max(1, status);
    }
    return status;
  }

  static CommandLine line(PrintStream out, PrintStream err) {
    return new CommandLine(new Quietus())
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .registerConverter(Duration.class, TimeSpan::parse)
        .registerConverter(Until.class, Until::of)
        .registerConverter(UnitName.class, Quietus::unit)
        .setExpandAtFiles(false) // @FILE would print a file that only root can read
        .setParameterExceptionHandler(Quietus::refuse)
        .setExecutionExceptionHandler(Quietus::explain)
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                Screen.standard().colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
  }

  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof AgentException) {
      line.getErr().println("quietus: " + e.getMessage());
      return 1;
    }
    throw e;
  }

  /** A bad command. Not picocli's own handler: it interprets markup in what a person wrote. */
  private static int refuse(CommandLine.ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("quietus: " + OneLine.of(e.getMessage()));
    err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static UnitName unit(String written) {
    try {
      return UnitName.parse(written);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }

  /** Tells the version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "quietus " + Session.VERSION + " (Java " + System.getProperty("java.version") + ")"
      };
    }
  }
}
