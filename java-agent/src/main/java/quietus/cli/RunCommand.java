// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import quietus.error.AgentException;
import quietus.hold.Holder;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.run.Session;
import quietus.unit.OneLine;

/** quietus run. */
@Command(
    name = RunCommand.NAME,
    customSynopsis = "quietus run [OPTION]... UNIT... -- COMMAND [ARGUMENT]...",
    exitCodeOnInvalidInput = RunCommand.BAD_COMMAND,
    description = {
      "Holds some units, runs a command in the foreground, and releases the units when it has"
          + " ended, however it ended. The command is started only when all of the units are held"
          + " and down. It runs as the caller, with his terminal, directory and environment.",
      "SIGTERM, SIGHUP, and SIGINT that was not typed at the terminal, are passed on as SIGTERM to"
          + " the command and all processes that it has started, and the units are released when"
          + " these have ended; a second signal kills them."
    },
    footer = {
      "",
      "Exit status: that of the command, 128 + N when signal N ended it; or",
      "  121  the units could not be held and down, or the command could not be started",
      "  122  the command has run, and not all units are back",
      "  123  the command has run, and not all units were held until its end",
      "  125  the command line is bad",
      "  126  the command cannot be run; no unit was touched",
      "  127  there is no such command; no unit was touched",
      "  143  a signal came before the command was started; the units were released"
    })
final class RunCommand extends UnitsCommand {
  static final String NAME = "run";

  static final int NOT_HELD = 121;
  static final int NOT_RELEASED = 122;
  static final int NOT_HELD_TO_THE_END = 123;
  static final int BAD_COMMAND = 125;

  @Mixin private ManagerOptions manager;

  @Mixin private VerbOptions options;

  @Mixin private HoldOptions hold;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      defaultValue = "1h",
      description =
          "release by itself that long after this process was killed; renewed while the command"
              + " runs (default: ${DEFAULT-VALUE}; 0 for never)")
  private Duration lease;

  @Option(
      names = "--settle-after",
      paramLabel = "TIME",
      defaultValue = "0",
      description = "watch what came back for that long; fail when something does not stay up")
  private Duration settleAfter;

  private final Holder holder = holder();
  private List<String> command = List.of();

  private static Holder holder() {
    Holder shell = Session.holder();
    return new Holder(shell.by() + " (quietus run)", shell.owner(), "run-" + UUID.randomUUID());
  }

  /**
   * Takes the command out of all arguments, because the parser would take it for names of units.
   *
   * @return what is left of them
   */
  String[] takeCommand(String[] args) {
    int at = Arrays.asList(args).indexOf("--");
    if (at < 0 || !args[0].equals(NAME)) {
      return args;
    }
    command = List.of(args).subList(at + 1, args.length);
    return Arrays.copyOf(args, at);
  }

  @Override
  boolean isUser() {
    return manager.user;
  }

  @Override
  QuiesceRequest request() {
    if (command.isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Missing command: give it after '--'");
    }
    return hold.request(scope(), options.limits(), holder, lease);
  }

  @Override
  public Integer call() {
    QuiesceRequest request = (QuiesceRequest) parsed();
    if (request.check()) {
      Report report = Session.run(request);
      spec.commandLine().getOut().println(Page.of(report, Screen.NONE));
      return report.failed() ? NOT_HELD : 0;
    }
    Program program = Program.find(command);
    if (program.trouble() != null) {
      say(program.trouble() + ". No unit was touched");
      return program.status();
    }
    Foreground foreground = new Foreground(program, this::say);
    RunHold held = new RunHold(request, settleAfter, this::say);
    Integer ended = null;
    boolean whole = false;
    try {
      StopSignals.passTo(foreground);
      if (held.take()) {
        ended = foreground.run(lease.dividedBy(2), held::renew);
        whole = held.isWhole();
      }
    } catch (RuntimeException e) { // whatever it is, the units are released
      say(OneLine.visible(e instanceof AgentException ? e.getMessage() : e.toString()));
    }
    boolean back = held.release();
    if (ended == null) {
      say("'" + program.name() + "' was not started");
      return NOT_HELD;
    }
    if (whole && back) {
      return ended;
    }
    say("the exit status of '" + program.name() + "' was " + ended);
    return back ? NOT_HELD_TO_THE_END : NOT_RELEASED;
  }

  private void say(String sentence) {
    spec.commandLine().getErr().println("quietus: " + sentence);
  }
}
