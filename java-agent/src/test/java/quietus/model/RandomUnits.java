// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes random unit files from a seed: all types that count, all relations, in every directory, and
 * nothing that systemd would refuse. A relation that orders goes from a later unit to an earlier
 * one only, so there are no cycles.
 */
public final class RandomUnits {
  /**
   * What may be in a graph.
   *
   * @param onlyReal leaves out what systemd in a container cannot do alone: bus names, mounts
   * @param prefix the beginning of every unit's name
   * @param hasShortRuns there are services that end or fail by themselves
   * @param hasFastTimers there are timers that elapse within seconds: such a host is never at rest
   */
  public record Options(
      String prefix, boolean onlyReal, boolean hasShortRuns, boolean hasFastTimers) {
    /** Everything. */
    public static final Options ALL = new Options("qt", false, true, true);

    /** What a real systemd in a container brings to the same state each time. */
    public static final Options COMPARABLE = new Options("qt", true, false, false);
  }

  private static final List<String> DIRECTORIES =
      List.of(
          "etc/systemd/system",
          "etc/systemd/system",
          "usr/lib/systemd/system",
          "usr/lib/systemd/system",
          "run/systemd/system",
          "etc/model-generator/late");

  private final Random random;
  private final Options options;
  private final List<String> units = new ArrayList<>();
  private final List<UnitGraph.Entry> entries = new ArrayList<>();
  private final List<String> started = new ArrayList<>();

  /** Services and targets that others may require, in their order. */
  private final List<String> solid = new ArrayList<>();

  /** Services that run until they are stopped. */
  private final List<String> daemons = new ArrayList<>();

  private final List<String> services = new ArrayList<>();
  private final Set<String> persistent = new LinkedHashSet<>();

  /** Targets after which something is ordered: nothing later may be a part of them. */
  private final Set<String> ordered = new LinkedHashSet<>();

  private int last;

  private RandomUnits(long seed, Options options) {
    this.random = new Random(seed);
    this.options = options;
  }

