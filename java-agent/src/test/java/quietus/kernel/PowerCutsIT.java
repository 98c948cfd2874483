// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The power is cut at the end of each step of each verb, and at random moments of them; with a
 * lease and without, for both lifetimes. After the boot the family is held and never started, or it
 * is not held and up, and what is left is named. Then either verb converges.
 *
 * <p>{@code -Dquietus.kernel.rounds=N} plays N cuts on each suite, {@code -Dquietus.kernel.seed=S}
 * repeats a run of as many, {@code -Dquietus.kernel.from=K} without its first K cuts. Two rounds in
 * three cut at the end of a step until every step was played.
 */
class PowerCutsIT {
  private static final int ROUNDS = Integer.getInteger("quietus.kernel.rounds", 8);
  private static final long SEED = Long.getLong("quietus.kernel.seed", System.nanoTime());
  private static final int FROM = Integer.getInteger("quietus.kernel.from", 0);
  private static final List<String> QUIESCE =
      List.of(
          "lock", "look", "resolve", "gates", "reload", "hold", "stop", "mask", "verify",
          "journal");
  private static final List<String> RELEASE =
      List.of("lock", "look", "unmask", "open", "start", "verify", "gates", "journal");

  /**
   * One cut.
   *
   * @param step null for a random moment
   */
  private record Cut(String state, String step, boolean lease, boolean untilReboot) {
    /** Further keys of a request that holds. */
    String[] keys() {
      List<String> keys = new ArrayList<>();
      if (lease) {
        keys.add("\"lease\":7200");
      }
      if (untilReboot) {
        keys.add("\"until\":\"reboot\"");
      }
      return keys.toArray(String[]::new);
    }

    /** Whether it is held after the boot; null when either may be. */
    Boolean held(KernelHost.Answer answer) {
      if (untilReboot) {
        return false;
      }
      boolean quiesce = state.equals("quiesced");
      if (step == null) {
        return answer != null && answer.succeeded() ? (Boolean) quiesce : null;
      }
      return quiesce
          ? QUIESCE.indexOf(step) >= QUIESCE.indexOf("hold")
          : RELEASE.indexOf(step) < RELEASE.indexOf("open");
    }
  }

  private KernelHost host;
  private Story story;
  private String before;
  private Random random;
  private int skipped;
  private int steps;
  private int moments;
  private int held;
  private int up;
  private int left;

  private List<Cut> cuts() {
    List<Cut> all = new ArrayList<>();
    for (boolean lease : new boolean[] {false, true}) {
      for (boolean untilReboot : new boolean[] {false, true}) {
        QUIESCE.forEach(step -> all.add(new Cut("quiesced", step, lease, untilReboot)));
        RELEASE.forEach(step -> all.add(new Cut("running", step, lease, untilReboot)));
      }
    }
    Collections.shuffle(all, random);
    List<Cut> played = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      if (round % 3 == 2 || all.isEmpty()) {
        String state = random.nextBoolean() ? "quiesced" : "running";
        played.add(new Cut(state, null, random.nextBoolean(), random.nextInt(4) == 0));
      } else {
        played.add(all.remove(all.size() - 1));
      }
    }
    return played;
  }

  @ParameterizedTest
  @MethodSource("quietus.kernel.KernelHost#suites")
  void afterAPowerCutItIsHeldOrUpAndEitherVerbConverges(String suite) {
    System.out.println("power cuts on " + suite + ": seed " + SEED);
    random = new Random(SEED);
    try (KernelHost booted = KernelHost.boot(suite, "512M")) {
      host = booted;
      story = Story.on(host);
      before = story.up();
      long began = System.nanoTime();
      for (Cut cut : cuts()) {
        if (skipped++ < FROM) {
          if (cut.step == null) {
            random.nextInt(2500);
          }
          random.nextBoolean();
          continue;
        }
        System.out.println(cut);
        play(cut);
        System.out.printf("%d s: %s%n", (System.nanoTime() - began) / 1_000_000_000, cut);
      }
    }
    System.out.printf(
        "power cuts on %s: %d at the end of a step, %d at random moments; after the boot %d held,"
            + " %d not held; %d left something, which was named%n",
        suite, steps, moments, held, up, left);
    assertEquals(ROUNDS - FROM, steps + moments);
    assertEquals(ROUNDS - FROM, held + up);
    assertTrue(ROUNDS < 20 || Math.min(held, up) > ROUNDS / 10, "both outcomes occurred");
  }

  private void play(Cut cut) {
    String when = cut + ", seed " + SEED;
    if (cut.state.equals("running")) {
      host.quiesce("myapi", cut.keys()).ok();
    }
    KernelHost.Answer answer = cut.step == null ? cutAtAMoment(cut) : cutAtAStep(cut, when);
    boolean isHeld = story.isHeld();
    Boolean expected = cut.held(answer);
    if (expected != null) {
      assertEquals(expected, isHeld, when);
    }
    assertFalse(
        answer != null && cut.step == null && !answer.succeeded() && answer.report() != null, when);
    if (isHeld) {
      held++;
      assertEquals(0, story.starts(), when + ": starts in the boot");
      story.staysDown(when);
      if (cut.lease) {
        assertEquals("active", host.active("quietus-lease.timer"), when);
      }
    } else {
      up++;
      assertEquals(before, story.up(), when);
      assertEquals(1, story.starts(), when + ": starts in the boot");
    }
    left += story.isNamed(isHeld, when) ? 1 : 0;
    if (random.nextBoolean()) {
      host.quiesce("myapi").ok();
      assertTrue(story.isHeld(), when);
      story.staysDown(when + ", quiesced again");
    }
    host.release("myapi").ok();
    assertEquals(before, story.up(), when);
    assertEquals("", host.traces(), when);
    assertFalse(host.release("myapi").ok().changed(), when);
  }

  private KernelHost.Answer cutAtAStep(Cut cut, String when) {
    steps++;
    List<String> more = new ArrayList<>(List.of("-Dquietus.kill-after=" + cut.step));
    if (cut.state.equals("quiesced")) {
      more.addAll(List.of(cut.keys()));
    }
    KernelHost.Answer answer = host.apply("myapi", cut.state, more.toArray(String[]::new));
    assertEquals(137, answer.status(), when + ": it should have been killed after that step");
    host.cut();
    return answer;
  }

  /** Returns null when the agent had not answered by then. */
  private KernelHost.Answer cutAtAMoment(Cut cut) {
    moments++;
    String[] keys = cut.state.equals("quiesced") ? cut.keys() : new String[0];
    CompletableFuture<KernelHost.Answer> run =
        CompletableFuture.supplyAsync(() -> host.apply("myapi", cut.state, keys));
    int wait = random.nextInt(2500);
    try {
      Thread.sleep(wait); // the moment is what the test is about
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    boolean answered = run.isDone();
    host.cut();
    KernelHost.Answer answer = run.join();
    System.out.println("cut after " + wait + " ms" + (answered ? ", the run had ended" : ""));
    return answered ? answer : null;
  }
}
