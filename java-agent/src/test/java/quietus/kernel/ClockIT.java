// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A clock that jumps, and real boots. */
@ParameterizedClass
@MethodSource("quietus.kernel.KernelHost#suites")
class ClockIT {
  private static KernelHost host;
  private static Story story;
  private static String before;

  @Parameter private String suite;

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = KernelHost.boot(suite, "512M");
    story = Story.on(host);
    before = story.up();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  private static void isAsBefore() {
    assertEquals(before, story.up());
    assertEquals("", host.traces());
    assertFalse(host.release("myapi").ok().changed());
  }

  @Test
  void aLeaseEndsInTimeThoughTheClockIsSetBackByADay() {
    double begun = host.uptime();
    host.quiesce("myapi", "\"lease\":60").ok();
    host.setClock("-1 day");
    double renewed = host.uptime();
    host.quiesce("myapi", "\"lease\":60").ok();
    story.staysDown("after the clock was set back");
    host.await("[ ! -e /etc/quietus/holds/myapi.service ]");
    double ended = host.uptime();
    System.out.printf(
        "%s: a lease of 60 s, the clock set back by a day: released %.1f s after the first and %.1f"
            + " s after the second quiesce%n",
        suite, ended - begun, ended - renewed);
    assertTrue(ended - begun >= 59, "not before its time");
    host.await("[ ! -e /etc/quietus/releasing/myapi.service ]");
    host.await("[ -z \"$(ls /etc/systemd/system/quietus-lease* 2>/dev/null)\" ]");
    host.setClock("+1 day");
    isAsBefore();
  }

  @Test
  void aLeaseDoesNotEndEarlyWhenTheClockIsSetForward() {
    host.quiesce("myapi", "\"lease\":7200").ok();
    host.setClock("+1 day");
    // the calendar's event is over: the service looks, finds nothing due, and arms the timer again
    host.await(
        "[ \"$(systemctl show --value -p ExecMainExitTimestampMonotonic quietus-lease.service)\" !="
            + " 0 ] && ! systemctl is-active -q quietus-lease.service && systemctl is-active -q"
            + " quietus-lease.timer");
    assertTrue(story.isHeld());
    story.staysDown("after the clock was set forward");
    host.setClock("-1 day");
    host.release("myapi").ok();
    isAsBefore();
  }

  @Test
  void timersThatElapseWithAJumpOfTheClockStartNothing() {
    host.unit(
        "job.service", "[Service]\nExecStart=/bin/sh -c 'echo >>/run/jobs; sleep infinity'\n");
    host.unit(
        "job-persistent.timer",
        "[Timer]\n"
            + "OnCalendar=daily\n"
            + "Persistent=yes\n"
            + "Unit=job.service\n"
            + "[Install]\n"
            + "WantedBy=timers.target\n");
    host.unit(
        "job-monotonic.timer",
        "[Timer]\n"
            + "OnActiveSec=1h\n"
            + "OnUnitActiveSec=1h\n"
            + "Unit=job.service\n"
            + "[Install]\n"
            + "WantedBy=timers.target\n");
    String units = "job.service job-persistent.timer job-monotonic.timer";
    host.sh(
            "systemctl daemon-reload; systemctl enable --now job-persistent.timer"
                + " job-monotonic.timer; systemctl start job")
        .ok();
    String up = host.states(units);
    host.quiesce("job").ok();
    String started = host.sh("cat /run/jobs | wc -l").ok();
    host.setClock("+2 days");
    host.sh("systemctl start timers.target; systemctl start " + units);
    assertEquals("inactive inactive inactive", host.active(units));
    assertEquals(started, host.sh("cat /run/jobs | wc -l").ok());
    host.release("job").ok();
    host.setClock("-2 days");
    host.await("systemctl is-active -q " + units.replace(" ", " && systemctl is-active -q "));
    assertEquals(
        up.replaceAll("waiting|running", ""), host.states(units).replaceAll("waiting|running", ""));
    host.sh(
        "systemctl disable --now "
            + units
            + "; rm /etc/systemd/system/job*; systemctl daemon-reload");
    assertEquals("", host.traces());
  }

  @Test
  void aHoldOutlivesARealBoot() {
    host.quiesce("myapi").ok();
    host.reboot();
    assertTrue(story.isHeld());
    assertEquals(0, story.starts());
    story.staysDown("after the boot");
    assertFalse(host.quiesce("myapi").ok().changed());
    host.release("myapi").ok();
    isAsBefore();
    assertEquals(1, story.starts());
  }

  @Test
  void aHoldUntilRebootEndsWithARealBoot() {
    host.quiesce("myapi", "\"until\":\"reboot\"", "\"lease\":7200").ok();
    story.staysDown("before the boot");
    host.reboot();
    assertFalse(story.isHeld());
    isAsBefore();
    assertEquals(1, story.starts());
  }

  @Test
  void aLeaseIsArmedAgainByARealBoot() {
    host.quiesce("myapi", "\"lease\":7200").ok();
    host.reboot();
    assertTrue(story.isHeld());
    assertEquals("active", host.active("quietus-lease.timer"));
    host.quiesce("myapi", "\"lease\":1").ok();
    host.await(
        "[ ! -e /etc/quietus/holds/myapi.service -a ! -e /etc/quietus/releasing/myapi.service ]");
    host.await("[ -z \"$(ls /etc/systemd/system/quietus-lease* 2>/dev/null)\" ]");
    isAsBefore();
  }
}