  /**
   * @param size about so many units, 2 to 40
   */
  public static UnitGraph graph(long seed, int size, Options options) {
    RandomUnits made = new RandomUnits(seed, options);
    while (made.units.size() < size) {
      made.add(size - made.units.size());
    }
    return new UnitGraph(made.units, made.entries, made.started);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private void add(int left) {
    int kind = random.nextInt(100);
    if (kind < 60 || left < 2) {
      service();
    } else if (kind < 72) {
      template();
    } else if (kind < 82) {
      accepting();
    } else if (kind < 92) {
      target();
    } else if (!options.onlyReal) {
      mount();
    }
  }

  // ---- lines and links

  private String place(String unit) {
    String dir = pick(DIRECTORIES);
    if (!dir.startsWith("run/")) {
      persistent.add(unit);
    }
    units.add(unit);
    return dir + "/" + unit;
  }

  private void line(
      String unit, String file, String section, String text, boolean isOptional, String... refs) {
    entries.add(new UnitGraph.Entry(unit, file, section, text, false, Set.of(refs), isOptional));
  }

  private void link(String unit, String file, String target, String... refs) {
    entries.add(new UnitGraph.Entry(unit, file, "", target, true, Set.of(refs), true));
  }

  private void enable(String unit, String file, String by) {
    line(unit, file, "Install", "WantedBy=" + by, true);
    if (!persistent.contains(unit)) {
      started.add(unit);
    } else if (chance(80)) {
      String template = quietus.unit.UnitName.templateOf(unit);
      link(
          unit,
          "etc/systemd/system/" + by + ".wants/" + unit,
          "/"
              + file.substring(0, file.lastIndexOf('/') + 1)
              + (template == null ? unit : template));
    } else if (chance(50)) {
      started.add(unit);
    }
  }

  // ---- services

  private void service() {
    String stem = options.prefix + String.format("%02d", ++last);
    String unit = stem + ".service";
    String file = place(unit);
    line(unit, file, "Unit", "Description=" + unit, true);
    boolean runs = body(unit, file);
    relations(unit, file);
    int activators = random.nextInt(100);
    boolean hasActivator = activators < 55;
    if (activators < 25) {
      socket(stem + ".socket", unit, true);
      if (chance(15)) {
        socket(stem + "b.socket", unit, false);
      }
    }
    if (activators >= 20 && activators < 40) {
      timer(chance(70) ? stem + ".timer" : stem + "t.timer", unit);
    }
    if (activators >= 35 && activators < 55) {
      path(chance(70) ? stem + ".path" : stem + "p.path", unit);
    }
    if (!hasActivator || chance(40)) {
      enable(unit, file, chance(80) ? "multi-user.target" : pickTarget());
    }
    services.add(unit);
    if (runs) {
      solid.add(unit);
    }
    garnish(unit, file, stem);
  }

  private String pickTarget() {
    List<String> targets =
        units.stream()
            .filter(u -> u.endsWith(".target") && persistent.contains(u) && !ordered.contains(u))
            .toList();
    if (targets.isEmpty()) {
      return "multi-user.target";
    }
    String target = pick(targets);
    solid.remove(
        target); // it is ordered after what it wants, so nothing may be ordered after it any more
    return target;
  }

  /** What it runs. @return true when it stays up once it is */
  private boolean body(String unit, String file) {
    int kind = random.nextInt(options.hasShortRuns ? 100 : 80);
    if (kind < 45) {
      line(unit, file, "Service", "ExecStart=/bin/sleep infinity", false);
      daemons.add(unit);
    } else if (kind < 55) {
      line(unit, file, "Service", "Type=exec", true);
      line(
          unit,
          file,
          "Service",
          "ExecStart=/bin/sh -c \"trap 'sleep 0.05; exit 0' TERM; sleep infinity & wait\"",
          false);
      daemons.add(unit);
    } else if (kind < 70) {
      line(unit, file, "Service", "Type=oneshot", false);
      line(unit, file, "Service", "RemainAfterExit=yes", options.hasShortRuns);
      line(unit, file, "Service", "ExecStart=/bin/true", false);
      return true;
    } else if (kind < 75) {
      line(unit, file, "Service", "Type=forking", false);
      line(unit, file, "Service", "ExecStart=/bin/sh -c \"sleep infinity &\"", false);
      daemons.add(unit);
    } else if (kind < 80) {
      line(
          unit,
          file,
          "Service",
          "ExecStart=/bin/sh -c \"trap '' TERM; while :; do sleep 1; done\"",
          false);
      line(unit, file, "Service", "TimeoutStopSec=1", false);
      daemons.add(unit);
    } else if (kind < 92) {
      line(unit, file, "Service", "Type=oneshot", false);
      line(unit, file, "Service", "ExecStart=/bin/sleep 0.1", false);
      return false;
    } else if (kind < 96) {
      line(unit, file, "Service", "Type=oneshot", false);
      line(unit, file, "Service", "ExecStart=/bin/false", false);
      return false;
    } else {
      line(unit, file, "Service", "ExecStart=/bin/sleep 0.3", false);
      return false;
    }
    settings(unit, file);
    return true;
  }

  private void settings(String unit, String file) {
    if (chance(25)) {
      line(
          unit,
          file,
          "Service",
          "Restart=" + pick(List.of("always", "on-failure", "on-abnormal")),
          true);
      line(unit, file, "Service", "RestartSec=" + pick(List.of("100ms", "1s", "5s")), true);
    }
    if (chance(20)) {
      line(
          unit,
          file,
          "Service",
          "ExecStop=" + pick(List.of("/bin/true", "/bin/sleep 0.05", "/bin/false")),
          true);
    }
    if (chance(10)) {
      line(unit, file, "Service", "ExecStopPost=/bin/true", true);
    }
    if (chance(10)) {
      line(unit, file, "Service", "ExecStartPre=/bin/sleep 0.05", true);
    }
    if (chance(5)) {
      line(unit, file, "Service", "KillMode=" + pick(List.of("mixed", "process")), true);
    }
    if (chance(8)) {
      line(unit, file, "Service", "Slice=" + options.prefix + ".slice", true);
    }
    if (!options.onlyReal && chance(15)) {
      String name = "com.example." + quietus.unit.UnitName.stem(unit);
      line(unit, file, "Service", "BusName=" + name, true);
      line(unit, file, "Service", "Type=dbus", true);
      String activation = "usr/share/dbus-1/system-services/" + name + ".service";
      for (String text : List.of("Name=" + name, "Exec=/bin/false", "SystemdService=" + unit)) {
        line(unit, activation, "D-BUS Service", text, true);
      }
    }
  }

  private void relations(String unit, String file) {
    for (int i = random.nextInt(3); i > 0 && !solid.isEmpty(); i--) {
      String other = pick(solid);
      ordered.add(other);
      String kind =
          pick(
              List.of(
                  "Requires",
                  "Requires",
                  "Wants",
                  "Wants",
                  "BindsTo",
                  "PartOf",
                  "Requisite",
                  "StopPropagatedFrom"));
      line(unit, file, "Unit", kind + "=" + other, true, other);
      if (chance(75)) {
        line(unit, file, "Unit", "After=" + other, true, other);
      }
    }
    if (chance(10) && !daemons.isEmpty() && !daemons.get(daemons.size() - 1).equals(unit)) {
      String other = pick(daemons.stream().filter(d -> !d.equals(unit)).toList());
      line(unit, file, "Unit", "Upholds=" + other, true, other);
    }
    if (chance(8) && !services.isEmpty()) {
      String other = pick(services);
      line(unit, file, "Unit", "PropagatesStopTo=" + other, true, other);
    }
    if (chance(10) && !services.isEmpty()) {
      String other = pick(services);
      line(
          unit,
          file,
          "Unit",
          pick(List.of("OnFailure", "OnFailure", "OnSuccess")) + "=" + other,
          true,
          other);
    }
    if (chance(4)) {
      String other = options.prefix + String.format("%02d", ++last) + ".service";
      String otherFile = place(other);
      line(other, otherFile, "Service", "ExecStart=/bin/sleep infinity", false);
      line(unit, file, "Unit", "Conflicts=" + other, true, other);
    }
  }

  /** Aliases, drop-ins, masks. */
  private void garnish(String unit, String file, String stem) {
    if (chance(10) && persistent.contains(unit)) {
      link(unit, "etc/systemd/system/" + stem + "-alias.service", "/" + file);
    }
    if (chance(12)) {
      String dir =
          pick(
              List.of(
                  "etc/systemd/system", "usr/lib/systemd/system", "etc/systemd/system.control"));
      line(
          unit,
          dir + "/" + unit + ".d/50-more.conf",
          "Service",
          pick(List.of("Environment=A=b", "RestartSec=2s", "TimeoutStopSec=3s")),
          true);
    }
    if (chance(4) && file.startsWith("usr/")) {
      entries.removeIf(
          e -> e.isLink() && e.file().equals("etc/systemd/system/" + stem + "-alias.service"));
      link(unit, "etc/systemd/system/" + unit, "/dev/null");
    }
  }

  // ---- activators

  private void socket(String unit, String service, boolean sameStem) {
    String file = place(unit);
    line(
        unit, file, "Socket", "ListenStream=" + UnitGraph.ROOT + "/run/qt/" + unit, false, service);
    if (!sameStem) {
      line(unit, file, "Socket", "Service=" + service, false, service);
    }
    enable(unit, file, "sockets.target");
  }

  private void timer(String unit, String service) {
    String file = place(unit);
    boolean isFast = options.hasFastTimers && chance(40);
    line(
        unit,
        file,
        "Timer",
        "OnActiveSec=" + (isFast ? pick(List.of("50ms", "1s")) : "1h"),
        false,
        service);
    if (isFast || chance(30)) {
      line(unit, file, "Timer", "OnUnitActiveSec=" + (isFast ? "1s" : "2h"), true);
    }
    if (chance(20)) {
      line(unit, file, "Timer", "OnCalendar=daily", true);
      line(unit, file, "Timer", "Persistent=yes", true);
    }
    line(unit, file, "Timer", "AccuracySec=1ms", true);
    named(unit, file, "Timer", service);
    enable(unit, file, "timers.target");
  }

  private void path(String unit, String service) {
    String file = place(unit);
    line(
        unit,
        file,
        "Path",
        pick(List.of("PathExists", "PathChanged", "DirectoryNotEmpty"))
            + "="
            + UnitGraph.ROOT
            + "/var/qt/"
            + unit,
        false,
        service);
    named(unit, file, "Path", service);
    enable(unit, file, "paths.target");
  }

  private void named(String unit, String file, String section, String service) {
    if (!quietus.unit.UnitName.stem(unit).equals(quietus.unit.UnitName.stem(service))) {
      line(unit, file, section, "Unit=" + service, false, service);
    }
  }

  // ---- templates, targets, mounts

  private void template() {
    String stem = options.prefix + String.format("%02d", ++last);
    String template = stem + "@.service";
    String file = place(template);
    line(template, file, "Unit", "Description=%n", true);
    line(template, file, "Service", "ExecStart=/bin/sleep infinity", false);
    if (chance(20)) {
      line(template, file, "Service", "Restart=always", true);
    }
    if (chance(20)) {
      line(
          template,
          "etc/systemd/system/" + template + ".d/50-more.conf",
          "Service",
          "Environment=A=b",
          true);
    }
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String instance = stem + "@" + (char) ('a' + i) + ".service";
      units.add(instance);
      boolean isOwn = chance(20);
      String ownFile = "etc/systemd/system/" + instance;
      line(
          instance,
          isOwn ? ownFile : file,
          isOwn ? "Service" : "Unit",
          isOwn ? "ExecStart=/bin/sleep infinity" : "# has instance " + instance,
          false,
          template);
      if (isOwn || persistent.contains(template)) {
        persistent.add(instance);
      }
      if (chance(70)) {
        link(
            instance,
            "etc/systemd/system/multi-user.target.wants/" + instance,
            isOwn ? "/" + ownFile : "/" + file,
            template);
      } else {
        started.add(instance);
      }
      services.add(instance);
      daemons.add(instance);
      solid.add(instance);
    }
  }

