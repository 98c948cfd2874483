// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import quietus.lab.Host;
import quietus.lab.Suites;

/** A container of Podman, as a service that Podman's generator makes of a .container file. */
class QuadletIT {
  /** Of files that the host has, since no registry is asked. */
  private static final String IMAGE =
      "cd / && tar -chf - usr/bin/sleep usr/lib64/ld-linux-x86-64.so.2"
          + " usr/lib/x86_64-linux-gnu/libc.so.6 --transform"
          + " 's,^usr/lib64,lib64,;s,^usr/lib/,lib/,' | podman import - localhost/tiny";

  /** Without control groups of its own: the lab's hosts have not the controllers. */
  private static final String CONTAINER =
      "[Container]\nImage=localhost/tiny\nExec=/usr/bin/sleep infinity\nNetwork=none\nPull=never\n"
          + "PodmanArgs=--cgroups=disabled\n"
          + "[Service]\nRestart=always\n[Install]\nWantedBy=multi-user.target\n";

  private static String containers(Host host) {
    return host.sh("podman ps --format '{{.Names}} {{.State}}'").ok();
  }

  @Test
  void aContainerOfAQuadletIsHeldOverReloadsAndABootAndRunsAgain() {
    Assumptions.assumeTrue(Suites.all().contains("trixie"), "Podman 4.3 has no quadlets");
    try (Host host = Host.boot("packages:trixie")) {
      host.sh(IMAGE).ok();
      host.sh("mkdir -p /etc/containers/systemd").ok();
      host.write("/etc/containers/systemd/box.container", CONTAINER, 0644);
      host.sh("systemctl daemon-reload && systemctl start box.service").ok();
      assertEquals("generated", host.show("box.service", "UnitFileState"));
      assertEquals("systemd-box running", containers(host));

      host.quiesce("box").ok();
      assertEquals("", containers(host));
      host.sh("systemctl daemon-reload").ok();
      assertNotEquals(0, host.sh("systemctl start box.service").status());
      host.reboot();
      host.sh("systemctl start multi-user.target").ok();
      assertEquals("masked", host.show("box.service", "LoadState"));
      assertEquals("", containers(host));
      assertFalse(host.quiesce("box").ok().changed());

      host.release("box").ok();
      assertEquals("generated", host.show("box.service", "UnitFileState"));
      assertEquals("active", host.show("box.service", "ActiveState"));
      assertEquals("systemd-box running", containers(host));
      assertEquals("", host.sh("find /etc/systemd/system.control -not -type d").out());
    }
  }
}
