package quietus.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import quietus.unit.State;

/**
 * A random series of things done to the units of a graph, to be played on the model and, by a shell, on a real systemd; and the states of all
 * units after each of them.
 */
final class Play {
  /** How long each thing is given, in milliseconds. No restart delay and no timeout of {@link RandomUnits} ends near a multiple of it. */
  static final int SETTLE = 3_300;

  /** What can be done. */
  enum Kind {
    START, STOP, RESTART, KILL, CONNECT, TOUCH, GATE, OPEN, MASK, UNMASK, RELOAD, RESET
  }

  /** @param unit empty when it concerns none */
  record Deed(Kind kind, String unit) {
    @Override
    public String toString() {
      return kind + (unit.isEmpty() ? "" : " " + unit);
    }
  }

  private final UnitGraph graph;
  private final String hold;
  final List<Deed> deeds = new ArrayList<>();

  private Play(UnitGraph graph, String hold) {
    this.graph = graph;
    this.hold = hold;
  }

  /** @param hold the path of the file that closes the gates, relative to the root */
  static Play random(UnitGraph graph, String hold, long seed, int length) {
    Play play = new Play(graph, hold);
    Random random = new Random(seed);
    List<String> startable = graph.units("");
    while (play.deeds.size() < length && !startable.isEmpty()) {
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      List<String> from = switch (kind) {
        case CONNECT -> graph.units(".socket");
        case TOUCH -> graph.units(".path");
        case KILL, RESTART -> graph.units(".service");
        case RELOAD, OPEN -> List.of("");
        // what a path watcher does at the reload that masks the running service it is for depends on the order of a hash table
        case MASK -> startable.stream().filter(u -> !isWatched(graph, u)).toList();
        default -> startable;
      };
      if (!from.isEmpty()) {
        play.deeds.add(new Deed(kind, from.get(random.nextInt(from.size()))));
      }
    }
    return play;
  }

  private static boolean isWatched(UnitGraph graph, String unit) {
    return graph.entries().stream().anyMatch(e -> e.owner().endsWith(".path") && e.refs().contains(unit));
  }

  static Play of(UnitGraph graph, String hold, List<Deed> deeds) {
    Play play = new Play(graph, hold);
    play.deeds.addAll(deeds);
    return play;
  }

  /** Plays it on a model. @return the states of all units, first after the beginning, then after each deed */
  List<Map<String, String>> onModel(Path root, int version) {
    return onModel(root, ModelSystemd.boot(root, version));
  }

  List<Map<String, String>> onModel(Path root, ModelSystemd systemd) {
    graph.writeLasting(root);
    graph.writePassing(root);
    systemd.outside().reload();
    for (String target : List.of("sockets.target", "timers.target", "paths.target", "multi-user.target")) {
      systemd.outside().start(target);
    }
    systemd.pass(java.time.Duration.ofMillis(300));
    for (String unit : graph.started()) {
      systemd.outside().start(unit);
      systemd.pass(java.time.Duration.ofMillis(300));
    }
    systemd.pass(java.time.Duration.ofMillis(SETTLE));
    List<Map<String, String>> states = new ArrayList<>();
    states.add(states(systemd));
    for (Deed deed : deeds) {
      on(systemd.outside(), root, deed);
      systemd.pass(java.time.Duration.ofMillis(SETTLE));
      states.add(states(systemd));
    }
    return states;
  }

  private void on(Outside outside, Path root, Deed deed) {
    String unit = deed.unit();
    switch (deed.kind()) {
      case START -> outside.start(unit);
      case STOP -> outside.stop(unit);
      case RESTART -> outside.restart(unit);
      case KILL -> outside.kill(unit);
      case CONNECT -> outside.connect(unit);
      case TOUCH -> outside.touch(root.resolve("var/qt").resolve(unit).resolve("file"));
      case GATE -> {
        outside.write("etc/systemd/system.control/" + unit + ".d/zz-quietus.conf", "[Unit]\nAssertPathExists=!" + root.resolve(hold) + "\n");
        outside.reload();
        outside.write(hold, "");
      }
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
      default -> throw new IllegalStateException(deed.toString());
    }
  }

