// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.Ending;
import quietus.unit.State;
import quietus.unit.Unit;

/**
 * A running systemd, over D-Bus: through the manager's own socket where we may use it, otherwise
 * through the bus.
 */
public final class DbusSystemd implements Systemd {
  /** How long a reload may take, in ns. */
  private static final long RELOAD = 900_000_000_000L;

  private final Link link;

  private DbusSystemd(Link link) {
    this.link = link;
  }

  /**
   * Begins, on another thread, to load what the JVM needs for its first unix socket (its security
   * providers among it, 10 to 20 ms), while the caller reads its request. To be called once, at the
   * start of the process; nothing depends on it.
   */
  public static void prepare() {
    Thread thread =
        new Thread(null, null, "prepare", 0, false) {
          @Override
          public void run() {
            Handshake.prepare();
          }
        };
    thread.setDaemon(true);
    thread.start();
  }

  /** Loads the classes of the one call that the other verbs need and check mode does not. */
  public static void warmUp() {
    Jobs.warmUp();
  }

  /**
   * PID 1: asked by root on its own socket /run/systemd/private, which needs no bus; everybody else
   * asks on the system bus. The first call connects.
   */
  public static DbusSystemd system() {
    return new DbusSystemd(new Link(false));
  }

  /**
   * The calling user's manager: asked on its own socket in {@code $XDG_RUNTIME_DIR/systemd}, else
   * on the user's bus. Where the variable is not set, as in a command over ssh without a session,
   * {@code /run/user/UID} is used. The first call connects.
   */
  public static DbusSystemd user() {
    return new DbusSystemd(new Link(true));
  }

  /**
   * A manager at one socket; for tests that compare the ways, or have a false peer.
   *
   * @param reply how long systemd may take for an answer
   */
  static DbusSystemd at(Path socket, boolean bus, Duration reply) {
    return new DbusSystemd(new Link(Endpoint.at(socket, bus, reply.toNanos()), reply.toNanos()));
  }

  /** A property of the manager; the body is positioned at its value. */
  private Body property(String name, String type) {
    return link.ask(new Call(Call.MANAGER_PATH, Call.PROPERTIES, "Get", "ss", Call.MANAGER, name))
        .body("v")
        .variant(type);
  }

  @Override
  public int version() {
    String version = property("Version", "s").string();
    int number = 0;
    int i = version.startsWith("v") ? 1 : 0;
    for (; i < version.length() && version.charAt(i) >= '0' && version.charAt(i) <= '9'; i++) {
      number = number * 10 + version.charAt(i) - '0';
    }
    return number;
  }

  @Override
  public List<Path> unitPath() {
    List<Path> directories = new ArrayList<>();
    for (String directory : property("UnitPath", "as").strings()) {
      try {
        directories.add(Path.of(directory));
      } catch (InvalidPathException e) {
        throw SystemdException.malformed("a unit directory that is no path in this locale");
      }
    }
    return List.copyOf(directories);
  }

  @Override
  public long lastReload() {
    long last = 0;
    try {
      last = property("UnitsLoadTimestamp", "t").longNumber();
    } catch (SystemdException e) {
      // before systemd 250 only the time of the boot is known
      if (e.error().isEmpty()) {
        throw e;
      }
    }
    return last != 0 ? last : property("UnitsLoadStartTimestamp", "t").longNumber();
  }

  @Override
  public Map<String, Unit> load(Collection<String> names) {
    return new UnitLoader(link).load(names);
  }

  @Override
  public Map<String, List<String>> dropIns(Collection<String> names) {
    return new UnitLoader(link).dropIns(names);
  }

  @Override
  public Set<String> edited(Collection<String> names) {
    return new UnitLoader(link).edited(names);
  }

  @Override
  public Map<String, State> states(Collection<String> names) {
    return new UnitStates(link).states(names);
  }

  @Override
  public Map<String, Ending> endings(Collection<String> names) {
    return EndingReader.endings(link, names);
  }

  @Override
  public Map<String, State> loaded(String... patterns) {
    return new UnitStates(link).loaded(patterns);
  }

  @Override
  public void reload() {
    link.repeat(Call.manager("Reload", ""), RELOAD);
  }

  @Override
  public Map<String, Long> stop(List<String> units) {
    return new Jobs(link).stop(units);
  }

  @Override
  public Map<String, Long> start(List<String> units) {
    return new Jobs(link).start(units);
  }

  @Override
  public void cancel(Collection<Long> jobs) {
    new Jobs(link).cancel(jobs);
  }

  @Override
  public void resetFailed(Collection<String> units) {
    new Jobs(link).resetFailed(units);
  }

  @Override
  public long startOneshotBefore(
      String name,
      String description,
      List<List<String>> commands,
      List<String> wants,
      List<String> before) {
    return new Jobs(link).startOneshotBefore(name, description, commands, wants, before);
  }

  @Override
  public Map<Long, String> await(Collection<Long> jobs, Duration limit) {
    return new Waits(link).jobs(jobs, limit);
  }

  @Override
  public boolean awaitChange(Collection<String> units, Duration limit) {
    return new Waits(link).change(units, limit);
  }

  @Override
  public int refused(Collection<String> units) {
    int refused = 0;
    for (String unit : units) {
      refused += link.signals().refused.getOrDefault(unit, 0);
    }
    return refused;
  }

  @Override
  public Map<String, Map<String, Object>> properties(
      Collection<String> units, List<String> properties) {
    PropertyCalls asked = new PropertyCalls(units, properties);
    asked.read(link.ask(asked.calls()));
    return asked.values();
  }

  @Override
  public void close() {
    link.close();
  }
}
