// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A maintenance window on many hosts, compared with the same by hand with the modules of
 * ansible.builtin, and with the least that such a play can do. The hosts do not exist:
 * bench/connection/canned.py answers for them, so that only the controller is measured.
 */
final class Fleet {
  private static final String SERIES = "2.19";
  private static final int FORKS = 50;

  private final Path top = Path.of(System.getProperty("bench.top"));
  private final Path work;
  private final String bin;

  private Fleet(Path work) throws IOException, InterruptedException {
    this.work = work;
    this.bin = Plays.prepare(top, work, SERIES);
  }

  /**
   * The cost of a run of a playbook.
   *
   * @param wall seconds
   * @param processor seconds of the controller and its workers
   * @param memory peak of the controller, in MB
   */
  private record Run(int hosts, double wall, double processor, double memory) {
    double wallEach() {
      return wall * 1000 / hosts;
    }

    double processorEach() {
      return processor * 1000 / hosts;
    }
  }

  /**
   * @param args numbers of hosts, smallest first; 250 and 1000 without any
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<Integer> sizes = new ArrayList<>();
    for (String word : args.length == 0 ? new String[] {"250", "1000"} : args) {
      sizes.add(Integer.parseInt(word));
    }
    Path work = Files.createTempDirectory("quietus-fleet");
    try {
      new Fleet(work).measure(sizes);
    } finally {
      Lab.output(new ProcessBuilder("rm", "-rf", work.toString()), new byte[0]);
    }
  }

  private void measure(List<Integer> sizes) throws IOException, InterruptedException {
    Table table = new Table();
    Map<String, Map<Integer, Run>> runs = new LinkedHashMap<>();
    for (String play : List.of("window", "by-hand", "by-hand-bare")) {
      runs.put(play, new LinkedHashMap<>());
    }
    run("window", FORKS); // the first run compiles Python's sources
    for (int size : sizes) {
      Run hand = run("by-hand", size);
      Run bare = run("by-hand-bare", size);
      Run window = run("window", size);
      runs.get("window").put(size, window);
      runs.get("by-hand").put(size, hand);
      runs.get("by-hand-bare").put(size, bare);
      String against = "systemd_service by hand";
      each(table, size, "processor time", against, window.processorEach(), hand.processorEach());
      each(table, size, "wall time", against, window.wallEach(), hand.wallEach());
      table.figure(
          "10",
          size + " hosts, processor time for each of a play that checks nothing",
          Table.ms(bare.processorEach()),
          against,
          Table.ms(hand.processorEach()));
      table.figure(
          "10",
          size + " hosts, peak memory of the controller",
          Table.format("%.0f MB", window.memory()),
          against,
          Table.format("%.0f MB", hand.memory()));
    }
    int few = sizes.get(0);
    int many = sizes.get(sizes.size() - 1);
    for (Map.Entry<String, Map<Integer, Run>> of : runs.entrySet()) {
      if (many > few) {
        Run a = of.getValue().get(many);
        Run b = of.getValue().get(few);
        table.ratio(
            "10",
            of.getKey() + " on " + many + " hosts, processor time",
            Table.format("%.1f s", a.processor()),
            "on " + few,
            Table.format("%.1f s", b.processor()),
            a.processor() / b.processor(),
            1.1 * many / few);
      }
    }
    System.out.print(table);
  }

  private static void each(
      Table table, int size, String what, String against, double ours, double theirs) {
    table.ratio(
        "10",
        "window on " + size + " hosts, " + what + " for each",
        Table.ms(ours),
        against,
        Table.ms(theirs),
        ours / theirs,
        0.6);
  }

  private Run run(String play, int hosts) throws IOException, InterruptedException {
    StringBuilder inventory =
        new StringBuilder(
            "[all:vars]\n"
                + "ansible_connection=canned\n"
                + "ansible_python_interpreter=/usr/bin/python3\n"
                + "[all]\n");
    for (int i = 1; i <= hosts; i++) {
      inventory.append(Table.format("web%04d%n", i));
    }
    Path list = Files.writeString(work.resolve("hosts.ini"), inventory);
    Path usage = work.resolve("usage");
    Path log = work.resolve("log");
    Files.deleteIfExists(usage);
    ProcessBuilder command =
        new ProcessBuilder(
            bin + "/ansible-playbook",
            "-i",
            list.toString(),
            top.resolve("bench/fleet").resolve(play + ".yml").toString());
    Map<String, String> environment = Plays.settings(command, top, work, bin);
    environment.put("ANSIBLE_CALLBACKS_ENABLED", "usage");
    environment.put("ANSIBLE_CONNECTION_PLUGINS", top.resolve("bench/connection").toString());
    environment.put("ANSIBLE_FORKS", Integer.toString(FORKS));
    environment.put("ANSIBLE_PIPELINING", "1");
    environment.put("BENCH_USAGE", usage.toString());
    long began = System.nanoTime();
    int status =
        command
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(new File("/dev/null"))
            .start()
            .waitFor();
    double wall = (System.nanoTime() - began) / 1e9;
    String[] words = Files.exists(usage) ? Files.readString(usage).strip().split(" ") : null;
    if (status != 0 || words == null || Integer.parseInt(words[2]) != hosts) {
      String text = Files.readString(log);
      throw new IllegalStateException(
          play + " failed:\n" + text.substring(Math.max(0, text.length() - 4000)));
    }
    System.err.printf("bench: %s on %d hosts took %.0f s%n", play, hosts, wall);
    return new Run(hosts, wall, Double.parseDouble(words[0]), Double.parseDouble(words[1]));
  }
}