  private Map<String, String> states(ModelSystemd systemd) {
    Map<String, String> states = new TreeMap<>();
    Map<String, State> all = systemd.snapshot();
    for (String unit : graph.units("")) {
      State state = all.getOrDefault(unit, State.NOT_FOUND);
      states.put(unit, state.active() + "/" + state.sub());
    }
    all.forEach((unit, state) -> {
      if (!states.containsKey(unit) && graph.units().stream().anyMatch(t -> t.equals(quietus.unit.UnitName.templateOf(unit))) && !state.active().equals("inactive")) {
        states.put(unit.replaceAll("@([0-9]+)-.*\\.", "@$1."), state.active() + "/" + state.sub());
      }
    });
    return states;
  }

  /** The shell script that plays it on a real systemd as root and prints what {@link #read} reads. */
  String shell() {
    StringBuilder script = new StringBuilder("set -u\nexport SYSTEMD_PAGER= LC_ALL=C\n");
    graph.files("").forEach((name, text) -> {
      String path = "/" + name;
      script.append("mkdir -p ").append(quote(path.substring(0, path.lastIndexOf('/')))).append('\n');
      if (text.startsWith("-> ")) {
        script.append("ln -sfn ").append(quote(text.substring(3))).append(' ').append(quote(path)).append('\n');
      } else {
        script.append("cat >").append(quote(path)).append(" <<'QTEND'\n").append(text).append("QTEND\n");
      }
    });
    script.append("mkdir -p /run/qt /var/qt\nsystemctl daemon-reload\n");
    script.append("systemctl start --no-block sockets.target timers.target paths.target multi-user.target 2>/dev/null\nsleep 0.3\n");
    for (String unit : graph.started()) {
      script.append("systemctl start --no-block ").append(unit).append(" 2>/dev/null\nsleep 0.3\n");
    }
    script.append(look(0));
    for (int i = 0; i < deeds.size(); i++) {
      script.append(shell(deeds.get(i))).append(" >/dev/null 2>&1\n").append(look(i + 1));
    }
    return script.toString();
  }

  private String look(int number) {
    String prefix = graph.units().get(0).replaceAll("[0-9].*", "");
    return "sleep " + SETTLE / 1000.0 + "\necho '== " + number + "'\nsystemctl list-units --all --plain --no-legend --full '" + prefix + "*'\n";
  }

  private String shell(Deed deed) {
    String unit = deed.unit();
    String control = "/etc/systemd/system.control/" + unit;
    return switch (deed.kind()) {
      case START -> "systemctl start --no-block " + unit;
      case STOP -> "systemctl stop --no-block " + unit;
      case RESTART -> "systemctl restart --no-block " + unit;
      case KILL -> "systemctl kill -s KILL --kill-who=main " + unit;
      case CONNECT -> "timeout 1 python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"/run/qt/" + unit + "\")'";
      case TOUCH -> "{ mkdir -p /var/qt/" + unit + "; touch /var/qt/" + unit + "/file; }";
      case GATE -> "{ mkdir -p " + control + ".d; printf '[Unit]\\nAssertPathExists=!/" + hold + "\\n' >" + control + ".d/zz-quietus.conf; "
          + "systemctl daemon-reload; mkdir -p $(dirname /" + hold + "); touch /" + hold + "; }";
      case OPEN -> "rm -f /" + hold;
      case MASK -> "{ mkdir -p /etc/systemd/system.control; ln -sfn /dev/null " + control + "; systemctl daemon-reload; }";
      case UNMASK -> "{ rm -f " + control + "; systemctl daemon-reload; }";
      case RELOAD -> "systemctl daemon-reload";
      case RESET -> "systemctl reset-failed " + unit;
    };
  }

  private static String quote(String word) {
    return "'" + word + "'";
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
            states.get(states.size() - 1).put(words[0].replaceAll("@([0-9]+)-.*\\.", "@$1."), words[2] + "/" + words[3]);
          }
        }
      }
    }
    return states;
  }
}
