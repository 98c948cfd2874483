// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/**
 * The family of the story on a host; its service counts the starts of this boot. It writes nothing
 * to the disk, so that a full or read-only disk affects only the agent.
 */
final class Story {
  static final String UNITS = "myapi.service myapi.socket myapi.timer myapi.path";
  static final String DOWN = "inactive inactive inactive inactive";

  private final KernelHost host;

  private Story(KernelHost host) {
    this.host = host;
  }

  /** Installs it, and starts it. */
  static Story on(KernelHost host) {
    host.write(
        "/usr/local/bin/myapi",
        KernelHost.file("lab/story/myapi").replace("/var/lib/myapi/starts", "/run/myapi-starts"));
    for (String unit : UNITS.split(" ")) {
      host.unit(
          unit,
          KernelHost.file("lab/story/" + unit).replace("/var/lib/myapi/stops", "/run/myapi-stops"));
    }
    host.sh(
            "chmod 755 /usr/local/bin/myapi; mkdir -p /var/lib/myapi; systemctl daemon-reload;"
                + " systemctl enable --now "
                + UNITS
                + "; sync")
        .ok();
    return new Story(host);
  }

  /** The states when all of it is up; the timer's state is final only when the service runs. */
  String up() {
    host.await(
        "[ \"$(systemctl show --value -p SubState myapi.timer)\" = running ] && systemctl is-active"
            + " -q "
            + UNITS);
    return host.states(UNITS);
  }

  /** How often the service was started since the boot. */
  int starts() {
    return Integer.parseInt(host.sh("cat /run/myapi-starts 2>/dev/null | wc -l").ok());
  }

  boolean isHeld() {
    String held = "[ -e /etc/quietus/holds/myapi.service -o -e /run/quietus/holds/myapi.service ]";
    return host.sh(held).status() == 0;
  }

  /** Opens every door, and fails when the service starts or a unit comes up. */
  void staysDown(String when) {
    int before = starts();
    host.sh(
        "touch /run/wake-myapi; systemctl start multi-user.target sockets.target timers.target"
            + " paths.target; for u in "
            + UNITS
            + "; do systemctl start $u; done; curl -s --max-time 1 http://127.0.0.1:8080/; rm -f"
            + " /run/wake-myapi");
    assertEquals(DOWN, host.active(UNITS), when);
    assertEquals(before, starts(), when + ": starts while held");
  }

  /**
   * A hold is listed; without a record, each leftover file is named by a warning of holds and of
   * status.
   *
   * @return whether something was left that no hold uses
   */
  boolean isNamed(boolean isHeld, String when) {
    String traces = host.traces();
    KernelHost.Result holds = host.sh(KernelHost.quietus("holds"));
    String status = host.sh(KernelHost.quietus("status myapi") + " 2>&1").out();
    if (isHeld || traces.contains("/releasing/")) {
      assertTrue(holds.ok().contains("myapi.service"), when + ": " + holds);
      return false;
    }
    if (traces.isEmpty()) {
      return false;
    }
    for (String told : List.of(holds.err(), status)) {
      for (String file : traces.split("\n")) {
        String gate = file.replaceFirst(".*/system.control/([^/]+)\\.d/.*", "gates of $1");
        String named = gate.equals(file) ? file.substring(file.lastIndexOf('/') + 1) : gate;
        assertTrue(
            told.contains(named)
                || named.startsWith("gates of myapi.") && told.contains("gates of myapi.service"),
            when + ": " + file + " is not in " + told);
      }
    }
    return true;
  }
}
