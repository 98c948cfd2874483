// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Measures Quietus against what it is compared with, on the lab's hosts over ssh, and prints one
 * table. The two sides of a pair are measured alternately in the same run; a ratio is the median of
 * the pairs' ratios, with its quartiles.
 */
public final class Bench {
  private static final String USAGE =
      "usage: bench/run [--quick] [--suite SUITE] [--ansible SERIES] [--only ROW,...]     (make"
          + " bench runs it under lab/run)\n"
          + "rows: steady, wire, noop, verbs, calls, size, forks, instances; why and big, by their"
          + " names alone";
  private static final long LIMIT_S = 14 * 60;

  private static final String QUIESCE =
      "    - quietus.systemd.unit_family: {name: bench, state: quiesced}\n";
  private static final String RELEASE =
      "    - quietus.systemd.unit_family: {name: bench, state: running}\n";
  private static final String BUILTIN =
      "    - ansible.builtin.systemd_service: {name: cron.service, state: started}\n";
  private static final String UNITS = "[bench.socket, bench.timer, bench.path, bench.service]";

  /** The socket cannot start while its service is masked, and not after its service has started. */
  private static final String MODULES =
      "    - ansible.builtin.systemd_service: {name: \"{{ item }}\", state: stopped, masked:"
          + " true}\n"
          + "      loop: "
          + UNITS
          + "\n"
          + "    - ansible.builtin.systemd_service: {name: bench.service, masked: false}\n"
          + "    - ansible.builtin.systemd_service: {name: \"{{ item }}\", state: started, masked:"
          + " false}\n"
          + "      loop: "
          + UNITS
          + "\n";

  private static final String WORK = "/var/tmp/quietus-bench/";
  private static final String SERVICE = "[Service]\\nExecStart=/bin/sleep infinity\\n";
  private static final int[] SIZES = {1, 4, 16, 64};

  private final Path top = Path.of(System.getProperty("bench.top"));
  private final Path jar = top.resolve("ansible/plugins/agent/quietus.jar");
  private final Table table = new Table();
  private final long began = System.nanoTime();
  private final boolean quick;
  private final Set<String> rows;
  private final List<String> flags;
  private final List<String> serial;
  private final List<String> g1;

  /** Whether the host's Java is older than 20. */
  private boolean old;

  private final int rounds;
  private Lab lab;
  private Plays plays;
  private Lab.Remote host;

  private Bench(Options options) throws IOException {
    this.quick = options.quick();
    this.rows = options.rows();
    this.rounds = quick ? 6 : 15;
    String launch = Files.readString(top.resolve("ansible/plugins/module_utils/launch.py"));
    this.flags = flags(launch, "JVM_FLAGS");
    this.serial = flags(launch, "SERIAL");
    this.g1 = flags(launch, "G1");
  }

