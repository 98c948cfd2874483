// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import quietus.lab.Host;

/**
 * Two runs at once on one host: the same and overlapping families, both verbs. One waits for the
 * other, and none loses what the other wrote. In every fifth pair a third run is stopped (SIGSTOP)
 * while it has the lock.
 *
 * <p>{@code -Dquietus.pairs=N} plays N pairs on each suite, {@code -Dquietus.pairs.seed=S} repeats
 * a run.
 */
class PairsIT extends Cases {
  private static final int PAIRS = Integer.getInteger("quietus.pairs", 10);
  private static final long SEED = Long.getLong("quietus.pairs.seed", System.nanoTime());
  private static final String[] SUBJECTS = {"one", "two", "shared", "alone"};
  private static final String[] UNITS = {
    "one.service",
    "two.service",
    "shared.service",
    "shared.socket",
    "alone.service",
    "alone.socket",
    "slow.service"
  };

  private final Set<String> held = new TreeSet<>();
  private Random random;
  private int same;
  private int overlapping;
  private int stopped;
  private int refused;

  /** One run of a pair. */
  private record Run(String subject, boolean quiesces) {
    Host.Answer play(String... more) {
      return quiesces ? quiesce(subject, more) : release(subject, more);
    }

    /** Whether both families have a member in common; shared.service is in three of them. */
    boolean overlaps(Run other) {
      return subject.equals(other.subject)
          || !subject.equals("alone") && !other.subject.equals("alone");
    }
  }

  @Test
  void ofTwoRunsOneWaitsAndNoneLosesAnything() {
    System.out.println("pairs on " + suite() + ": seed " + SEED);
    random = new Random(SEED);
    service("one.service");
    service("two.service");
    service(
        "shared.service", "Requires=one.service two.service\nAfter=one.service two.service", "");
    unit("shared.socket", "[Socket]\nListenStream=/run/shared.sock\n");
    service("alone.service");
    unit("alone.socket", "[Socket]\nListenStream=/run/alone.sock\n");
    service(
        "slow.service",
        "",
        "ExecStop=/bin/sh -c 'touch /run/stopping; until [ -e /run/may-stop ]; do sleep 0.05;"
            + " done'");
    start("shared.socket shared.service alone.socket alone.service slow.service");
    String before = states(UNITS);
    int compared = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      Run first = draw();
      Run second = draw();
      String when = suite() + ", seed " + SEED + ", pair " + pair + ": " + first + ", " + second;
      same += first.subject.equals(second.subject) ? 1 : 0;
      overlapping += first.overlaps(second) ? 1 : 0;
      if (pair % 5 == 4) {
        playBesideAStoppedRun(first, second, when);
      } else {
        playBoth(first, second, when);
      }
      expect(first, second, when);
      if (pair % 10 == 9 || pair == PAIRS - 1) {
        for (String subject : SUBJECTS) {
          release(subject).ok();
        }
        held.clear();
        assertEquals(before, states(UNITS), when + ": everything released");
        compared++;
      }
    }
    System.out.printf(
        "pairs of runs on %s: %d, %d of one family, %d of families that overlap, %d beside a"
            + " stopped run, %d releases refused because another family holds the unit; the host"
            + " was compared with the one before %d times%n",
        suite(), PAIRS, same, overlapping, stopped, refused, compared);
    assertTrue(compared >= PAIRS / 10 && stopped == PAIRS / 5);
    assertTrue(PAIRS < 50 || same > PAIRS / 10 && overlapping > PAIRS / 4, "families that overlap");
  }

  private Run draw() {
    return new Run(SUBJECTS[random.nextInt(SUBJECTS.length)], random.nextInt(3) > 0);
  }

  private void playBoth(Run first, Run second, String when) {
    CompletableFuture<Host.Answer> one = CompletableFuture.supplyAsync(first::play);
    CompletableFuture<Host.Answer> two = CompletableFuture.supplyAsync(second::play);
    succeeds(first, one.join(), when);
    succeeds(second, two.join(), when);
  }

  /** A release of what only other families hold is refused, and changes nothing. */
  private void succeeds(Run run, Host.Answer answer, String when) {
    if (run.equals(new Run("shared", false)) && answer.failed()) {
      assertSays(answer.msg(), "no hold of its own, but is held along with");
      assertTrue(!answer.changed(), when + ": " + answer.report());
      refused++;
    } else {
      assertTrue(answer.status() == 0 && !answer.failed(), when + ": " + answer.report());
    }
  }

  /**
   * A third run has the lock and is stopped. A run without time to wait fails and names its
   * process; one with time waits.
   */
  private void playBesideAStoppedRun(Run first, Run second, String when) {
    stopped++;
    host.sh("rm -f /run/stopping /run/may-stop").ok();
    Run slow = new Run("slow", true);
    CompletableFuture<Host.Answer> third = CompletableFuture.supplyAsync(slow::play);
    await("[ -e /run/stopping ]");
    String pid = host.sh("pgrep -f '^java .*quietus.jar appl[y]'").ok();
    assertTrue(pid.matches("\\d+"), when + ": one run is at work: " + pid);
    host.sh("kill -STOP " + pid + "; touch /run/may-stop").ok();
    String before = records();
    Host.Answer impatient = first.play("'lock_timeout':0");
    assertTrue(impatient.failed() && !impatient.changed(), when + ": " + impatient.report());
    assertSays(impatient.msg(), "another run", "slow", "process " + pid, "nothing was touched");
    assertEquals(before, records(), when + ": nothing was written");
    CompletableFuture<Host.Answer> one = CompletableFuture.supplyAsync(first::play);
    CompletableFuture<Host.Answer> two = CompletableFuture.supplyAsync(second::play);
    host.sh("kill -CONT " + pid).ok();
    succeeds(slow, third.join(), when);
    succeeds(first, one.join(), when);
    succeeds(second, two.join(), when);
    assertEquals("inactive", active("slow.service"), when);
    release("slow").ok();
  }

  private static String records() {
    return host.sh("ls /etc/quietus/holds 2>/dev/null").out();
  }

  /** The records are those of both runs, and what they hold stays down. */
  private void expect(Run first, Run second, String when) {
    boolean eitherOrder = first.subject.equals(second.subject) && first.quiesces != second.quiesces;
    for (Run run : new Run[] {first, second}) {
      boolean isHeld = run.quiesces;
      if (eitherOrder) {
        isHeld = host.sh("test -e /etc/quietus/holds/" + run.subject + ".service").status() == 0;
      }
      if (isHeld) {
        held.add(run.subject);
      } else {
        held.remove(run.subject);
      }
    }
    StringBuilder records = new StringBuilder();
    held.forEach(subject -> records.append(subject).append(".service\n"));
    assertEquals(records.toString(), records(), when);
    StringBuilder states = new StringBuilder();
    for (String unit : UNITS) {
      states.append(states.length() == 0 ? "" : " ").append(isDown(unit) ? "inactive" : "active");
    }
    assertEquals(states.toString(), active(UNITS), when);
    String counted = host.sh("sort /var/lib/cases/starts | uniq -c").ok();
    attack(UNITS);
    assertEquals(states.toString(), active(UNITS), when + ", after the attack");
    assertEquals(counted, host.sh("sort /var/lib/cases/starts | uniq -c").ok(), when + ": starts");
  }

  private boolean isDown(String unit) {
    String name = unit.substring(0, unit.indexOf('.'));
    return held.contains(name)
        || name.equals("shared") && (held.contains("one") || held.contains("two"));
  }
}
