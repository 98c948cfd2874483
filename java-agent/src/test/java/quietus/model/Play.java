// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import quietus.unit.State;

/**
 * A random series of things done to the units of a graph, to be played on the model and, by a
 * shell, on a real systemd; and the states of all units after each of them.
 */
final class Play {
  /**
   * How long each thing is given, in seconds. No restart delay and no timeout of {@link
   * RandomUnits} ends near a multiple of it.
   */
  private static final double SETTLE = 3.3;

  private static final double PAUSE = 0.3;

  /** What can be done. */
  enum Kind {
    START,
    STOP,
    RESTART,
    KILL,
    CONNECT,
    TOUCH,
    GATE,
    OPEN,
    MASK,
    UNMASK,
    RELOAD,
    RESET,
    HOLD,
    RELEASE
  }

  /**
   * @param unit empty when it concerns none; several for a hold, with blanks between them
   */
  record Action(Kind kind, String unit) {
    @Override
    public String toString() {
      return kind + (unit.isEmpty() ? "" : " " + unit);
    }
  }

  private static final String STAMP = "echo \"@ $(cut -d' ' -f1 /proc/uptime)\"\n";

  private final UnitGraph graph;
  private final String hold;
  final List<Action> actions = new ArrayList<>();

  private Play(UnitGraph graph, String hold) {
    this.graph = graph;
    this.hold = hold;
  }

  /**
   * @param hold the path of the file that closes the gates, relative to the root
   */
  static Play random(UnitGraph graph, String hold, long seed, int length) {
    Play play = new Play(graph, hold);
    Random random = new Random(seed);
    List<String> startable = graph.units("");
    while (play.actions.size() < length && !startable.isEmpty()) {
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      List<String> from =
          switch (kind) {
            case CONNECT -> graph.units(".socket");
            case TOUCH -> graph.units(".path");
            case KILL, RESTART -> graph.units(".service");
            case RELOAD, OPEN -> List.of("");
            default -> startable;
          };
      if (kind == Kind.HOLD || kind == Kind.RELEASE) {
        List<String> some = new ArrayList<>(startable);
        java.util.Collections.shuffle(some, random);
        play.actions.add(
            new Action(
                kind,
                String.join(" ", some.subList(0, Math.min(some.size(), 1 + random.nextInt(4))))));
      } else if (!from.isEmpty()) {
        play.actions.add(new Action(kind, from.get(random.nextInt(from.size()))));
      }
    }
    return play;
  }

  static Play of(UnitGraph graph, String hold, List<Action> actions) {
    Play play = new Play(graph, hold);
    play.actions.addAll(actions);
    return play;
  }

  /**
   * Plays it on a model.
   *
   * @param chance decides what systemd leaves to the order of its hash tables; null for always the
   *     same order
   * @param times when the shell did each step, so that the model does it then; empty for what the
   *     script intends
   * @return the states of all units, first after the beginning, then after each action
   */
  List<Map<String, String>> onModel(Path root, int version, Random chance, List<Double> times) {
    ModelSystemd systemd = ModelSystemd.boot(root, version);
    systemd.chance(chance);
    return onModel(root, systemd, times);
  }

  List<Map<String, String>> onModel(Path root, ModelSystemd systemd, List<Double> times) {
    Iterator<Double> clock = times.iterator();
    double[] last = {clock.hasNext() ? clock.next() : 0};
    DoubleConsumer pass =
        intended -> {
          double gap = intended;
          if (clock.hasNext()) {
            double now = clock.next();
            gap = now - last[0];
            last[0] = now;
          }
          systemd.pass(Duration.ofNanos((long) (gap * 1e9)));
        };
    graph.writePersistent(root);
    graph.writeRuntime(root);
    systemd.outside().reload();
    for (String target :
        List.of("sockets.target", "timers.target", "paths.target", "multi-user.target")) {
      systemd.outside().start(target);
    }
    pass.accept(PAUSE);
    for (String unit : graph.started()) {
      systemd.outside().start(unit);
      pass.accept(PAUSE);
    }
    pass.accept(SETTLE);
    List<Map<String, String>> states = new ArrayList<>();
    states.add(states(systemd));
    for (Action action : actions) {
      on(systemd.outside(), root, action);
      pass.accept(SETTLE);
      states.add(states(systemd));
    }
    return states;
  }