  private void accepting() {
    String stem = options.prefix + String.format("%02d", ++last);
    String template = stem + "@.service";
    String file = place(template);
    line(template, file, "Service", "ExecStart=/bin/sleep infinity", false);
    String socket = stem + ".socket";
    String socketFile = place(socket);
    line(
        socket,
        socketFile,
        "Socket",
        "ListenStream=" + UnitGraph.ROOT + "/run/qt/" + socket,
        false,
        template);
    line(socket, socketFile, "Socket", "Accept=yes", false, template);
    enable(socket, socketFile, "sockets.target");
  }

  private void target() {
    String unit = options.prefix + String.format("%02d", ++last) + ".target";
    String file = place(unit);
    line(unit, file, "Unit", "Description=" + unit, false);
    for (int i = random.nextInt(3); i > 0 && !solid.isEmpty(); i--) {
      String other = pick(solid);
      ordered.add(other);
      line(
          unit,
          file,
          "Unit",
          pick(List.of("Wants", "Wants", "Requires")) + "=" + other,
          true,
          other);
    }
    enable(unit, file, "multi-user.target");
    if (persistent.contains(unit)) {
      solid.add(unit);
    }
  }

  private void mount() {
    String stem = options.prefix + "-m" + ++last;
    String mount = stem + ".mount";
    String file = place(mount);
    line(mount, file, "Mount", "What=tmpfs", false);
    line(mount, file, "Mount", "Where=/qt/m" + last, false);
    String automount = stem + ".automount";
    String automountFile = place(automount);
    line(automount, automountFile, "Automount", "Where=/qt/m" + last, false, mount);
    enable(automount, automountFile, "multi-user.target");
  }
}
