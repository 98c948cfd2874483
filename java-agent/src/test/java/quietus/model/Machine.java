// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** PID 1 and the host that it runs on: all parts of the model together, and its event loop. */
final class Machine {
  /** What one iteration of the event loop costs, in microseconds. */
  private static final long TURN = 50;

  private static final List<String[]> GENERATED =
      List.of(
          new String[] {"normal", "generator"},
          new String[] {"early", "generator.early"},
          new String[] {"late", "generator.late"});

  final Path root;
  final int version;
  final Timeline timeline = new Timeline();
  final History history = new History(timeline);
  final Processes processes;
  final Units units = new Units(this);
  final Propagation propagation = new Propagation(this);
  final Jobs jobs = new Jobs(this);
  private final Map<String, Long> changes = new HashMap<>();
  private long lastChange;

  /** Decides what systemd leaves to the order of its hash tables; null for always the same. */
  private Random chance;

  long bootedAt;

  /**
   * When the unit files were last read, in microseconds since 1970 by the clock of the file system.
   */
  long loadedAt;

  /** PID 1 has deleted /dev/null (docs/systemd-facts.md, Masks). */
  boolean deletedDevNull;

  Machine(Path root, int version) {
    this.root = root;
    this.version = version;
    this.processes = new Processes(root);
  }

  /** The host comes up: /run is empty, generators run, default.target is started. */
  void boot() {
    jobs.clear();
    propagation.clear();
    timeline.clear();
    units.clear();
    processes.clear();
    Processes.delete(root.resolve("run"));
    timeline.pass(10_000_000);
    bootedAt = timeline.now();
    try {
      Files.createDirectories(root.resolve("run/systemd"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    BaseUnits.install(root);
    generate();
    loadedAt = fileClock();
    for (String perpetual : List.of("-.slice", "system.slice", "init.scope", "-.mount")) {
      units.load(perpetual);
    }
    jobs.tryAdd(JobType.START, units.load("default.target"), JobMode.REPLACE);
  }

  void reload() {
    generate();
    loadedAt = fileClock();
    propagation.silent(true);
    units.reload();
    propagation.silent(false);
    jobs.coldplug();
    for (ModelUnit unit : units.all()) {
      if (version >= 251) {
        propagation.look(unit);
      }
    }
  }

  /** Runs the generators: the content of {@code etc/model-generator} is copied to /run. */
  private void generate() {
    try {
      for (String[] pair : GENERATED) {
        Path to = root.resolve("run/systemd").resolve(pair[1]);
        Path from = root.resolve("etc/model-generator").resolve(pair[0]);
        Processes.delete(to);
        if (Files.isDirectory(from)) {
          copy(from, to);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, java.nio.file.LinkOption.NOFOLLOW_LINKS);
        }
      }
    }
  }

  private long fileClock() {
    try {
      Path probe = root.resolve("run/.clock");
      Files.createDirectories(probe.getParent());
      Files.deleteIfExists(probe);
      Files.createFile(probe);
      return Files.getLastModifiedTime(probe).to(java.util.concurrent.TimeUnit.MICROSECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void chance(Random random) {
    chance = random;
  }

  /** True with a probability of 1 in {@code oneIn} where the order is random; else false. */
  boolean happens(int oneIn) {
    return chance != null && chance.nextInt(oneIn) == 0;
  }

  /** Some units in the order of a hash table. */
  List<ModelUnit> shuffled(Collection<ModelUnit> units) {
    List<ModelUnit> list = new ArrayList<>(units);
    if (chance != null) {
      Collections.shuffle(list, chance);
    }
    return list;
  }

  void changed(ModelUnit unit) {
    lastChange++;
    for (String name : unit.config == null ? List.of(unit.id()) : unit.names()) {
      changes.put(name, lastChange);
    }
  }

  long lastChange() {
    return lastChange;
  }

  /** When something about a unit last changed, on the scale of {@link #lastChange}. */
  long lastChange(String name) {
    return changes.getOrDefault(name, 0L);
  }

  /**
   * One iteration of the event loop: the queues, then the jobs or one event that is due.
   *
   * @return false when there was nothing to do
   */
  boolean turn() {
    boolean queues = propagation.dispatch();
    boolean worked = jobs.dispatch() || timeline.runDue();
    if (worked || queues) {
      timeline.pass(TURN);
      return true;
    }
    units.collect();
    return false;
  }

  /** Iterates until there is nothing to do now; fails when that never happens. */
  void settle(int most) {
    for (int i = 0; i < most && turn(); i++) {
      // work
    }
  }
}
