package quietus.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import quietus.disk.Holds;
import quietus.error.AgentException;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.hold.Until;
import quietus.protocol.Report;
import quietus.protocol.ReportJson;
import quietus.protocol.Request;
import quietus.protocol.Terms;
import quietus.run.Session;
import quietus.unit.UnitName;

/** The command {@code quietus}. */
@Command(
    name = "quietus",
    versionProvider = Quietus.Version.class,
    mixinStandardHelpOptions = true,
    subcommands = {
      Quietus.QuiesceCommand.class,
      Quietus.ReleaseCommand.class,
      Quietus.StatusCommand.class,
      Quietus.HoldsCommand.class,
      Quietus.ApplyCommand.class,
      Quietus.InfoCommand.class
    },
    description =
        "Makes a systemd service stay down until it is released, and then brings back exactly what"
            + " was there.",
    footer = {
      "",
      "Exit status: 0 the state holds, 1 it does not (the message says what to do), 2 the command"
          + " was bad."
    })
public final class Quietus implements Runnable {
  /** The longest time span, in seconds: 365 days. */
  private static final long LONGEST = 31_536_000;

  @Spec private CommandSpec spec;

  /**
   * @return the exit status
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    CommandLine line =
        new CommandLine(new Quietus())
            .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
            .registerConverter(Duration.class, Quietus::duration)
            .registerConverter(Until.class, Until::of)
            .registerConverter(UnitName.class, Quietus::unit)
            .setExpandAtFiles(false) // @FILE would print a file that only root can read
            .setParameterExceptionHandler(Quietus::refuse)
            .setExecutionExceptionHandler(Quietus::explain);
    return line.execute(args);
  }

  private static int explain(Exception e, CommandLine line, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof AgentException) {
      line.getErr().println("quietus: " + e.getMessage());
      return 1;
    }
    throw e;
  }

  /** A bad command. Not picocli's own handler: it takes what a person wrote for markup. */
  private static int refuse(CommandLine.ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("quietus: " + oneLine(e.getMessage()));
    err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    return 2;
  }