  private void on(Outside outside, Path root, Action action) {
    String unit = action.unit();
    switch (action.kind()) {
      case START -> outside.start(unit);
      case STOP -> outside.stop(unit);
      case RESTART -> outside.restart(unit);
      case KILL -> outside.kill(unit);
      case CONNECT -> outside.connect(unit);
      case TOUCH -> outside.touch(root.resolve("var/qt").resolve(unit).resolve("file"));
      case GATE -> {
        outside.write(gate(unit), "[Unit]\nAssertPathExists=!" + root.resolve(hold) + "\n");
        outside.reload();
        outside.write(hold, "");
      }
      case HOLD -> {
        List<String> units = List.of(unit.split(" "));
        units.forEach(
            u -> outside.write(gate(u), "[Unit]\nAssertPathExists=!" + root.resolve(hold) + "\n"));
        outside.reload();
        outside.write(hold, "");
        outside.stopIrreversibly(units);
      }
      case RELEASE ->
          outside.startTransient(
              opener(),
              "[Unit]\nDefaultDependencies=no\nCollectMode=inactive-or-failed\nWants="
                  + unit
                  + "\nBefore="
                  + unit
                  + "\n[Service]\nType=oneshot\nExecStart=/bin/rm -f "
                  + root.resolve(hold)
                  + "\n",
              JobMode.REPLACE);
      case OPEN -> outside.remove(root.resolve(hold));
      case MASK -> {
        outside.link("etc/systemd/system.control/" + unit, "/dev/null");
        outside.reload();
      }
      case UNMASK -> {
        outside.remove(root.resolve("etc/systemd/system.control/" + unit));
        outside.reload();
      }
      case RELOAD -> outside.reload();
      case RESET -> outside.resetFailed(unit);
      default -> throw new IllegalStateException(action.toString());
    }
  }

  private static String gate(String unit) {
    return "etc/systemd/system.control/" + unit + ".d/zz-quietus.conf";
  }

  private String opener() {
    return "open-" + prefix() + ".service";
  }

  private Map<String, String> states(ModelSystemd systemd) {
    Map<String, String> states = new TreeMap<>();
    Map<String, State> all = systemd.snapshot();
    for (String unit : graph.units("")) {
      State state = all.getOrDefault(unit, State.NOT_FOUND);
      states.put(unit, state.active() + "/" + state.sub());
    }
    all.forEach(
        (unit, state) -> {
          if (!states.containsKey(unit)
              && graph.units().stream()
                  .anyMatch(t -> t.equals(quietus.unit.UnitName.templateOf(unit)))
              && !state.active().equals("inactive")) {
            states.put(
                unit.replaceAll("@([0-9]+)-.*\\.", "@$1."), state.active() + "/" + state.sub());
          }
        });
    return states;
  }

  /**
   * The shell script that plays it on a real systemd as root and prints what {@link #read} reads.
   */
  String shell() {
    StringBuilder script = new StringBuilder("set -u\nexport SYSTEMD_PAGER= LC_ALL=C\n");
    graph
        .files("")
        .forEach(
            (name, text) -> {
              String path = "/" + name;
              script
                  .append("mkdir -p ")
                  .append(quote(path.substring(0, path.lastIndexOf('/'))))
                  .append('\n');
              if (text.startsWith("-> ")) {
                script
                    .append("ln -sfn ")
                    .append(quote(text.substring(3)))
                    .append(' ')
                    .append(quote(path))
                    .append('\n');
              } else {
                script
                    .append("cat >")
                    .append(quote(path))
                    .append(" <<'QTEND'\n")
                    .append(text)
                    .append("QTEND\n");
              }
            });
    script.append("mkdir -p /run/qt /var/qt\nsystemctl daemon-reload\n");
    script
        .append(STAMP)
        .append(
            "systemctl start --no-block sockets.target timers.target paths.target multi-user.target"
                + " 2>/dev/null\n")
        .append(pause());
    for (String unit : graph.started()) {
      script
          .append("systemctl start --no-block ")
          .append(unit)
          .append(" 2>/dev/null\n")
          .append(pause());
    }
    script.append(look(0));
    for (int i = 0; i < actions.size(); i++) {
      script.append(shell(actions.get(i))).append(" >/dev/null 2>&1\n").append(look(i + 1));
    }
    return script.toString();
  }

  private static String pause() {
    return "sleep " + PAUSE + "\n" + STAMP;
  }

  /** The beginning of the names of all its units. */
  private String prefix() {
    return graph.units().get(0).replaceAll("[0-9-].*", "");
  }

  /** The shell script that takes everything away again. */
  String cleanUp() {
    String all = "'" + prefix() + "*'";
    return "systemctl stop "
        + all
        + "; systemctl kill -s KILL "
        + all
        + "; find /etc/systemd /usr/lib/systemd/system /run/systemd/system /run/systemd/transient "
        + "/etc/model-generator -name "
        + all
        + " -prune -exec rm -rf {} +; rm -rf /var/qt/"
        + prefix()
        + "* /run/qt/"
        + prefix()
        + "* /"
        + hold
        + "; systemctl daemon-reload; systemctl reset-failed "
        + all
        + "; true";
  }

