// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A disk without space, a root that is read-only, and a systemd that reloads or re-executes. */
@ParameterizedClass
@MethodSource("quietus.kernel.KernelHost#suites")
class DiskIT {
  private static final int[] BLOCKS = {0, 1, 2, 4, 8, 16};

  private static final String[] VERBS = {
    "first quiesce", "quiesce", "quiesce with a lease", "release"
  };

  /** Leaves $BLOCKS free blocks of 4 KiB on the disk and prints how many there are. */
  private static final String FILL =
      """
      free() { sync; stat -f -c %a /; }
      fallocate -l $((($(free) - BLOCKS - 4) * 4096)) /var/fill || exit
      while [ $(free) -gt $BLOCKS ]; do
        fallocate -o $(stat -c %s /var/fill) -l 4096 /var/fill || exit
      done
      free
      """;

  private static KernelHost host;
  private static Story story;
  private static String before;

  /** The number of the unit that disturbs a run. */
  private static int loop;

  @Parameter private String suite;

  private int reexecs;

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = KernelHost.boot(suite, "512M");
    // The journal is in memory, and ext4 reserves no blocks, so that nothing else takes or frees
    // one.
    host.write("/etc/systemd/journald.conf.d/zz.conf", "[Journal]\nStorage=volatile\n");
    host.sh("systemctl restart systemd-journald; rm -rf /var/log/journal").ok();
    host.sh("echo 0 >/sys/fs/ext4/ubda/reserved_clusters").ok();
    story = Story.on(host);
    before = story.up();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  @AfterEach
  void everythingIsAsBefore() {
    host.sh("mount -o remount,rw /; touch /run/stop-loop; rm -f /var/fill; sync").ok();
    host.await("! systemctl is-active -q 'loop-*'");
    host.release("myapi").ok();
    assertEquals(before, story.up());
    assertEquals("", host.traces());
  }

  private static String msg(KernelHost.Answer answer) {
    return answer.report().get("msg").textValue();
  }

  /**
   * The promises of docs/reliability.md: a success is true; a family that is held stays down, and
   * one that is not is as before; leftovers are named.
   */
  private static void assertPromises(String when, boolean quiesce, KernelHost.Answer answer) {
    assertNotNull(answer.report(), when + ": there is a report: " + answer.err());
    boolean held = story.isHeld();
    if (answer.succeeded()) {
      assertEquals(quiesce, held, when);
    } else {
      assertTrue(msg(answer).contains("No space left on device"), when + ": " + msg(answer));
    }
    if (held) {
      story.staysDown(when);
    } else {
      assertEquals(before, story.up(), when);
    }
    story.isNamed(held, when);
  }

  /**
   * Runs a verb on a disk with so many free blocks, then frees space. @return true for a success
   */
  private boolean playOnAFullDisk(String verb, int blocks) {
    boolean quiesce = verb.contains("quiesce");
    if (verb.equals("first quiesce")) {
      // It also writes a copy of the agent and creates directories, which take blocks.
      host.sh("rm -rf /var/lib/quietus /etc/quietus").ok();
    } else {
      host.quiesce("myapi").ok();
      if (quiesce) {
        host.release("myapi").ok();
      }
    }
    assertEquals(String.valueOf(blocks), host.sh("BLOCKS=" + blocks + "\n" + FILL).ok());
    String when = suite + ", " + blocks + " free blocks, " + verb;
    String[] lease = verb.endsWith(" lease") ? new String[] {"\"lease\":7200"} : new String[0];
    KernelHost.Answer answer =
        quiesce ? host.quiesce("myapi", lease) : host.release("myapi", lease);
    assertPromises(when, quiesce, answer);
    System.out.println(when + ": " + msg(answer) + " " + answer.report().get("warnings"));
    host.sh("rm -f /var/fill; sync").ok();
    if (quiesce && blocks % 2 == 0) {
      host.quiesce("myapi").ok();
      story.staysDown(when + ", then again with space");
    }
    host.release("myapi").ok();
    assertEquals(before, story.up(), when);
    assertEquals("", host.traces(), when);
    return answer.succeeded();
  }

  @Test
  void eitherVerbKeepsThePromisesOnAFullDiskAndConvergesWithSpace() {
    int failed = 0;
    int succeeded = 0;
    for (int blocks : BLOCKS) {
      for (String verb : VERBS) {
        if (playOnAFullDisk(verb, blocks)) {
          succeeded++;
        } else {
          failed++;
        }
      }
    }
    System.out.printf(
        "runs on a full disk on %s: %d failed, %d succeeded%n", suite, failed, succeeded);
    assertEquals(VERBS.length * BLOCKS.length, failed + succeeded);
    assertTrue(Math.min(failed, succeeded) >= 4, "both outcomes occurred");
  }

