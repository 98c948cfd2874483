package quietus.cli;

import java.time.Duration;
import picocli.CommandLine.Command;
import quietus.protocol.Request;
import quietus.protocol.Terms;
import quietus.run.Session;

/** quietus status. */
@Command(
    name = "status",
    description = "Shows a unit's family, its doors, and who holds it. Changes nothing.")
final class StatusCommand extends UnitsCommand {
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
        common.user,
        false,
        false);
  }
}
