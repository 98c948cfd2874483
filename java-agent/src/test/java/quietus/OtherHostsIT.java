// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import quietus.lab.Host;

/** Hosts that are set up in other ways than the lab's: docs/guide.md, "Other hosts". */
class OtherHostsIT extends Cases {
  private static final String GENERATOR = "/etc/systemd/system-generators/cases";

  @Override
  @AfterEach
  void everythingIsGone() {
    host.sh("umount /etc; umount /var; rm -f " + GENERATOR);
    super.everythingIsGone();
  }

  private static void remount(String directory, String option) {
    host.sh(
            "mount --bind "
                + directory
                + " "
                + directory
                + " && mount -o remount,bind,"
                + option
                + " "
                + directory)
        .ok();
  }

  /** As image-based systems have it. */
  @Test
  void onAReadOnlyEtcAHoldUntilTheRebootNeedsNothingOfIt() {
    service("myapi.service");
    start("myapi.service");
    remount("/etc", "ro");
    Host.Answer refused = quiesce("myapi");
    assertTrue(refused.failed(), refused.toString());
    assertSays(refused.msg(), "mounted read-only: with until=reboot nothing is written");
    assertEquals("active", active("myapi.service"));
    quiesce("myapi", "'until':'reboot'").ok();
    attack("myapi.service");
    assertEquals("inactive", active("myapi.service"));
    assertFalse(quiesce("myapi", "'until':'reboot'").ok().changed());
    release("myapi").ok();
    assertEquals("active", active("myapi.service"));
    assertEquals(2, starts("myapi.service"));
  }

  /** As hardening guides advise. */
  @Test
  void theCommandThatIsNamedRunsWhereNothingInVarMayBeExecuted() {
    service("myapi.service");
    start("myapi.service");
    host.sh("rm -rf /var/lib/quietus").ok();
    remount("/var", "noexec");
    quiesce("myapi", "'lease':3600").ok();
    String gate = host.sh("cat /etc/systemd/system.control/myapi.service.d/*").ok();
    String command = "sh /var/lib/quietus/quietus release 'myapi.service'";
    assertSays(gate, command);
    assertSays(quietus("holds").ok(), command);
    host.sh(command).ok();
    assertEquals("active", active("myapi.service"));
  }

  /** As Podman's quadlets are: a service that exists only in what a generator wrote. */
  @Test
  void aGeneratedServiceIsHeldOverEveryReloadAndComesBack() {
    host.sh(
            "mkdir -p /etc/systemd/system-generators && cat >"
                + GENERATOR
                + " <<'END'\n"
                + "#!/bin/sh\n"
                + "printf '[Service]\\nExecStartPre=/bin/sh -c \"echo %%n"
                + " >>/var/lib/cases/starts\"\\nExecStart=/bin/sleep infinity\\nRestart=always\\n'"
                + " >$1/made.service\n"
                + "mkdir -p $1/multi-user.target.wants\n"
                + "ln -s ../made.service $1/multi-user.target.wants/\n"
                + "END\n"
                + "chmod 755 "
                + GENERATOR)
        .ok();
    start("made.service");
    String before = states("made.service");
    quiesce("made").ok();
    host.sh("systemctl daemon-reload").ok();
    attack("made.service");
    assertEquals("inactive", active("made.service"));
    assertFalse(quiesce("made").ok().changed());
    release("made").ok();
    assertEquals(before, states("made.service"));
    assertEquals(2, starts("made.service"));
    host.sh("systemctl stop made.service; rm " + GENERATOR + "; systemctl daemon-reload").ok();
  }
}
