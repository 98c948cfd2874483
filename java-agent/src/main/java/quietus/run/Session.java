// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import quietus.apply.Host;
import quietus.disk.BusServices;
import quietus.disk.ControlGroups;
import quietus.disk.Disk;
import quietus.disk.Launcher;
import quietus.disk.Layout;
import quietus.disk.Listeners;
import quietus.disk.Mounts;
import quietus.disk.UnitFiles;
import quietus.hold.Holder;
import quietus.protocol.Extras;
import quietus.protocol.Report;
import quietus.protocol.Request;
import quietus.protocol.StepListener;
import quietus.systemd.DbusSystemd;
import quietus.systemd.Logger;
import quietus.systemd.Systemd;
import quietus.unit.UnitName;

/** Connects one run with the host that this process runs on. */
public final class Session {
  /**
   * The agent's version; a constant, because reading a resource would open the jar in every run.
   */
  public static final String VERSION = "0.1.0";

  private static final Path COMMAND = Path.of("/usr/local/sbin/quietus");
  private static final Path ROOT = Path.of("/");

  private Session() {}

  /** Runs a request against this host's systemd. */
  public static Report run(Request request) {
    if (!request.user() && !isRoot()) {
      return failed(
          "only root can hold the system's units, and this is "
              + user()
              + "; run it as root (sudo, or become: true in Ansible), or give scope: user (--user)"
              + " for units of your own manager. Nothing was touched");
    }
    try (Systemd systemd = request.user() ? DbusSystemd.user() : DbusSystemd.system()) {
      Host host =
          new Host(
              systemd,
              disk(request.user()),
              new UnitFiles(searchPath(systemd)),
              new BusServices(ROOT, request.user()),
              new ControlGroups(ROOT),
              new Listeners(ROOT),
              new Logger(request.user()),
              Clock.systemUTC(),
              command(request.user()),
              agent(),
              java(),
              VERSION);
      return new Agent(host, listener(), new HostPast(systemd, request.user())).run(request);
    }
  }

  private static Supplier<List<Path>> searchPath(Systemd systemd) {
    return new Supplier<>() {
      @Override
      public List<Path> get() {
        return systemd.unitPath();
      }
    };
  }

  /** The files of Quietus on this host. */
  public static Disk disk(boolean user) {
    return new Disk(layout(user));
  }

  /** The report of an error before a run could begin. */
  public static Report failed(String msg) {
    return new Report(
        false,
        true,
        msg,
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        List.of(),
        VERSION,
        Extras.NONE);
  }

  /**
   * How a person calls Quietus at a shell: the command of the role agent, else the launcher that a
   * hold leaves, by sh where its file system runs no programs. A hold of an agent older than the
   * launcher has none.
   */
  public static String command(boolean user) {
    if (!user && Files.exists(COMMAND)) { // the role's command is root's
      return "quietus";
    }
    Layout layout = layout(user);
    Path launcher = Launcher.path(layout);
    if (Files.isExecutable(launcher)) {
      return launcher.toString();
    }
    if (Files.exists(launcher)) {
      return "sh " + launcher;
    }
    if (!new Disk(layout).holds().all().found().isEmpty()) {
      return "java -jar " + agent();
    }
    return Mounts.read().isNoexec(launcher) ? "sh " + launcher : launcher.toString();
  }

  private static Layout layout(boolean user) {
    return user ? Layout.user() : Layout.system(ROOT);
  }

  private static Path agent() {
    return Path.of(System.getProperty("java.class.path")).toAbsolutePath();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The owner of holds that a person or a script on this host makes. */
  public static Holder holder() {
    return new Holder(user(), user() + "@" + hostName() + " (shell)", null);
  }

  private static String hostName() {
    try {
      return UnitName.printable(
          new String(
                  Files.readAllBytes(Path.of("/proc/sys/kernel/hostname")), StandardCharsets.UTF_8)
              .trim());
    } catch (IOException e) {
      return "this host";
    }
  }

  /** Who runs this process: {@code root}, or {@code admin through sudo}. */
  public static String user() {
    String sudo = System.getenv("SUDO_USER");
    String name = System.getProperty("user.name", "?");
    return sudo == null || sudo.isEmpty() ? name : UnitName.printable(sudo) + " through sudo";
  }

  /** This process's user; -1 when /proc does not tell. */
  static long uid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      return -1;
    }
  }

  private static boolean isRoot() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * For tests: {@code -Dquietus.kill-after=STEP} ends this process as kill -9 does when that step
   * has ended.
   */
  private static StepListener listener() {
    String last = System.getProperty("quietus.kill-after");
    return new StepListener() {
      @Override
      public void ended(String step) {
        if (step.equals(last)) {
          Runtime.getRuntime().halt(137);
        }
      }
    };
  }
}
