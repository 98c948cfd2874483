// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.nio.file.Path;
import java.time.Clock;
import quietus.disk.BusServices;
import quietus.disk.ControlGroups;
import quietus.disk.Disk;
import quietus.disk.Listeners;
import quietus.disk.UnitFiles;
import quietus.plan.HostView;
import quietus.systemd.Journal;
import quietus.systemd.Systemd;

/**
 * The host that a run acts on, and how the agent is called there.
 *
 * @param command how a person calls this agent at a shell, such as {@code quietus}; gates and
 *     messages give it
 * @param agent this agent's jar
 * @param java the JVM that runs it
 * @param version the agent's version
 */
public record Host(
    Systemd systemd,
    Disk disk,
    UnitFiles unitFiles,
    BusServices busServices,
    ControlGroups groups,
    Listeners listeners,
    Journal journal,
    Clock clock,
    String command,
    Path agent,
    String java,
    String version) {
  /** The read-only view of this host. */
  public HostView view() {
    return new HostView(systemd, disk, unitFiles, busServices, groups, clock, command);
  }
}