  private String look(int number) {
    return "sleep "
        + SETTLE
        + "\n"
        + STAMP
        + "echo '== "
        + number
        + "'\nsystemctl list-units --all --plain --no-legend --full '"
        + prefix()
        + "*'\n";
  }

  private String shell(Action action) {
    String unit = action.unit();
    String control = "/etc/systemd/system.control/" + unit;
    return switch (action.kind()) {
      case START -> "systemctl start --no-block " + unit;
      case STOP -> "systemctl stop --no-block " + unit;
      case RESTART -> "systemctl restart --no-block " + unit;
      case KILL -> "systemctl kill -s KILL --kill-who=main " + unit;
      case CONNECT ->
          "timeout 1 python3 -c 'import socket; s = socket.socket(socket.AF_UNIX);"
              + " s.connect(\"/run/qt/"
              + unit
              + "\")'";
      case TOUCH -> "{ mkdir -p /var/qt/" + unit + "; touch /var/qt/" + unit + "/file; }";
      case GATE ->
          "{ "
              + shellGate(unit)
              + "systemctl daemon-reload; mkdir -p $(dirname /"
              + hold
              + "); touch /"
              + hold
              + "; }";
      case HOLD -> {
        StringBuilder script = new StringBuilder("{ ");
        for (String one : unit.split(" ")) {
          script.append(shellGate(one));
        }
        script
            .append("systemctl daemon-reload; mkdir -p $(dirname /")
            .append(hold)
            .append("); touch /")
            .append(hold)
            .append("; ");
        for (String one : unit.split(" ")) {
          script
              .append("systemctl stop --no-block --job-mode=replace-irreversibly ")
              .append(one)
              .append("; ");
        }
        yield script.append("}").toString();
      }
      case RELEASE ->
          "busctl call -- org.freedesktop.systemd1 /org/freedesktop/systemd1"
              + " org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' "
              + opener()
              + " replace 6 Type s oneshot DefaultDependencies b false CollectMode s"
              + " inactive-or-failed"
              + names("Wants", unit)
              + names("Before", unit)
              + " ExecStart 'a(sasb)' 1 /bin/rm 3 /bin/rm -f /"
              + hold
              + " false 0";
      case OPEN -> "rm -f /" + hold;
      case MASK ->
          "{ mkdir -p /etc/systemd/system.control; ln -sfn /dev/null "
              + control
              + "; systemctl daemon-reload; }";
      case UNMASK -> "{ rm -f " + control + "; systemctl daemon-reload; }";
      case RELOAD -> "systemctl daemon-reload";
      case RESET -> "systemctl reset-failed " + unit;
    };
  }

  private static String names(String property, String units) {
    return " " + property + " as " + units.split(" ").length + " " + units;
  }

  private String shellGate(String unit) {
    String dir = "/etc/systemd/system.control/" + unit + ".d";
    return "mkdir -p "
        + dir
        + "; printf '[Unit]\\nAssertPathExists=!/"
        + hold
        + "\\n' >"
        + dir
        + "/zz-quietus.conf; ";
  }

  private static String quote(String word) {
    return "'" + word + "'";
  }

  /** When the script did each step, by what it printed. */
  static List<Double> times(String output) {
    return output
        .lines()
        .filter(l -> l.startsWith("@ "))
        .map(l -> Double.parseDouble(l.substring(2)))
        .toList();
  }

  /** Reads what the script printed, in the form of {@link #onModel}. */
  List<Map<String, String>> read(String output) {
    List<Map<String, String>> states = new ArrayList<>();
    for (String line : output.split("\n")) {
      if (line.startsWith("== ")) {
        Map<String, String> now = new TreeMap<>();
        graph.units("").forEach(unit -> now.put(unit, "inactive/dead"));
        states.add(now);
      } else if (!states.isEmpty()) {
        String[] words = line.strip().split("\\s+");
        if (words.length >= 4) {
          boolean isKnown = graph.units().contains(words[0]);
          String template = quietus.unit.UnitName.templateOf(words[0]);
          boolean isInstance = template != null && graph.units().contains(template);
          if (isKnown || isInstance && !words[2].equals("inactive")) {
            states
                .get(states.size() - 1)
                .put(words[0].replaceAll("@([0-9]+)-.*\\.", "@$1."), words[2] + "/" + words[3]);
          }
        }
      }
    }
    return states;
  }
}
