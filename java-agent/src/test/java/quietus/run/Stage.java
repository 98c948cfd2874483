// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.hold.FoundHold;
import quietus.hold.Holder;
import quietus.hold.Until;
import quietus.model.Adversary;
import quietus.model.ModelSystemd;
import quietus.protocol.Claim;
import quietus.protocol.Limits;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.RunningRequest;
import quietus.protocol.Scope;
import quietus.protocol.Terms;
import quietus.protocol.VerbRequest;
import quietus.systemd.Journal;
import quietus.unit.UnitName;

/** A host in memory with its unit files, and requests that are built option by option. */
final class Stage {
  static final String SIMPLE = "[Service]\nExecStart=/bin/sleep infinity\n";

  /** Ignores SIGTERM, and systemd gives it ten minutes. */
  static final String STUBBORN =
      "[Service]\n"
          + "ExecStart=/bin/sh -c \"trap '' TERM; while :; do sleep 1; done\"\n"
          + "TimeoutStopSec=600\n";

  final Path root;
  ModelSystemd systemd;
  private ModelHost host;

  Stage(Path root) {
    this.root = root;
    write("quietus.jar", "no jar");
  }

  Stage write(String path, String text) {
    try {
      Files.createDirectories(root.resolve(path).getParent());
      Files.writeString(root.resolve(path), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Stage unit(String name, String text) {
    return write("etc/systemd/system/" + name, text);
  }

  /** Services that are up until somebody stops them. */
  Stage simple(String... names) {
    for (String name : names) {
      unit(name, SIMPLE);
    }
    return this;
  }

  Stage wanted(String unit, String target) {
    return link("etc/systemd/system/" + target + ".wants/" + unit, "../" + unit);
  }

  Stage link(String path, String to) {
    try {
      Files.createDirectories(root.resolve(path).getParent());
      Files.createSymbolicLink(root.resolve(path), Path.of(to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Stage delete(String path) {
    try {
      Files.delete(root.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  Stage boot(String... started) {
    return boot(252, started);
  }

  /** Boots a version of systemd, then starts some units. */
  Stage boot(int version, String... started) {
    systemd = ModelSystemd.boot(root, version);
    systemd.await(systemd.start(List.of(started)).values(), Duration.ofSeconds(5));
    host = new ModelHost(root, systemd);
    return this;
  }

  Stage pass(double seconds) {
    systemd.pass(Duration.ofNanos((long) (seconds * 1e9)));
    return this;
  }

  boolean exists(String path) {
    return Files.exists(root.resolve(path), java.nio.file.LinkOption.NOFOLLOW_LINKS);
  }

  /** {@code active/sub} of a unit. */
  String is(String unit) {
    return systemd.peek(unit).active() + "/" + systemd.peek(unit).sub();
  }

  /** How many times a unit was started since a mark of the history. */
  int starts(long mark, String unit) {
    return systemd.history().starts(mark, unit);
  }

  List<FoundHold> holds() {
    return new Disk(Layout.system(root)).holds().all().found();
  }

  Stage journal(Journal journal) {
    host.journal(journal);
    return this;
  }

  Ask quiesce(String... names) {
    return new Ask(true, names);
  }

  Ask release(String... names) {
    return new Ask(false, names);
  }

  /** The members of a report as {@code role before > after was restore}, by unit. */
  static Map<String, String> members(Report report) {
    Map<String, String> members = new TreeMap<>();
    for (Report.Member member : report.members()) {
      members.put(
          member.unit(),
          member.role().word()
              + " "
              + member.before().active()
              + " > "
              + member.after().load()
              + " "
              + member.after().active()
              + (member.restore() ? ", restored" : ""));
    }
    return members;
  }

  static List<String> inexact(Report report) {
    return report.inexact().stream().map(one -> one.unit() + ": " + one.text()).toList();
  }

  static List<String> steps(Report report) {
    return report.steps().stream().map(Report.Step::name).toList();
  }

  /** One request. */
  final class Ask {
    private final List<UnitName> names = new ArrayList<>();
    private final boolean quiesces;
    private Until until;
    private Duration lease;
    private String reason = "why";
    private Duration timeout = Duration.ofMinutes(10);
    private Duration drain = Duration.ZERO;
    private Duration settle = Duration.ZERO;
    private boolean refuseDependents;
    private boolean allowProtected;
    private boolean heldOnly;
    private boolean expiredOnly;

    private Ask(boolean quiesces, String... names) {
      this.quiesces = quiesces;
      for (String name : names) {
        this.names.add(new UnitName(name));
      }
    }

    Ask until(Until other) {
      until = other;
      return this;
    }

    Ask lease(Duration other) {
      lease = other;
      return this;
    }

    Ask reason(String other) {
      reason = other;
      return this;
    }

    Ask timeout(int seconds) {
      timeout = Duration.ofSeconds(seconds);
      return this;
    }

    Ask drain(int seconds) {
      drain = Duration.ofSeconds(seconds);
      return this;
    }

    Ask settle(int seconds) {
      settle = Duration.ofSeconds(seconds);
      return this;
    }

    Ask refuseDependents() {
      refuseDependents = true;
      return this;
    }

    Ask allowProtected() {
      allowProtected = true;
      return this;
    }

    Ask heldOnly() {
      heldOnly = true;
      return this;
    }

    Ask expiredOnly() {
      expiredOnly = true;
      return this;
    }

    VerbRequest request() {
      Scope scope = new Scope(names, false);
      Limits limits = new Limits(timeout, Duration.ZERO, false);
      Claim claim = new Claim(new Holder("a test", "a test", null), false);
      return quiesces
          ? new QuiesceRequest(
              scope,
              limits,
              claim,
              new Terms(until, reason, lease),
              drain,
              settle,
              refuseDependents,
              allowProtected)
          : new RunningRequest(scope, limits, claim, settle, heldOnly, expiredOnly);
    }

    Report check() {
      return host.run(ModelHost.checked(request()));
    }

    Report run() {
      return host.run(request());
    }

    Report run(quietus.protocol.StepListener listener) {
      return host.run(request(), listener);
    }

    /** Dies after a step, as after {@code kill -9}. */
    void dieAfter(String step) {
      try {
        run(
            ended -> {
              if (ended.equals(step)) {
                throw new Death();
              }
            });
      } catch (Death expected) {
        return;
      }
      throw new AssertionError("the run had no step " + step);
    }

    /** Dies before some reload, with all that it wrote before on the disk. */
    void dieBeforeReload(int which) {
      int[] reloads = {0};
      systemd.adversary(
          (outside, moment) -> {
            if (moment.equals("before reload") && ++reloads[0] == which) {
              throw new Death();
            }
          });
      try {
        run();
      } catch (Death expected) {
        return;
      } finally {
        systemd.adversary(Adversary.NONE);
      }
      throw new AssertionError("the run had " + reloads[0] + " reloads");
    }

    /** Runs it and expects success. */
    Report ok() {
      Report report = run();
      assertEquals(false, report.failed(), report.msg());
      return report;
    }

    /** Runs it and expects a failure with these parts in its message. */
    Report fails(String... parts) {
      Report report = run();
      assertEquals(true, report.failed(), report.msg());
      for (String part : parts) {
        assertEquals(true, report.msg().contains(part), part + " is not in: " + report.msg());
      }
      return report;
    }

    /** Checks it, runs it, and expects that the check said what the run did. */
    Report checked() {
      host.stopClock();
      Report check = check();
      Report run = run();
      assertEquals(run.changed(), check.changed(), run.msg());
      assertEquals(run.failed(), check.failed(), run.msg());
      assertEquals(
          run.msg(),
          check.msg().replace("Check mode: nothing was changed. A run would report: ", ""));
      assertEquals(run.warnings(), check.warnings());
      assertEquals(run.inexact(), check.inexact());
      assertEquals(members(run), members(check));
      return run;
    }
  }

  private static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1;
  }
}
