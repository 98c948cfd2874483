// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Ansible, with the collection of this checkout, on hosts of the lab; a callback measures each
 * task.
 */
final class Plays {
  private static final String TASK = "    - ";

  private final Path top;
  private final Path work;
  private final Lab lab;
  private final String bin;

  /**
   * @param series of ansible-core, such as 2.19
   */
  Plays(Path top, Path work, Lab lab, String series) throws IOException, InterruptedException {
    this.top = top;
    this.work = work;
    this.lab = lab;
    this.bin = prepare(top, work, series);
  }

  /**
   * Puts the collection of this checkout where {@link #settings} says. @return the directory of
   * Ansible's programs
   */
  static String prepare(Path top, Path work, String series)
      throws IOException, InterruptedException {
    Files.createFile(work.resolve("ansible.cfg"));
    Files.createSymbolicLink(
        Files.createDirectories(work.resolve("ansible_collections/quietus")).resolve("systemd"),
        top.resolve("ansible"));
    return Lab.output(
            new ProcessBuilder(top.resolve("lab/ansible").toString(), series), new byte[0])
        .strip();
  }

  /** The settings of each run of Ansible, independent of the user's own. */
  static Map<String, String> settings(ProcessBuilder command, Path top, Path work, String bin) {
    Map<String, String> environment = command.environment();
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    environment.put("ANSIBLE_CONFIG", work.resolve("ansible.cfg").toString());
    environment.put("ANSIBLE_HOME", work.resolve("home").toString());
    environment.put("ANSIBLE_LOCAL_TEMP", work.resolve("tmp").toString());
    environment.put("ANSIBLE_COLLECTIONS_PATH", work.toString());
    environment.put("ANSIBLE_COLLECTIONS_PATHS", work.toString());
    environment.put("ANSIBLE_CALLBACK_PLUGINS", top.resolve("bench/callback").toString());
    return environment;
  }

  /**
   * Runs lists of tasks one after the other in one playbook. @return the milliseconds of each list
   */
  List<Double> run(List<String> lists, boolean pipelining, int hosts)
      throws IOException, InterruptedException {
    Path timings = work.resolve("timings");
    Files.deleteIfExists(timings);
    Files.writeString(work.resolve("hosts.ini"), lab.inventory());
    StringBuilder plays = new StringBuilder();
    for (String tasks : lists) {
      plays.append("- hosts: all\n  gather_facts: false\n  tasks:\n").append(tasks);
    }
    Files.writeString(work.resolve("play.yml"), plays);
    ProcessBuilder command =
        new ProcessBuilder(
            bin + "/ansible-playbook",
            "-i",
            work.resolve("hosts.ini").toString(),
            "--limit",
            String.join(",", lab.names().subList(0, hosts)),
            work.resolve("play.yml").toString());
    Map<String, String> environment = settings(command, top, work, bin);
    environment.put("ANSIBLE_CALLBACKS_ENABLED", "timings");
    environment.put("BENCH_TIMINGS", timings.toString());
    environment.put("ANSIBLE_PIPELINING", pipelining ? "1" : "0");
    environment.put("ANSIBLE_FORKS", "16");
    environment.put("ANSIBLE_SSH_ARGS", "-o ControlMaster=auto -o ControlPersist=120s");
    Path log = work.resolve("log");
    int status =
        command
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(new File("/dev/null"))
            .start()
            .waitFor();
    if (status != 0) {
      String text = Files.readString(log);
      throw new IllegalStateException(
          "a playbook failed:\n" + text.substring(Math.max(0, text.length() - 4000)));
    }
    return milliseconds(lists, Files.readAllLines(timings));
  }

  private static List<Double> milliseconds(List<String> lists, List<String> tasks) {
    List<Double> sums = new ArrayList<>();
    int at = 0;
    for (String list : lists) {
      double sum = 0;
      for (int next = list.indexOf(TASK); next >= 0; next = list.indexOf(TASK, next + 1)) {
        String[] words = tasks.get(at++).split("\t");
        if (!words[1].equals("True")) {
          throw new IllegalStateException("a task failed: " + words[2]);
        }
        sum += Double.parseDouble(words[0]) * 1000;
      }
      sums.add(sum);
    }
    return sums;
  }

  double once(String tasks, int hosts) throws IOException, InterruptedException {
    return run(List.of(tasks), true, hosts).get(0);
  }

  /** Two lists of tasks alternately; the first round is not counted. */
  List<Table.Pair> turns(int rounds, String a, String b, boolean pipelining, int hosts)
      throws IOException, InterruptedException {
    List<String> lists = new ArrayList<>();
    for (int i = 0; i <= rounds; i++) {
      lists.add(a);
      lists.add(b);
    }
    List<Double> told = run(lists, pipelining, hosts);
    List<Table.Pair> pairs = new ArrayList<>();
    for (int i = 2; i < told.size(); i += 2) {
      pairs.add(new Table.Pair(told.get(i), told.get(i + 1)));
    }
    return pairs;
  }
}