  private record Options(boolean quick, String suite, String ansible, Set<String> rows) {
    static Options of(String[] args) {
      boolean quick = false;
      String suite = "bookworm";
      String ansible = "2.19";
      Set<String> rows =
          Set.of("steady", "wire", "noop", "verbs", "calls", "size", "forks", "instances");
      for (int i = 0; i < args.length; i++) {
        if (args[i].equals("--quick")) {
          quick = true;
        } else if (i + 1 < args.length
            && Set.of("--suite", "--ansible", "--only").contains(args[i])) {
          String value = args[++i];
          suite = args[i - 1].equals("--suite") ? value : suite;
          ansible = args[i - 1].equals("--ansible") ? value : ansible;
          rows = args[i - 1].equals("--only") ? Set.of(value.split(",")) : rows;
        } else {
          System.err.println(USAGE);
          System.exit(2);
        }
      }
      return new Options(quick, suite, ansible, rows);
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Options options = Options.of(args);
    Path work = Files.createTempDirectory("quietus-bench");
    Bench bench = new Bench(options);
    try (Lab lab =
        new Lab(bench.top, options.suite(), bench.jar(work, "bench.jar", "OnHost.class"))) {
      Thread clean = new Thread(() -> System.out.print(bench.table));
      Runtime.getRuntime()
          .addShutdownHook(clean); // a run that was interrupted also prints what was measured
      bench.lab = lab;
      bench.plays = new Plays(bench.top, work, lab, options.ansible());
      bench.measure(work);
    } finally {
      try (Stream<Path> below = Files.walk(work)) {
        below.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
      bench.say("took " + bench.seconds() + " s");
    }
  }

  private void say(String text) {
    System.err.println("bench: " + text);
  }

  private long seconds() {
    return (System.nanoTime() - began) / 1_000_000_000;
  }

  private boolean wants(String row) {
    if (!rows.contains(row)) {
      return false;
    }
    if (seconds() > (quick ? LIMIT_S / 2 : LIMIT_S - 150)) {
      table.figure("", row + " was left out, because the time was over", "");
      return false;
    }
    say(row + ", at " + seconds() + " s");
    return true;
  }

  /** A tuple of options that the action plugin gives to the JVM. */
  private static List<String> flags(String launch, String tuple) {
    Matcher block =
        Pattern.compile("^" + tuple + " = \\((.*?)\\)$", Pattern.DOTALL | Pattern.MULTILINE)
            .matcher(launch);
    if (!block.find()) {
      throw new IllegalStateException("launch.py has no " + tuple);
    }
    List<String> flags = new ArrayList<>();
    for (Matcher flag = Pattern.compile("['\"](-[^'\"]+)['\"]").matcher(block.group(1));
        flag.find(); ) {
      flags.add(flag.group(1));
    }
    if (flags.isEmpty()) {
      throw new IllegalStateException(tuple + " of launch.py has no option");
    }
    return flags;
  }

  private Path jar(Path work, String name, String... classes) {
    String dir = System.getProperty("bench.classes");
    List<String> arguments =
        new ArrayList<>(List.of("--create", "--file", work.resolve(name).toString()));
    for (String one : classes) {
      arguments.addAll(List.of("-C", dir, one));
    }
    if (ToolProvider.findFirst("jar")
            .orElseThrow()
            .run(System.out, System.err, arguments.toArray(String[]::new))
        != 0) {
      throw new IllegalStateException("no jar was made");
    }
    return work.resolve(name);
  }

  // ---- programs on the host

  private List<String> java(String file, String main, String... options) {
    List<String> program = new ArrayList<>(List.of("java"));
    program.addAll(flags);
    program.addAll(old ? g1 : serial);
    program.addAll(List.of(options));
    program.addAll(List.of("-cp", WORK + file, main));
    return program;
  }

  private List<String> agent(String... options) {
    List<String> all = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + WORK + "quietus.jsa"));
    all.addAll(List.of(options));
    List<String> program = java("quietus.jar", "quietus.Main", all.toArray(String[]::new));
    program.add("apply");
    return program;
  }

  private static String request(String name, String state) {
    return "{\"names\": [\""
        + name
        + "\"], \"state\": \""
        + state
        + "\", \"by\": \"bench\", \"timeout\": 300}";
  }

  private Lab.Cost quiesce(String name) {
    return host.run(request(name, "quiesced"), agent());
  }

  private Lab.Cost release(String name) {
    return host.run(request(name, "running"), agent());
  }

  /** The calls of one run by method. */
  private Map<String, Integer> calls(Lab.Remote on, String name, String state) {
    on.shell("rm -f " + WORK + "trace; touch " + WORK + "trace");
    on.run(request(name, state), agent("-Dquietus.trace=" + WORK + "trace"));
    Map<String, Integer> calls = new LinkedHashMap<>();
    for (String line : on.text("", List.of("cat", WORK + "trace")).split("\n")) {
      if (!line.isEmpty()) {
        calls.merge(line, 1, Integer::sum);
      }
    }
    return calls;
  }

