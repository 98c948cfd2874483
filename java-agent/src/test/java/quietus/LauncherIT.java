// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import quietus.lab.Host;

/** The short command that a hold leaves on a host. */
class LauncherIT extends Cases {
  private static final String LAUNCHER = "/var/lib/quietus/quietus";
  private static final String RELEASE = LAUNCHER + " release 'myapi.service'";

  private void held(String... more) {
    service("myapi.service");
    start("myapi.service");
    host.sh("rm -rf /var/lib/quietus").ok();
    quiesce("myapi", more).ok();
  }

  @Test
  void everyMessageNamesItAndItReleases() {
    held();
    assertSays(quietus("holds").ok(), RELEASE);
    assertSays(quietus("status myapi").ok(), RELEASE);
    assertSays(quietus("why myapi").ok(), RELEASE);
    assertSays(host.sh("cat /etc/systemd/system.control/myapi.service.d/*").ok(), RELEASE);
    await("systemctl status myapi | grep -qF \"" + RELEASE + "\"");
    assertEquals(
        "700 root /var/lib/quietus\n700 root /var/lib/quietus/agent\n700 root " + LAUNCHER,
        host.sh("stat -c '%a %U %n' /var/lib/quietus /var/lib/quietus/agent " + LAUNCHER).ok());
    host.sh("env -i JAVA_TOOL_OPTIONS=-Dx sh -c \"" + RELEASE + "\"").ok();
    assertEquals("active", active("myapi.service"));
  }

  @Test
  void itWorksWithoutTheJarThatMadeTheHold() {
    held();
    host.sh("mv /opt/quietus.jar /opt/away.jar").ok();
    try {
      assertSays(host.sh(LAUNCHER + " holds").ok(), RELEASE);
      host.sh(RELEASE).ok();
    } finally {
      host.sh("mv /opt/away.jar /opt/quietus.jar").ok();
    }
    assertEquals("active", active("myapi.service"));
  }

  @Test
  void itRunsACommandWhereTheCallerIs() {
    held();
    release("myapi").ok();
    host.sh(
            "mkdir -p '/var/lib/cases/a b' && cd '/var/lib/cases/a b' && printf '#!/bin/sh\\n"
                + "pwd; echo $LC_ALL $PATH; env | grep QUIETUS' >x && chmod 755 x")
        .ok();
    assertEquals(
        "/var/lib/cases/a b\nC /usr/bin:/bin:/odd",
        host.sh(
                "cd '/var/lib/cases/a b' && LC_ALL=C PATH=/usr/bin:/bin:/odd "
                    + LAUNCHER
                    + " run myapi -- ./x")
            .out()
            .strip());
    host.sh("rm -r '/var/lib/cases/a b'");
  }

  @Test
  void aCopyThatWasChangedIsNotRunAndTheNextHoldWritesItAgain() {
    held();
    host.sh("for f in /var/lib/quietus/agent/*.jar; do echo evil >>$f; done").ok();
    Host.Result refused = host.sh(LAUNCHER + " holds");
    assertEquals(1, refused.status());
    assertSays(refused.err(), "was changed");
    release("myapi").ok();
    quiesce("myapi").ok();
    host.sh(LAUNCHER + " release myapi").ok();
    assertEquals("active", active("myapi.service"));
  }

  @Test
  void aLinkInItsPlaceIsReplacedAndNotFollowed() {
    service("myapi.service");
    start("myapi.service");
    host.sh(
            "rm -rf /var/lib/quietus; mkdir -m 700 /var/lib/quietus; touch /var/lib/cases/target;"
                + " ln -s /var/lib/cases/target "
                + LAUNCHER)
        .ok();
    quiesce("myapi").ok();
    assertEquals("", host.sh("cat /var/lib/cases/target").ok());
    assertEquals("regular file", host.sh("stat -c %F " + LAUNCHER).ok());
    host.sh(RELEASE).ok();
  }

  @Test
  void aDirectoryThatOthersCanWriteToIsNotUsedAndTheHoldStands() {
    service("myapi.service");
    start("myapi.service");
    host.sh("rm -rf /var/lib/quietus; mkdir -m 777 /var/lib/quietus").ok();
    Host.Answer held = quiesce("myapi").ok();
    assertSays(warnings(held), "could not be left", "chmod go-w /var/lib/quietus", "java -jar");
    assertEquals("", host.sh("ls -A /var/lib/quietus").ok());
    release("myapi").ok();
    host.sh("rm -rf /var/lib/quietus");
  }

  @Test
  void anotherVersionReplacesItAndASecondHoldWritesNothing() {
    held();
    host.sh("touch /var/lib/quietus/agent/old.jar").ok();
    String written = host.sh("stat -c '%i %Y' " + LAUNCHER + " /var/lib/quietus/agent/*.jar").ok();
    service("second.service");
    start("second.service");
    quiesce("second").ok();
    assertEquals(
        written, host.sh("stat -c '%i %Y' " + LAUNCHER + " /var/lib/quietus/agent/*.jar").ok());
    host.sh("echo >>" + LAUNCHER).ok();
    service("third.service");
    start("third.service");
    quiesce("third").ok();
    assertEquals("1", host.sh("ls /var/lib/quietus/agent | wc -l").ok());
    assertNotEquals(
        written, host.sh("stat -c '%i %Y' " + LAUNCHER + " /var/lib/quietus/agent/*.jar").ok());
    assertTrue(host.sh(LAUNCHER + " holds").ok().contains("third.service"));
    assertFalse(host.sh("ls -A /var/lib/quietus/agent").ok().contains(".new"));
  }
}
