// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import quietus.systemd.SystemdException;
import quietus.unit.UnitType;

/**
 * Everybody else on the host: people, clients, the kernel, package scripts. Each verb says whether
 * it got what it asked for at once; what comes of it shows in {@link ModelSystemd#history}. A unit
 * that cannot do what the verb asks is left alone.
 */
public final class Outside {
  private final Machine machine;

  Outside(Machine machine) {
    this.machine = machine;
  }

  /** A client connects to a socket unit. */
  public boolean connect(String socket) {
    return machine.units.get(socket) instanceof SocketUnit unit && unit.connect();
  }

  /** A timer's moment has come. */
  public boolean elapse(String timer) {
    return machine.units.get(timer) instanceof TimerUnit unit
        && (unit.sub().equals("waiting") || unit.sub().equals("elapsed"))
        && unit.fire();
  }

  /**
   * A file is made or changed; the path units that watch it see it. Parent directories are made.
   */
  public void touch(Path file) {
    try {
      Files.createDirectories(file.getParent());
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (ModelUnit unit : machine.units.all()) {
      if (unit instanceof PathUnit path) {
        path.touched(file);
      }
    }
  }

  /** A file is deleted. */
  public void remove(Path file) {
    Processes.delete(file);
  }

  /** A process accesses the directory of an automount. */
  public boolean access(String automount) {
    return machine.units.get(automount) instanceof PlainUnit unit
        && unit.type() == UnitType.AUTOMOUNT
        && unit.access();
  }

  /**
   * A client calls a bus name; the bus asks systemd for the unit of the name's service file when
   * nobody owns it.
   */
  public boolean dbusCall(String busName) {
    for (ModelUnit unit : machine.units.all()) {
      if (unit instanceof ServiceUnit service
          && service.settings().busName().equals(busName)
          && unit.active().isUp()) {
        return true;
      }
    }
    String unit = busUnits().get(busName);
    return unit != null && queue(JobType.START, unit, JobMode.REPLACE);
  }

  /** The units that the bus would start, by bus name. */
  public Map<String, String> busUnits() {
    Map<String, String> units = new TreeMap<>();
    for (String dir : List.of("usr/share/dbus-1/system-services", "etc/dbus-1/system-services")) {
      try (Stream<Path> files = Files.list(machine.root.resolve(dir))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          UnitText text = UnitText.parse(List.of(Files.readString(file)));
          String unit = text.last("D-BUS Service", "SystemdService", null);
          if (unit != null) {
            units.put(text.last("D-BUS Service", "Name", ""), unit);
          }
        }
      } catch (IOException e) {
        // no such directory
      }
    }
    return units;
  }

  /** {@code systemctl start}. */
  public boolean start(String unit) {
    ModelUnit loaded = machine.units.load(unit);
    return !loaded.text().isTrue("Unit", "RefuseManualStart", false)
        && queue(JobType.START, unit, JobMode.REPLACE);
  }

  /** {@code systemctl stop}. */
  public boolean stop(String unit) {
    ModelUnit loaded = machine.units.load(unit);
    return (loaded.active() != Active.INACTIVE
            || loaded.isLoaded()
            || loaded.config.load().equals("masked"))
        && queue(JobType.STOP, unit, JobMode.REPLACE);
  }

  /** Stops units as the agent does, in one transaction each that nothing may replace. */
  public void stopIrreversibly(List<String> units) {
    for (String unit : units) {
      try {
        machine.jobs.add(JobType.STOP, machine.units.load(unit), JobMode.REPLACE_IRREVERSIBLY);
      } catch (SystemdException e) {
        // a shell would continue, too
      }
    }
  }

  /** {@code systemctl restart}. */
  public boolean restart(String unit) {
    return queue(JobType.RESTART, unit, JobMode.REPLACE);
  }

  /** {@code systemctl reset-failed}. */
  public void resetFailed(String unit) {
    ModelUnit loaded = machine.units.get(unit);
    if (loaded != null) {
      loaded.resetFailed();
    }
  }

  private boolean queue(JobType type, String unit, JobMode mode) {
    try {
      machine.jobs.add(type, machine.units.load(unit), mode);
      return true;
    } catch (SystemdException e) {
      return false;
    }
  }

  /** SIGKILL to a service's main process. */
  public boolean kill(String service) {
    return machine.units.get(service) instanceof ServiceUnit unit && unit.kill();
  }

  /** {@code systemctl daemon-reload} by somebody else. */
  public void reload() {
    machine.reload();
  }

  /** Upholders look again, as after any change around them. */
  public void uphold() {
    machine.units.all().forEach(machine.propagation::look);
  }

  /** The kernel finds a device, or loses it. */
  public void plug(String device, boolean isThere) {
    if (machine.units.load(device) instanceof PlainUnit unit && unit.type() == UnitType.DEVICE) {
      unit.plug(isThere);
    }
  }

  /**
   * {@code systemctl revert}: takes the drop-ins in the control directories away, gates included,
   * for a vendor's unit also what is in /etc, and reloads. A link to /dev/null in a control
   * directory stays (docs/systemd-facts.md, Gates).
   */
  public void revert(String unit) {
    for (String control :
        List.of(
            "etc/systemd/system.control", "run/systemd/system.control", "run/systemd/transient")) {
      Processes.delete(machine.root.resolve(control).resolve(unit + ".d"));
    }
    if (Files.exists(machine.root.resolve("usr/lib/systemd/system").resolve(unit))) {
      for (String config : List.of("etc/systemd/system", "run/systemd/system")) {
        Processes.delete(machine.root.resolve(config).resolve(unit + ".d"));
        Processes.delete(machine.root.resolve(config).resolve(unit));
      }
    }
    machine.reload();
  }

  /** Writes a unit file, or any other, below the root; nothing is reloaded. */
  public void write(String path, String text) {
    try {
      Path file = machine.root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a link below the root, in the place of what is there; nothing is reloaded. */
  public void link(String path, String target) {
    try {
      Path file = machine.root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.deleteIfExists(file);
      Files.createSymbolicLink(file, Path.of(target));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@code systemd-run}: makes a transient unit and starts it, in mode {@code fail}.
   *
   * @param text its file
   */
  public boolean startTransient(String name, String text) {
    return startTransient(name, text, JobMode.FAIL);
  }

  boolean startTransient(String name, String text, JobMode mode) {
    ModelUnit known = machine.units.get(name);
    if (known != null && (known.isLoaded() || known.active() != Active.INACTIVE)) {
      return false;
    }
    write("run/systemd/transient/" + name, text);
    ModelUnit unit = machine.units.load(name);
    unit.isTransient = true;
    return queue(JobType.START, name, mode);
  }
}
