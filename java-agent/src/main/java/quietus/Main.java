// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import quietus.cli.Quietus;
import quietus.error.AgentException;
import quietus.protocol.Report;
import quietus.protocol.ReportJson;
import quietus.protocol.Request;
import quietus.protocol.RequestJson;
import quietus.run.Session;
import quietus.systemd.DbusSystemd;
import quietus.unit.UnitName;

/** The entry point of the process. */
public final class Main {
  private static final int BAD_REQUEST = 2;

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  Main(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  public static void main(String[] args) throws IOException {
    if (args.length == 1 && args[0].equals("warm-up")) {
      WarmUp.run(System.in);
      return;
    }
    int status = new Main(System.in, System.out, System.err).run(args);
    System.out.flush();
    // Not exit: there is no shutdown hook of ours, and everything is on the disk already.
    Runtime.getRuntime().halt(status);
  }

  /**
   * @return the exit status: 0 when the host has the requested state, 1 when not, 2 for an invalid
   *     request or command
   */
  int run(String[] args) {
    if (args.length == 1 && (args[0].equals("apply") || args[0].equals("info"))) {
      return machine(args[0].equals("info"));
    }
    return Quietus.run(args, out, err);
  }

  private int machine(boolean readOnly) {
    DbusSystemd.prepare();
    Report report;
    int status;
    try {
      Request request = null;
      report = null;
      try {
        request =
            RequestJson.read(in.readNBytes(RequestJson.LARGEST + 1), readOnly, Session.holder());
      } catch (IllegalArgumentException e) {
        report = Session.failed(e.getMessage());
      }
      if (request != null) {
        report = Session.run(request);
      }
      status = request == null ? BAD_REQUEST : report.failed() ? 1 : 0;
    } catch (AgentException e) {
      report = Session.failed(e.getMessage());
      status = 1;
    } catch (IOException e) {
      report = Session.failed("the request could not be read: " + e.getMessage());
      status = BAD_REQUEST;
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      return broken(e);
    }
    byte[] json = ReportJson.write(report);
    out.write(json, 0, json.length);
    out.write('\n');
    if (out.checkError()) {
      err.println(
          "quietus: the report could not be written; what was asked for may have been done");
      return Math.max(1, status);
    }
    return status;
  }

  /**
   * The report of a run that a defect of the agent or the JVM ended; made without other classes.
   */
  private int broken(Throwable e) {
    String what = UnitName.printable(e.getClass().getName() + ": " + e.getMessage());
    String json =
        "{\"changed\":true,\"failed\":true,\"msg\":\"quietus broke off with "
            + what.replace('\\', '/').replace('"', '\'')
            + "; what it had begun is unknown, so look with quietus holds, and run the same again:"
            + " it goes on where this run ended\",\"version\":\""
            + Session.VERSION
            + "\"}\n";
    byte[] bytes = json.getBytes(StandardCharsets.US_ASCII);
    out.write(bytes, 0, bytes.length);
    e.printStackTrace(err);
    return 1;
  }
}
