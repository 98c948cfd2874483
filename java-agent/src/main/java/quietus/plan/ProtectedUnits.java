// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Set;
import quietus.unit.UnitName;

/**
 * The units that Ansible's connection, the message bus or the boot depend on. Stopping one of them
 * can make the host unreachable.
 */
public final class ProtectedUnits {
  private static final Set<String> NAMES =
      Set.of(
          "ssh.service",
          "sshd.service",
          "ssh.socket",
          "sshd.socket",
          "sshd@.service",
          "ssh@.service",
          "dbus.service",
          "dbus.socket",
          "dbus-broker.service",
          "dbus-daemon.service",
          "NetworkManager.service",
          "networking.service",
          "wpa_supplicant.service",
          "polkit.service",
          "emergency.service",
          "rescue.service",
          "basic.target",
          "sysinit.target",
          "sockets.target",
          "timers.target",
          "paths.target",
          "slices.target",
          "local-fs.target",
          "local-fs-pre.target",
          "remote-fs.target",
          "swap.target",
          "network.target",
          "network-online.target",
          "network-pre.target",
          "multi-user.target",
          "graphical.target",
          "default.target",
          "getty.target",
          "rescue.target",
          "emergency.target",
          "shutdown.target",
          "umount.target",
          "final.target",
          "reboot.target",
          "poweroff.target",
          "halt.target",
          "kexec.target",
          "exit.target",
          "initrd.target",
          "-.mount",
          "-.slice",
          "system.slice",
          "user.slice",
          "machine.slice",
          "init.scope",
          "cloud-init.service",
          "user@.service",
          "user-runtime-dir@.service",
          "initctl.socket");
  private static final Set<String> USER_NAMES =
      Set.of(
          "basic.target",
          "sockets.target",
          "timers.target",
          "paths.target",
          "default.target",
          "dbus.service",
          "dbus.socket",
          "dbus-broker.service",
          "init.scope",
          "-.slice",
          "app.slice",
          "session.slice",
          "background.slice",
          "shutdown.target",
          "exit.target");

  /** They begin like systemd's own services, and run containers and virtual machines. */
  private static final Set<String> MACHINES =
      Set.of("systemd-nspawn@.service", "systemd-vmspawn@.service");

  private final boolean user;
  private final String ownGroup;

  /**
   * @param user true for the units of a user manager
   * @param ownControlGroup the control group of this process; a unit that contains it is protected
   */
  public ProtectedUnits(boolean user, String ownControlGroup) {
    this.user = user;
    this.ownGroup = ownControlGroup + "/";
  }

  /** Why a unit is protected, as the end of a sentence; null when it is not. */
  public String reason(String unit) {
    String template = UnitName.templateOf(unit);
    if ((user ? USER_NAMES : NAMES).contains(unit)
        || !user && template != null && NAMES.contains(template)) {
      return "remote access, the message bus or the boot depends on it";
    }
    if (!user
        && !(MACHINES.contains(unit) || template != null && MACHINES.contains(template))
        && (unit.startsWith("systemd-") || unit.startsWith("user@") || unit.startsWith("user-"))) {
      return "it is a part of systemd itself";
    }
    if (ownGroup.contains("/" + unit + "/")) {
      return "this run of Quietus is one of its processes";
    }
    return null;
  }
}