  @Test
  void aReadOnlyRootIsReportedAndAHoldUntilRebootWorksOnIt() {
    host.sh("mount -o remount,ro /").ok();
    KernelHost.Answer answer = host.quiesce("myapi");
    assertFalse(answer.succeeded());
    assertTrue(msg(answer).contains("mounted read-only"), msg(answer));
    assertEquals(before, story.up());
    answer = host.quiesce("myapi", "\"until\":\"reboot\"").ok();
    System.out.println(suite + ", read-only root: " + answer.report().get("warnings"));
    story.staysDown("until a boot, on a read-only root");
    host.release("myapi").ok();
    assertEquals(before, story.up());
    assertEquals("", host.traces());

    host.sh("mount -o remount,rw /").ok();
    host.quiesce("myapi").ok();
    host.sh("mount -o remount,ro /").ok();
    assertFalse(host.quiesce("myapi").ok().changed());
    answer = host.release("myapi");
    assertFalse(answer.succeeded());
    assertTrue(msg(answer).contains("ead-only"), msg(answer));
    assertTrue(story.isHeld());
    story.staysDown("on a read-only root");
    story.isNamed(true, "on a read-only root");
  }

  /** Runs a command of systemctl in a loop, until {@link #stopLoop}. */
  private static void startLoop(String command) {
    host.sh(
            "rm -f /run/stop-loop; echo >/run/loops; systemd-run -q --unit=loop-"
                + ++loop
                + " sh -c 'until [ -e /run/stop-loop ]; do systemctl "
                + command
                + " && echo >>/run/loops; sleep 0.3; done'")
        .ok();
    host.await("[ $(cat /run/loops | wc -l) -gt 1 ]");
  }

  /**
   * Ends the loop, and waits until systemd answers.
   *
   * @return how often the command was run
   */
  private static int stopLoop() {
    host.sh("touch /run/stop-loop").ok();
    host.await(
        "[ \"$(systemctl show --value -p ActiveState loop-" + loop + ".service)\" = inactive ]");
    return Integer.parseInt(host.sh("cat /run/loops | wc -l").ok()) - 1;
  }

  @Test
  void reloadsInALoopDisturbNeitherVerb() {
    startLoop("daemon-reload");
    for (int round = 0; round < 3; round++) {
      host.quiesce("myapi").ok();
      story.staysDown("round " + round);
      host.release("myapi").ok();
      assertEquals(before, story.up());
    }
    int seen = stopLoop();
    System.out.printf("%s: 3 rounds of both verbs during %d reloads%n", suite, seen);
    assertTrue(seen >= 6, "reloads during each verb");
  }

  /**
   * Runs a verb during re-executions until it succeeds. A run whose connection ends reports that
   * and keeps the promises.
   *
   * @return how often it failed
   */
  private int untilItSucceeds(String state) {
    for (int failed = 0; ; failed++) {
      startLoop("daemon-reexec");
      KernelHost.Answer answer = host.apply("myapi", state);
      reexecs += stopLoop();
      String when = suite + ", " + state + " during re-executions: " + answer;
      assertNotNull(answer.report(), when);
      boolean held = story.isHeld();
      if (answer.succeeded()) {
        assertEquals(state.equals("quiesced"), held, when);
      } else {
        System.out.println(when);
        assertTrue(msg(answer).startsWith("the connection to systemd broke: "), when);
        assertTrue(failed < 20, when);
      }
      if (held) {
        story.staysDown(when);
      } else {
        assertEquals(before, story.up(), when);
      }
      story.isNamed(held, when);
      if (answer.succeeded()) {
        return failed;
      }
    }
  }

  @Test
  void eitherVerbSurvivesReexecutionsInALoopOrIsRunAgain() {
    int again = 0;
    reexecs = 0;
    for (int round = 0; round < 3; round++) {
      again += untilItSucceeds("quiesced");
      again += untilItSucceeds("running");
    }
    System.out.printf(
        "%s: 3 rounds of both verbs during %d re-executions, %d runs were repeated%n",
        suite, reexecs, again);
    assertTrue(reexecs >= 6, "re-executions during each verb");
  }
}
