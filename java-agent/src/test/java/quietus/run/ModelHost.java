// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import quietus.apply.Host;
import quietus.disk.BusServices;
import quietus.disk.ControlGroups;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.disk.Listeners;
import quietus.disk.UnitFiles;
import quietus.hold.Holder;
import quietus.hold.Until;
import quietus.model.ModelSystemd;
import quietus.protocol.Claim;
import quietus.protocol.InfoRequest;
import quietus.protocol.Limits;
import quietus.protocol.QuiesceRequest;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.RunningRequest;
import quietus.protocol.Scope;
import quietus.protocol.StepListener;
import quietus.protocol.Terms;
import quietus.protocol.VerbRequest;
import quietus.systemd.Journal;
import quietus.systemd.Systemd;
import quietus.unit.UnitName;
import quietus.why.Answer;
import quietus.why.Attempts;

/** The agent on the in-memory systemd, with the real edge to the files below a temporary root. */
final class ModelHost {
  /** A host that tells nothing of its past. */
  static final Past NO_PAST =
      new Past() {
        @Override
        public Answer startedBy(String unit) {
          return null;
        }

        @Override
        public Attempts attempts(Map<String, String> names, long since, long until) {
          return null;
        }
      };

  final ModelSystemd systemd;
  private final Path root;
  private final Systemd asked;
  private Instant fixed;
  private Journal journal = new Silence();
  private Past past = NO_PAST;

  ModelHost(Path root, ModelSystemd systemd) {
    this(root, systemd, systemd);
  }

  /**
   * @param root where the agent reads and writes, such as one whose operations can fail
   * @param asked what the agent asks, which is on top of the model
   */
  ModelHost(Path root, ModelSystemd systemd, Systemd asked) {
    this.root = root;
    this.systemd = systemd;
    this.asked = asked;
  }

  /** Stops the clock of the runs to come, so that one differs from the next in nothing else. */
  void stopClock() {
    fixed = now();
  }

  /** Sets the wall clock of the runs to come; the time that passes is in /proc/uptime. */
  void setClock(Instant clock) {
    fixed = clock;
  }

  /** Gives the runs to come another journal. */
  void journal(Journal other) {
    journal = other;
  }

  /** Gives the runs to come another past. */
  void past(Past other) {
    past = other;
  }

  private Instant now() {
    return Instant.parse("2026-01-01T00:00:00Z").plusNanos(systemd.now() * 1000);
  }

  Report run(Request request, StepListener listener) {
    systemd.reconnect();
    Clock clock = Clock.fixed(fixed == null ? now() : fixed, ZoneOffset.UTC);
    Host host =
        new Host(
            asked,
            new Disk(Layout.system(root)),
            new UnitFiles(unitPath()),
            new BusServices(root, false),
            new ControlGroups(root),
            new Listeners(root),
            journal,
            clock,
            "quietus",
            root.resolve("quietus.jar"),
            "/usr/bin/java",
            "test");
    return new Agent(host, listener, past).run(request);
  }

  /** The directories of unit files, in the file system of the root. */
  private List<Path> unitPath() {
    List<Path> directories = new ArrayList<>();
    for (Path directory : systemd.unitPath()) {
      directories.add(root.getFileSystem().getPath(directory.toString()));
    }
    return directories;
  }

  Report run(Request request) {
    return run(request, step -> {});
  }

  /** True when there is a hold on the host, in either phase. */
  boolean isHeld() {
    return !new Disk(Layout.system(root)).holds().all().found().isEmpty();
  }

  private static final Claim TEST = new Claim(new Holder("a test", "a test", null), false);
  private static final Limits LIMITS = new Limits(Duration.ofMinutes(10), Duration.ZERO, false);

  static QuiesceRequest quiesce(String... units) {
    return new QuiesceRequest(
        scope(units),
        LIMITS,
        TEST,
        new Terms(Until.RELEASED, "why", null),
        Duration.ZERO,
        Duration.ZERO,
        false,
        false);
  }

  static RunningRequest release(String... units) {
    return new RunningRequest(scope(units), LIMITS, TEST, Duration.ZERO, false, false);
  }

  /** To release what of it has a lease that is over. */
  static RunningRequest expired(String... units) {
    return new RunningRequest(scope(units), LIMITS, TEST, Duration.ZERO, false, true);
  }

  static InfoRequest info(String... units) {
    return new InfoRequest(scope(units));
  }

  private static Scope scope(String... units) {
    List<UnitName> names = new ArrayList<>();
    for (String unit : units) {
      names.add(new UnitName(unit));
    }
    return new Scope(names, false);
  }

  /** The same request, only checked. */
  static VerbRequest checked(VerbRequest run) {
    Limits limits = new Limits(run.timeout(), run.limits().lockTimeout(), true);
    return with(run, limits, run.claim(), run.settle());
  }

  /** The same request by somebody else. */
  static VerbRequest by(Holder holder, boolean takeover, VerbRequest run) {
    return with(run, run.limits(), new Claim(holder, takeover), run.settle());
  }

  /** The same request that waits only so long. */
  static VerbRequest within(Duration timeout, VerbRequest run) {
    Limits limits = new Limits(timeout, run.limits().lockTimeout(), run.check());
    return with(run, limits, run.claim(), run.settle());
  }

  /** The same request that watches for that long. */
  static VerbRequest settling(Duration settle, VerbRequest run) {
    return with(run, run.limits(), run.claim(), settle);
  }

  private static VerbRequest with(VerbRequest run, Limits limits, Claim claim, Duration settle) {
    return run instanceof QuiesceRequest quiesce
        ? new QuiesceRequest(
            run.scope(),
            limits,
            claim,
            quiesce.terms(),
            quiesce.drain(),
            settle,
            quiesce.refuseDependents(),
            quiesce.allowProtected())
        : new RunningRequest(
            run.scope(),
            limits,
            claim,
            settle,
            ((RunningRequest) run).heldOnly(),
            ((RunningRequest) run).expiredOnly());
  }

  /** The same request with other terms. */
  static QuiesceRequest terms(Terms terms, QuiesceRequest run) {
    return new QuiesceRequest(
        run.scope(),
        run.limits(),
        run.claim(),
        terms,
        run.drain(),
        run.settle(),
        run.refuseDependents(),
        run.allowProtected());
  }

  /** The same request with another reason. */
  static QuiesceRequest reason(String reason, QuiesceRequest run) {
    return terms(new Terms(run.terms().until(), reason, run.terms().lease()), run);
  }

  /** The same request with a lease. */
  static QuiesceRequest lease(Duration lease, QuiesceRequest run) {
    return terms(new Terms(run.terms().until(), run.terms().reason(), lease), run);
  }

  /** The same request with other permissions. */
  static QuiesceRequest with(boolean refuseDependents, boolean allowProtected, QuiesceRequest run) {
    return new QuiesceRequest(
        run.scope(),
        run.limits(),
        run.claim(),
        run.terms(),
        run.drain(),
        run.settle(),
        refuseDependents,
        allowProtected);
  }

  /** A journal that nobody reads. */
  static final class Silence implements Journal {
    @Override
    public void say(Collection<String> units, String message) {}

    @Override
    public List<String> tail(String unit) {
      return List.of();
    }

    @Override
    public String finish() {
      return null;
    }
  }
}
