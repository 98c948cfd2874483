// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import quietus.hold.AllHolds;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Lease;
import quietus.hold.Now;
import quietus.hold.Until;

/**
 * The lease runner: one timer for all leases of a lifetime, the service that it starts, and a copy
 * of the agent, so that nothing but a JVM is needed then. The service releases whatever is due.
 *
 * <p>The timer is armed for the first lease that ends, by a drop-in under /run that a boot takes
 * away. Without it, the timer starts the service once after the boot, which arms it again.
 */
public final class Leases implements DiskView.LeasesView {
  private static final String PREFIX = "quietus-lease";

  private final Layout layout;
  private final TrustedFiles files;

  Leases(Layout layout, TrustedFiles files) {
    this.layout = layout;
    this.files = files;
  }

  private static String name(Until until) {
    return until == Until.RELEASED ? PREFIX : PREFIX + "-runtime";
  }

  /** The timer of all leases on holds of a lifetime. */
  public static String timer(Until until) {
    return name(until) + ".timer";
  }

  @Override
  public String service(Until until) {
    return name(until) + ".service";
  }

  private Path unit(Until until, String suffix) {
    return layout.units(until).resolve(name(until) + suffix);
  }

  private Path link(Until until) {
    return layout.units(until).resolve("timers.target.wants").resolve(timer(until));
  }

  private Path armed(Until until) {
    return layout.units(Until.REBOOT).resolve(timer(until) + ".d").resolve("armed.conf");
  }

  @Override
  public boolean isSet(Hold hold, Now now) {
    Until until = hold.until();
    byte[] service = files.read(unit(until, ".service"));
    if (service == null
        || !TrustedFiles.exists(unit(until, ".timer"))
        || !TrustedFiles.exists(link(until))) {
      return false;
    }
    byte[] armed = files.read(armed(until));
    if (armed != null
        && LeaseText.armedIn(new String(armed, StandardCharsets.UTF_8), now)
            > Math.max(hold.lease().left(now), LeaseText.OVERDUE) + LeaseText.SLACK) {
      return false;
    }
    return hasJar(until, new String(service, StandardCharsets.UTF_8));
  }

  private boolean hasJar(Until until, String service) {
    for (String name : files.list(layout.state(until))) {
      if (name.endsWith(".jar") && service.contains(name)) {
        return true;
      }
    }
    return false;
  }

  /** The leases of one lifetime among all holds of a host. */
  public static List<Lease> of(Iterable<Hold> holds, Until until) {
    List<Lease> leases = new ArrayList<>();
    for (Hold hold : holds) {
      if (hold.lease() != null && hold.until() == until) {
        leases.add(hold.lease());
      }
    }
    return leases;
  }

  /**
   * Writes what is missing of the runner, and arms it for the first lease that ends; systemd has to
   * reload and to restart the timer when this returns true.
   *
   * @param leases all of that lifetime; at least one
   * @param least how many seconds from now the timer fires at the earliest; more than 0 after a run
   *     of the service
   * @param agent the jar of this agent
   * @param java the JVM that runs it; where that is gone by then, the one on PATH is taken
   * @param user the holds are in a user's manager
   */
  public boolean arm(
      Until until, List<Lease> leases, Now now, long least, Path agent, String java, boolean user) {
    long left = Long.MAX_VALUE;
    // after a run of the service its release was tried; before one it is due at once
    long overdue = least > 0 ? LeaseText.OVERDUE : 1;
    for (Lease lease : leases) {
      left = Math.min(left, lease.isOver(now) ? overdue : lease.left(now));
    }
    left = Math.max(left, least);
    boolean written = writeRunner(until, agent, java, user);
    byte[] found = files.read(armed(until));
    if (least == 0
        && !written
        && found != null
        && Math.abs(LeaseText.armedIn(new String(found, StandardCharsets.UTF_8), now) - left)
            <= LeaseText.SLACK) {
      return false;
    }
    files.directory(armed(until).getParent(), "rwxr-xr-x");
    write(armed(until), LeaseText.armed(left, now));
    return true;
  }

  /** Returns true when anything of it was missing. */
  private boolean writeRunner(Until until, Path agent, String java, boolean user) {
    byte[] bytes = AgentCopy.read(agent);
    files.directory(layout.state(until), "rwx------");
    String name = AgentCopy.name(bytes, layout.state(until), files);
    Path jar = layout.state(until).resolve(name);
    files.directory(link(until).getParent(), "rwxr-xr-x");
    boolean written = !Arrays.equals(bytes, files.read(jar));
    if (written) {
      files.write(jar, bytes, "rw-------");
    }
    written |=
        writeIfOther(
            unit(until, ".service"), LeaseText.service(jar, AgentCopy.sum(name), java, user));
    written |= writeIfOther(unit(until, ".timer"), LeaseText.TIMER);
    written |= files.symbolicLink(link(until), Path.of("..").resolve(timer(until)));
    AgentCopy.deleteOthers(jar, files);
    return written;
  }

  private boolean writeIfOther(Path file, String text) {
    byte[] found = files.read(file);
    if (found != null && new String(found, StandardCharsets.UTF_8).equals(text)) {
      return false;
    }
    write(file, text);
    return true;
  }

  private void write(Path file, String text) {
    files.write(file, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
  }

  @Override
  public List<Path> left(AllHolds all) {
    List<Path> left = new ArrayList<>();
    for (Until until : Until.values()) {
      left.addAll(files(until, !hasLease(all, until)));
    }
    return left;
  }

  private static boolean hasLease(AllHolds all, Until until) {
    for (FoundHold found : all.found()) {
      if (found.hold().until() == until && found.hold().lease() != null) {
        return true;
      }
    }
    return false;
  }

  /** The files of leases, the timers first. */
  private List<Path> files(Until until, boolean own) {
    List<Path> found = new ArrayList<>();
    for (Path dir : List.of(layout.units(until), link(until).getParent())) {
      for (String name : names(dir)) {
        boolean current = name.startsWith(PREFIX + ".") || name.startsWith(PREFIX + "-runtime.");
        if (current
            ? own && (name.equals(timer(until)) || name.equals(name(until) + ".service"))
            : name.startsWith(PREFIX + "-")
                && (name.endsWith(".timer") || name.endsWith(".service"))) {
          found.add(dir.resolve(name));
        }
      }
    }
    if (own) {
      if (names(armed(until).getParent()).contains("armed.conf")) {
        found.add(armed(until));
      }
      for (String name : names(layout.state(until))) {
        if (name.endsWith(".jar")) {
          found.add(layout.state(until).resolve(name));
        }
      }
    }
    return found;
  }

  /** In a directory that is not trusted nothing of ours was written. */
  private List<String> names(Path dir) {
    try {
      return files.list(dir);
    } catch (DiskException e) {
      return List.of();
    }
  }

  /** Deletes files of leases, and the directories that are empty then. */
  public void clear(List<Path> left) {
    for (Path file : left) {
      files.delete(file);
      if (file.endsWith("armed.conf")) {
        files.deleteEmpty(file.getParent());
      }
    }
  }

  /** All files of the runner of a lifetime that are there. */
  public List<Path> runner(Until until) {
    return files(until, true);
  }
}
