// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A host on which everything happens at once: clients connect, timers elapse, people start units,
 * from a seed.
 */
public final class RandomAdversary implements Adversary {
  /** What it may do. */
  public enum Act {
    CONNECT,
    ELAPSE,
    TOUCH,
    BUS,
    START,
    RESTART,
    KILL,
    UPHOLD,
    RELOAD,
    ACCESS,
    REVERT,
    STOP;

    /** What tries to bring units up, and nothing else. */
    public static Set<Act> storm() {
      return EnumSet.of(CONNECT, ELAPSE, TOUCH, BUS, START, UPHOLD, RELOAD, ACCESS);
    }
  }

  private final UnitGraph graph;
  private final Path root;
  private final Random random;
  private final List<Act> acts;
  private final int percent;

  /**
   * @param percent how often it acts when it may
   */
  public RandomAdversary(UnitGraph graph, Path root, long seed, Set<Act> acts, int percent) {
    this.graph = graph;
    this.root = root;
    this.random = new Random(seed);
    this.acts = new ArrayList<>(acts);
    this.percent = percent;
  }

  @Override
  public void act(Outside outside, String moment) {
    if (random.nextInt(100) < percent && !acts.isEmpty()) {
      one(outside, acts.get(random.nextInt(acts.size())));
    }
  }

  private void one(Outside outside, Act act) {
    switch (act) {
      case CONNECT -> with(".socket", outside::connect);
      case ELAPSE -> with(".timer", outside::elapse);
      case TOUCH ->
          with(
              ".path", path -> outside.touch(root.resolve("var/qt").resolve(path).resolve("file")));
      case BUS -> {
        List<String> names = List.copyOf(outside.busUnits().keySet());
        if (!names.isEmpty()) {
          outside.dbusCall(names.get(random.nextInt(names.size())));
        }
      }
      case START -> with(random.nextInt(4) > 0 ? ".service" : "", outside::start);
      case RESTART -> with(".service", outside::restart);
      case KILL -> with(".service", outside::kill);
      case UPHOLD -> outside.uphold();
      case RELOAD -> outside.reload();
      case ACCESS -> with(".automount", outside::access);
      case REVERT -> with("", outside::revert);
      case STOP -> with("", outside::stop);
      default -> throw new IllegalStateException(act.toString());
    }
  }

  private void with(String suffix, java.util.function.Consumer<String> what) {
    List<String> units = graph.units(suffix);
    if (!units.isEmpty()) {
      what.accept(units.get(random.nextInt(units.size())));
    }
  }
}