  /** Text as one line: what is not printable becomes a space, and white space one space. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean white = Character.isWhitespace(c) || UnitName.isUnprintable(c);
      if (!white) {
        line.append(c);
      } else if (line.length() > 0 && line.charAt(line.length() - 1) != ' ') {
        line.append(' ');
      }
    }
    return line.toString().trim();
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

  /** {@code 90}, {@code 90s}, {@code 5m}, {@code 2h}, {@code 1d}, {@code 1h30m}. */
  static Duration duration(String text) {
    long seconds = 0;
    long number = -1;
    long last = Long.MAX_VALUE;
    boolean good = !text.isEmpty();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        number = Math.min(LONGEST + 1, Math.max(0, number) * 10 + (c - '0'));
        continue;
      }
      long unit =
          switch (c) {
            case 's' -> 1;
            case 'm' -> 60;
            case 'h' -> 3600;
            case 'd' -> 86_400;
            default -> 0;
          };
      good &= number >= 0 && unit > 0 && unit < last;
      seconds += number * unit;
      last = unit;
      number = -1;
    }
    good &= number < 0 || last == Long.MAX_VALUE; // a number without a unit stands alone
    seconds += Math.max(0, number);
    if (good && seconds <= LONGEST) {
      return Duration.ofSeconds(seconds);
    }
    throw new CommandLine.TypeConversionException(
        "'"
            + UnitName.printable(text)
            + "' is no time span; give seconds, or numbers with s, m, h or d, such as 5m or 1h30m,"
            + " at most 365d");
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

  /** What all commands have in common. */
  static final class Common {
    @Option(names = "--json", description = "print the report as JSON, one line")
    private boolean json;

    @Option(names = "--user", description = "the calling user's systemd instead of the system's")
    private boolean user;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "show this text and exit")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    boolean json() {
      return json;
    }

    boolean user() {
      return user;
    }
  }

  /** A command on units. */
  abstract static class UnitsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin Common common;

    @Parameters(
        arity = "1..*",
        paramLabel = "UNIT",
        description =
            "a unit, an alias, one of its activators, a template (foo@.service) or a quoted glob;"
                + " no suffix means .service")
    List<UnitName> names = new ArrayList<>();

    abstract Request request();

    @Override
    public Integer call() {
      Request request;
      try {
        request = request();
      } catch (IllegalArgumentException e) {
        throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
      }
      Report report = Session.run(request);
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          common.json()
              ? new String(ReportJson.write(report), StandardCharsets.UTF_8)
              : Page.of(report, spec.commandLine().getColorScheme().ansi().enabled()));
      out.flush();
      return report.failed() ? 1 : 0;
    }
  }

  /** Times that both verbs share. */
  static final class Times {
    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        defaultValue = "90",
        description =
            "how long to wait for all stops or starts (default: ${DEFAULT-VALUE} s; also 5m, 2h)")
    private Duration timeout;

    @Option(
        names = "--lock-timeout",
        paramLabel = "TIME",
        defaultValue = "60",
        description = "how long to wait for another run on this host (default: ${DEFAULT-VALUE} s)")
    private Duration lockTimeout;

    @Option(names = "--check", description = "tell what would happen, touch nothing")
    private boolean check;
  }

  /** quietus quiesce. */
  @Command(
      name = "quiesce",
      description = "Closes every door of a unit's family, stops it and proves that it is down.")
  static final class QuiesceCommand extends UnitsCommand {
    @Mixin private Times times;

    @Option(
        names = "--until",
        paramLabel = "released|reboot",
        description = "how long the hold lives (default: released; a present hold keeps its own)")
    private Until until;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description =
            "why, at most 500 characters; line breaks become spaces; shown wherever the hold is"
                + " shown")
    private String reason;

    @Option(
        names = "--lease",
        paramLabel = "TIME",
        description = "release by itself after that time; 0 takes a lease away")
    private Duration lease;

    @Option(
        names = "--drain",
        paramLabel = "TIME",
        defaultValue = "0",
        description = "let work in flight finish for up to that long")
    private Duration drain;

    @Option(
        names = "--settle",
        paramLabel = "TIME",
        defaultValue = "0",
        description = "watch the family for that long after the stop")
    private Duration settle;

    @Option(
        names = "--refuse-dependents",
        description = "fail when an active unit would be stopped along with the family")
    private boolean refuseDependents;

    @Option(
        names = "--allow-protected",
        description = "permit units that the host's way in, the bus or the boot stand on")
    private boolean allowProtected;

    @Option(names = "--takeover", description = "take over what somebody else holds")
    private boolean takeover;

    @Override
    Request request() {
      return new Request(
          names,
          Request.State.QUIESCED,
          new Terms(
              until, Session.holder(), reason == null ? null : oneLine(reason), lease, takeover),
          times.timeout,
          times.lockTimeout,
          drain,
          settle,
          refuseDependents,
          allowProtected,
          common.user(),
          times.check,
          false);
    }
  }

  /** quietus release. */
  @Command(
      name = "release",
      description =
          "Opens every door again and brings back what was up when the hold began; without a hold,"
              + " what is enabled.")
  static final class ReleaseCommand extends UnitsCommand {
    @Mixin private Times times;

    @Option(
        names = "--expired",
        description = "only what has a lease that is over; the timer of a lease runs this")
    private boolean expired;

    @Override
    Request request() {
      return new Request(
          names,
          Request.State.RUNNING,
          // Whoever is root at the host can release what is held there, and is told whose it is.
          new Terms(null, Session.holder(), null, null, true),
          times.timeout,
          times.lockTimeout,
          Duration.ZERO,
          Duration.ZERO,
          false,
          false,
          common.user(),
          times.check,
          expired);
    }
  }

  /** quietus status. */
  @Command(
      name = "status",
      description = "Shows a unit's family, its doors, and who holds it. Changes nothing.")
  static final class StatusCommand extends UnitsCommand {
    @Override
    Request request() {
      return new Request(
          names,
          Request.State.ANY,
          new Terms(null, Session.holder(), null, null, false),
          Duration.ofSeconds(90),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          false,
          false,
          common.user(),
          false,
          false);
    }
  }

  /** quietus holds. */
  @Command(
      name = "holds",
      description = "Lists all holds of this host: what, since when, by whom, why, until when.")
  static final class HoldsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private Common common;

    @Override
    public Integer call() {
      List<Report.HoldLine> lines = new ArrayList<>();
      Holds holds = Session.disk(common.user()).holds();
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
          common.json()
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

  /** quietus apply: for the collection; {@link quietus.Main} answers it. */
  @Command(
      name = "apply",
      description =
          "For programs: reads a JSON request from standard input and prints a JSON report"
              + " (docs/agent-protocol.md).")
  static final class ApplyCommand implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "show this text and exit")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    @Override
    public Integer call() {
      return 2;
    }
  }

  /** quietus info: for the collection; {@link quietus.Main} answers it. */
  @Command(
      name = "info",
      description = "For programs: as apply, for a request without a state; changes nothing.")
  static final class InfoCommand implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "show this text and exit")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    @Override
    public Integer call() {
      return 2;
    }
  }
}
