package quietus.run;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.StepListener;
import quietus.protocol.Terms;
import quietus.systemd.Journal;
import quietus.unit.UnitName;

/** The agent on the in-memory systemd, with the real edge to the files below a temporary root. */
final class ModelHost {
  final ModelSystemd systemd;
  private final Path root;
  private Instant fixed;

  ModelHost(Path root, ModelSystemd systemd) {
    this.root = root;
    this.systemd = systemd;
  }

  /** Stops the clock of the runs to come, so that one differs from the next in nothing else. */
  void stopClock() {
    fixed = now();
  }

  private Instant now() {
    return Instant.parse("2026-01-01T00:00:00Z").plusNanos(systemd.now() * 1000);
  }

  Report run(Request request, StepListener listener) {
    systemd.reconnect();
    Clock clock = Clock.fixed(fixed == null ? now() : fixed, ZoneOffset.UTC);
    Host host =
        new Host(
            systemd,
            new Disk(Layout.system(root)),
            new UnitFiles(systemd.unitPath()),
            new BusServices(root, false),
            new ControlGroups(root),
            new Listeners(root),
            new Silence(),
            clock,
            "quietus",
            root.resolve("quietus.jar"),
            "/usr/bin/java",
            "test");
    return new Agent(host, listener).run(request);
  }

  Report run(Request request) {
    return run(request, step -> {});
  }

  /** True when there is a hold on the host, in either phase. */
  boolean isHeld() {
    return !new Disk(Layout.system(root)).holds().all().found().isEmpty();
  }

  static Request quiesce(String... units) {
    return request(Request.State.QUIESCED, units);
  }

  /** The same request, only checked. */
  static Request checked(Request run) {
    return new Request(
        run.names(),
        run.state(),
        run.terms(),
        run.timeout(),
        run.lockTimeout(),
        run.drain(),
        run.settle(),
        run.refuseDependents(),
        run.allowProtected(),
        run.user(),
        true,
        run.expiredOnly());
  }

  static Request release(String... units) {
    return request(Request.State.RUNNING, units);
  }

  /** The same request by somebody else. */
  static Request by(Holder holder, boolean takeover, Request request) {
    Terms terms = request.terms();
    return with(new Terms(terms.until(), holder, terms.reason(), terms.lease(), takeover), request);
  }

  /** The same request with another reason. */
  static Request reason(String reason, Request request) {
    Terms terms = request.terms();
    return with(
        new Terms(terms.until(), terms.holder(), reason, terms.lease(), terms.takeover()), request);
  }

  private static Request with(Terms terms, Request request) {
    return new Request(
        request.names(),
        request.state(),
        terms,
        request.timeout(),
        request.lockTimeout(),
        request.drain(),
        request.settle(),
        request.refuseDependents(),
        request.allowProtected(),
        request.user(),
        request.check(),
        request.expiredOnly());
  }

  private static Request request(Request.State state, String... units) {
    List<UnitName> names = new ArrayList<>();
    for (String unit : units) {
      names.add(new UnitName(unit));
    }
    return new Request(
        names,
        state,
        new Terms(
            state == Request.State.QUIESCED ? Until.RELEASED : null,
            new Holder("a test", "a test", null),
            "why",
            null,
            false),
        Duration.ofMinutes(10),
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        false,
        false,
        false,
        false,
        false);
  }

  /** A journal that nobody reads. */
  private static final class Silence implements Journal {
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