  private static int total(Map<String, Integer> calls) {
    return calls.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Makes the class-data archive of a program as launch.archive_command does. */
  private void archive(Lab.Remote remote, String name, String input, String main, String... more) {
    List<String> listed =
        java(
            name + ".jar", main, "-Xshare:off", "-XX:DumpLoadedClassList=" + WORK + name + ".list");
    listed.addAll(List.of(more));
    remote.run(input, listed);
    List<String> dump = new ArrayList<>(List.of("java"));
    dump.addAll(flags);
    dump.addAll(g1);
    dump.addAll(
        List.of(
            "-Xshare:dump",
            "-XX:SharedClassListFile=" + WORK + name + ".list",
            "-XX:SharedArchiveFile=" + WORK + name + ".jsa",
            "-cp",
            WORK + name + ".jar"));
    remote.run("", dump);
  }

  /** Copies the jar, makes its archive and the units. */
  private Lab.Remote prepared(String name, Path word) throws IOException, InterruptedException {
    Lab.Remote remote = lab.remote(name);
    lab.copy(jar, name, "quietus.jar");
    lab.copy(word, name, "word.jar");
    old = remote.text("", List.of("sh", "-c", "java -version 2>&1")).contains("version \"1");
    archive(
        remote,
        "quietus",
        "{\"names\": [\"systemd-tmpfiles-clean.timer\"], \"state\": \"quiesced\", \"check\": true}",
        "quietus.Main",
        "warm-up");
    archive(remote, "word", "", "Word");
    StringBuilder script = new StringBuilder("set -e; ").append(FAMILY);
    script.append(
        "for k in socket timer path service; do (cat bench.$k; printf '[Install]\\n"
            + "WantedBy=multi-user.target\\n"
            + "') | sed s/bench/benched/ >benched.$k; done; ");
    for (int size : SIZES) {
      script.append(
          "printf '"
              + SERVICE
              + "' >grow"
              + size
              + "x.service; for i in $(seq 1 "
              + (size - 1)
              + "); do printf '[Timer]\\nOnCalendar=daily\\nUnit=grow"
              + size
              + "x.service\\n' >grow"
              + size
              + "x-$i.timer; done; ");
    }
    script
        .append(
            "printf '"
                + SERVICE
                + "' >w@.service; printf '[Unit]\\n"
                + "Description=One of many\\n"
                + "' >pad@.target; systemctl daemon-reload; ")
        .append(
            "systemctl enable --now benched.socket benched.timer benched.path benched.service 2>&1;"
                + " systemctl start ")
        .append(names("bench"));
    remote.shell(script.toString());
    return remote;
  }

  private static final String FAMILY =
      "cd /usr/lib/systemd/system; printf '"
          + SERVICE
          + "' >bench.service; printf '[Timer]\\n"
          + "OnCalendar=daily\\n"
          + "' >bench.timer; printf '[Socket]\\n"
          + "ListenStream=/run/bench.sock\\n"
          + "' >bench.socket; printf '[Path]\\n"
          + "PathExists=/run/no-such-bench\\n"
          + "' >bench.path; ";

  private static String names(String family) {
    return family + ".socket " + family + ".timer " + family + ".path " + family + ".service";
  }

  // ---- the rows

  private void measure(Path work) throws IOException, InterruptedException {
    say("one host");
    lab.up(1);
    String name = lab.names().get(0);
    Path word = jar(work, "word.jar", "Word.class");
    host = prepared(name, word);
    System.out.println(
        host.text(
                    "",
                    List.of(
                        "sh",
                        "-c",
                        "systemctl --version | head -1; java -version 2>&1 | head -1; echo $(nproc)"
                            + " processors, load $(cut -d' ' -f1-3 /proc/loadavg)"))
                .strip()
                .replace("\n", "; ")
            + (quick ? "; quick" : ""));
    firstContact(name);
    if (wants("wire")) {
      wire(name);
    }
    plays.once(RELEASE, 1);
    if (wants("noop")) {
      noop();
    }
    if (wants("verbs")) {
      verbs("bench", "4", "units that nothing refers to", rounds, 1.5);
      verbs("benched", "4", "enabled units", rounds, 2.0);
    }
    if (wants("calls")) {
      calls();
    }
    if (wants("instances")) {
      instances(quick ? 200 : 1000, quick ? 2 : 4);
    }
    if (wants("why")) {
      why(quick ? 200 : 1000);
    }
    if (wants("big")) {
      for (int units : new int[] {500, 2000}) {
        enable(units);
        verbs("benched", "12", "on a host with " + units + " enabled units", quick ? 3 : 6, 1.3);
      }
    }
    if (wants("size")) {
      size(word);
    }
    if (wants("forks")) {
      forks();
    }
    double size = Files.size(jar) / 1e6;
    table.figure("", "jar", Table.format("%.2f MB", size), "wanted", "<= 2.5 MB");
    table.figure(
        "",
        "load at the end",
        host.text("", List.of("cut", "-d ", "-f1-3", "/proc/loadavg")).strip());
  }

  /** The first contact with a new host, then rows 1 and 2. */
  private void firstContact(String name) throws IOException, InterruptedException {
    say("first contact");
    plays.once("    - ansible.builtin.ping:\n", 1);
    long before = System.nanoTime();
    double first = plays.once(QUIESCE, 1);
    lab.shell(name, AWAIT_ARCHIVE);
    double archive = (System.nanoTime() - before) / 1e9;
    if (!wants("steady")) {
      return;
    }
    List<Table.Pair> steady = plays.turns(rounds, QUIESCE, BUILTIN, true, 1);
    table.pairs(
        "1", "no-op unit_family, 4 units, pipelining", "no-op systemd_service", steady, 0.7);
    table.pairs(
        "1",
        "the same without pipelining",
        "the same",
        plays.turns(rounds, QUIESCE, BUILTIN, false, 1),
        0.7);
    plays.once(RELEASE, 1);
    table.pairs(
        "2",
        "quiesce and release",
        "systemd_service: 3 tasks, 9 items",
        plays.turns(Math.max(3, rounds / 2), QUIESCE + RELEASE, MODULES, true, 1),
        0.5);
    StringBuilder commands = new StringBuilder();
    for (String verb : List.of("stop", "mask", "unmask", "start")) {
      commands
          .append("    - ansible.builtin.command: systemctl ")
          .append(verb)
          .append(' ')
          .append(names("bench"))
          .append('\n');
    }
    table.pairs(
        "2b",
        "quiesce and release",
        "command: systemctl, 4 tasks",
        plays.turns(Math.max(3, rounds / 2), QUIESCE + RELEASE, commands.toString(), true, 1),
        0);
    double usual = Table.median(steady.stream().mapToDouble(Table.Pair::a).toArray());
    double saved = Table.median(steady.stream().mapToDouble(Table.Pair::b).toArray()) - usual;
    table.figure("9", "first contact: jar shipped", Table.ms(first), "no-op task", Table.ms(usual));
    table.figure("9", "archive ready, after that task began", Table.format("%.1f s", archive));
    table.figure(
        "9",
        "no-op tasks that repay the first",
        saved > 0 ? Table.format("%.0f", Math.ceil((first - usual) / saved)) : "never");
    plays.once(QUIESCE, 1);
  }

  private static final String AWAIT_ARCHIVE =
      "for i in $(seq 600); do ls /var/cache/quietus | grep -qE '[.](jsa|g1|none)$' && break;"
          + " sleep 0.1; done";

  /** Row 8. */
  private void wire(String name) throws IOException, InterruptedException {
    double[] bytes = new double[2];
    String[] tasks = {QUIESCE, BUILTIN};
    for (int i = 0; i < tasks.length; i++) {
      long few = bytesOf(name, tasks[i].repeat(2));
      bytes[i] = (bytesOf(name, tasks[i].repeat(12)) - few) / 10.0 / 1000;
    }
    table.ratio(
        "8",
        "bytes over the wire for a no-op task",
        Table.format("%.1f kB", bytes[0]),
        "systemd_service",
        Table.format("%.1f kB", bytes[1]),
        bytes[0] / bytes[1],
        0.5);
  }

  private long bytesOf(String name, String tasks) throws IOException, InterruptedException {
    String count =
        "cat /sys/class/net/eth0/statistics/*x_bytes | paste -sd+ | sed 's/.*/echo $((&))/' | sh";
    long before = Long.parseLong(lab.shell(name, count).strip());
    plays.once(tasks, 1);
    return Long.parseLong(lab.shell(name, count).strip()) - before;
  }

  /** Row 3. */
  private void noop() {
    quiesce("bench");
    List<String> word = java("word.jar", "Word", "-XX:SharedArchiveFile=" + WORK + "word.jsa");
    List<Table.Pair> pairs = new ArrayList<>();
    Lab.Cost ours = Lab.Cost.NONE;
    Lab.Cost theirs = Lab.Cost.NONE;
    int count = 3 * rounds;
    for (int i = 0; i <= count; i++) {
      Lab.Cost a = quiesce("bench");
      Lab.Cost b = host.run("", word);
      if (i > 0) {
        pairs.add(new Table.Pair(a.ms(), b.ms()));
        ours = ours.plus(a);
        theirs = theirs.plus(b);
      }
    }
    table.pairs("3", "the agent alone, no-op", "a JVM that prints one word", pairs, 3.0);
    table.ratio(
        "3",
        "its processor time, systemd's with it",
        Table.ms(ours.processor() / count),
        "the same of that JVM",
        Table.ms(theirs.processor() / count),
        ours.processor() / theirs.processor(),
        0);
    table.figure(
        "",
        "peak memory of it",
        Table.format("%.0f MB", host.peak(request("bench", "quiesced"), agent())),
        "that JVM",
        Table.format("%.0f MB", host.peak("", word)));
    host.run(request("bench", "quiesced"), agent("-Xlog:class+load:file=" + WORK + "classes"));
    String[] lines = host.text("", List.of("grep", "source:", WORK + "classes")).split("\n");
    long spun = Stream.of(lines).filter(line -> !line.contains("shared objects file")).count();
    table.figure(
        "", "classes loaded by it", lines.length + ", " + spun + " of them from no archive");
    release("bench");
  }

  /** Row 4. */
  private void verbs(String family, String number, String which, int rounds, double wanted) {
    String script = names(family);
    script =
        "{ systemctl stop "
            + script
            + " && systemctl mask "
            + script
            + " && systemctl unmask "
            + script
            + " && systemctl start "
            + script
            + "; } 2>/dev/null";
    List<Table.Pair> pairs = new ArrayList<>();
    List<Double> reloads = new ArrayList<>();
    Lab.Cost ours = Lab.Cost.NONE;
    Lab.Cost theirs = Lab.Cost.NONE;
    for (int i = 0; i <= rounds; i++) {
      Lab.Cost a = quiesce(family).plus(release(family));
      Lab.Cost b = host.shell(script);
      reloads.add(host.shell("systemctl daemon-reload").ms());
      if (i > 0) {
        pairs.add(new Table.Pair(a.ms(), b.ms()));
        ours = ours.plus(a);
        theirs = theirs.plus(b);
      }
    }
    table.pairs(
        number,
        "the agent alone, quiesce and release, " + which,
        "a shell script with 4 systemctl calls",
        pairs,
        wanted);
    table.ratio(
        number,
        "its processor time, systemd's with it",
        Table.ms(ours.processor() / rounds),
        "the same of the script",
        Table.ms(theirs.processor() / rounds),
        ours.processor() / theirs.processor(),
        0);
    table.figure(
        "",
        "daemon-reloads of the quiesce and of the release",
        calls(host, family, "quiesced").get("Reload")
            + " + "
            + calls(host, family, "running").get("Reload"));
    table.figure(
        "",
        "systemctl daemon-reload then",
        Table.ms(Table.median(reloads.stream().mapToDouble(Double::doubleValue).toArray())));
    table.figure(
        "",
        "peak memory, quiesce; release",
        Table.format("%.0f MB; ", host.peak(request(family, "quiesced"), agent()))
            + Table.format("%.0f MB", host.peak(request(family, "running"), agent())));
  }

  /** Makes so many services that are enabled and up; they run nothing. */
  private void enable(int count) {
    host.shell(
        "cd /etc/systemd/system && mkdir -p multi-user.target.wants && for i in $(seq "
            + count
            + "); do printf '[Service]\\n"
            + "Type=oneshot\\n"
            + "RemainAfterExit=yes\\n"
            + "ExecStart=/bin/true\\n"
            + "[Install]\\n"
            + "WantedBy=multi-user.target\\n"
            + "' >busy-$i.service; ln -sf ../busy-$i.service multi-user.target.wants; done;"
            + " systemctl daemon-reload; seq "
            + count
            + " | sed 's/.*/busy-&.service/' | xargs -r -n 250 systemctl start");
  }

  private void calls() {
    for (int size : SIZES) {
      String name = "grow" + size + "x";
      host.shell("cd /usr/lib/systemd/system && systemctl start $(ls | grep '^" + name + "[.-]')");
      for (String state : List.of("quiesced", "quiesced", "running")) {
        Map<String, Integer> calls = calls(host, name, state);
        table.figure(
            "",
            "D-Bus calls, family of "
                + size
                + ", "
                + (calls.size() == 1 ? "no-op" : state.equals("running") ? "release" : "quiesce"),
            Integer.toString(total(calls)),
            "daemon-reloads",
            Integer.toString(calls.getOrDefault("Reload", 0)));
      }
    }
  }

  /** Row 6. */
  private void instances(int count, int times) {
    String start = "seq 1 " + count + " | sed 's/.*/w@&.service/' | xargs -n 500 systemctl start";
    List<Table.Pair> pairs = new ArrayList<>();
    List<Double> releases = new ArrayList<>();
    Lab.Cost ours = Lab.Cost.NONE;
    Lab.Cost theirs = Lab.Cost.NONE;
    for (int i = 0; i < times; i++) {
      host.shell(start);
      Lab.Cost a = quiesce("w@.service");
      releases.add(release("w@.service").ms());
      host.shell("systemctl stop 'w@*'; " + start); // the same state as for the other side
      Lab.Cost b = host.shell("systemctl stop 'w@*'");
      pairs.add(new Table.Pair(a.ms(), b.ms()));
      ours = ours.plus(a);
      theirs = theirs.plus(b);
    }
    table.pairs("6", "quiesce of " + count + " instances", "systemctl stop 'w@*'", pairs, 1.3);
    table.ratio(
        "6",
        "its processor time, systemd's with it",
        Table.ms(ours.processor() / times),
        "the same of systemctl",
        Table.ms(theirs.processor() / times),
        ours.processor() / theirs.processor(),
        0);
    host.shell(start);
    table.figure(
        "", "D-Bus calls of it", Integer.toString(total(calls(host, "w@.service", "quiesced"))));
    release("w@.service");
    host.shell("systemctl stop 'w@*'");
    table.figure(
        "",
        "the release of them",
        Table.ms(Table.median(releases.stream().mapToDouble(Double::doubleValue).toArray())));
  }

  /**
   * Row 11: on a journal of so many MB. One service was started before it was filled, one after.
   * The command is the one that a hold leaves for people at a shell.
   */
  private void why(int megabytes) {
    quiesce("bench");
    release("bench");
    host.shell(
        "mkdir -p /etc/systemd/journald.conf.d /var/log/journal; printf"
            + " '[Journal]\\nStorage=persistent\\nSystemMaxUse=8G\\nSystemKeepFree=1M\\n"
            + "RateLimitIntervalSec=0\\n' >/etc/systemd/journald.conf.d/zz-bench.conf;"
            + " systemctl restart systemd-journald; journalctl --flush;"
            + " systemctl restart benched.service");
    // random letters hardly compress; the name sorts after that of the lab, which limits the
    // journal
    host.shell(
        "until [ $(du -sm /var/log/journal | cut -f1) -ge "
            + megabytes
            + " ]; do head -c 30000000 /dev/urandom | base64 -w 500 | systemd-cat -t noise;"
            + " journalctl --sync; done; systemctl restart bench.service; journalctl --sync");
    String size = host.text("", List.of("sh", "-c", "du -sm /var/log/journal | cut -f1")).strip();
    for (String unit : List.of("bench", "benched")) {
      List<Table.Pair> pairs = new ArrayList<>();
      for (int i = 0; i <= rounds; i++) {
        double ours = host.run("", List.of("/var/lib/quietus/quietus", "why", unit)).ms();
        Table.Pair pair =
            new Table.Pair(ours, host.shell("systemctl --no-pager status " + unit).ms());
        if (i > 0) {
          pairs.add(pair);
        }
      }
      table.pairs(
          "11",
          "quietus why at a shell, a service started "
              + (unit.equals("bench") ? "after" : "before")
              + " a journal of "
              + size
              + " MB",
          "systemctl status of it",
          pairs,
          2.0);
    }
    host.shell(
        "rm -r /etc/systemd/journald.conf.d/zz-bench.conf /var/log/journal; systemctl restart"
            + " systemd-journald");
  }

  /** Row 5: two hosts, in turn. */
  private void size(Path word) throws IOException, InterruptedException {
    lab.up(2);
    Lab.Remote many = prepared(lab.names().get(1), word);
    load(host, 200);
    load(many, 5000);
    quiesce("bench");
    many.run(request("bench", "quiesced"), agent());
    List<Table.Pair> pairs = new ArrayList<>();
    for (int i = 0; i <= 4 * rounds; i++) {
      double few = quiesce("bench").ms();
      Table.Pair pair = new Table.Pair(many.run(request("bench", "quiesced"), agent()).ms(), few);
      if (i > 0) {
        pairs.add(pair);
      }
    }
    table.pairs(
        "5", "no-op, 5,000 loaded units", "no-op on another host, 200 loaded units", pairs, 1.3);
    table.figure(
        "",
        "D-Bus calls of it",
        Integer.toString(total(calls(many, "bench", "quiesced"))),
        "on the other",
        Integer.toString(total(calls(host, "bench", "quiesced"))));
    release("bench");
    many.shell("systemctl stop 'pad@*'");
    host.shell("systemctl stop 'pad@*'");
    many.run(request("bench", "running"), agent());
  }

  private static void load(Lab.Remote on, int count) {
    on.shell(
        "n=$(systemctl list-units --all --plain --no-legend | wc -l); seq $n "
            + (count - 1)
            + " | sed 's/.*/pad@&.target/' | xargs -r -n 500 systemctl start");
  }

  /**
   * Row 7. A task on one host is measured too, for comparison: 16 hosts share 2 processors, control
   * process and all.
   */
  private void forks() throws IOException, InterruptedException {
    List<String> fresh = new ArrayList<>(lab.up(16));
    lab.shells(fresh, FAMILY + "systemctl daemon-reload; systemctl start " + names("bench"));
    say("16 hosts are up, at " + seconds() + " s");
    plays.once(QUIESCE, 16);
    lab.shells(lab.names(), AWAIT_ARCHIVE);
    say("their archives are made, at " + seconds() + " s");
    table.pairs(
        "7",
        "no-op on 16 hosts, forks 16",
        "no-op systemd_service on them",
        plays.turns(quick ? 4 : 8, QUIESCE, BUILTIN, true, 16),
        0.8);
  }
}
