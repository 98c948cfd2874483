// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The properties of one unit.
 *
 * @param id its primary name
 * @param names all its names, the primary one and its aliases
 * @param state its current state
 * @param file its files and its enablement
 * @param relations the units that it is related to; a relation without units may be absent
 * @param traits the properties of its type
 */
public record Unit(
    String id,
    List<String> names,
    State state,
    File file,
    Map<Relation, List<String>> relations,
    Traits traits) {
  public Unit {
    Objects.requireNonNull(id);
    names = List.copyOf(names);
    Objects.requireNonNull(state);
    Objects.requireNonNull(file);
    relations = Map.copyOf(relations);
    Objects.requireNonNull(traits);
  }

  /** A unit that systemd does not know. */
  public static Unit notFound(String name) {
    return new Unit(name, List.of(name), State.NOT_FOUND, File.NONE, Map.of(), Traits.NONE);
  }

  /** The units in a relation to this one, in systemd's order. */
  public List<String> related(Relation relation) {
    return relations.getOrDefault(relation, List.of());
  }

  public UnitType type() {
    return UnitType.of(id).orElse(UnitType.SERVICE);
  }

  /**
   * The files of a unit and its enablement.
   *
   * @param fragment FragmentPath, empty when there is none
   * @param dropIns DropInPaths
   * @param enablement UnitFileState, such as {@code enabled}, {@code static}, {@code generated};
   *     empty when systemd says none
   * @param isTransient made over D-Bus, with no file that stays
   * @param needsReload NeedDaemonReload: its files were edited since they were read
   */
  public record File(
      String fragment,
      List<String> dropIns,
      String enablement,
      boolean isTransient,
      boolean needsReload) {
    public static final File NONE = new File("", List.of(), "", false, false);

    public File {
      dropIns = List.copyOf(dropIns);
    }
  }

  /**
   * The properties of a unit's type. What a type does not have is empty, zero or false.
   *
   * @param controlGroup ControlGroup, relative to the root of the hierarchy; empty when nothing of
   *     it runs
   * @param serviceType a service's Type=
   * @param restart a service's Restart=
   * @param busName a service's BusName=
   * @param remainAfterExit a service's RemainAfterExit=
   * @param storedDescriptors NFileDescriptorStore: how many descriptors systemd keeps for the
   *     service
   * @param accepts a socket's Accept=yes: one instance for each connection
   * @param listens a socket's addresses, each with its kind: {@code Stream 0.0.0.0:8080}, {@code
   *     Datagram /run/x}
   * @param persistent a timer's Persistent=
   * @param monotonic a timer counts from an event of its own (OnActiveSec=)
   */
  public record Traits(
      String controlGroup,
      String serviceType,
      String restart,
      String busName,
      boolean remainAfterExit,
      long storedDescriptors,
      boolean accepts,
      List<String> listens,
      boolean persistent,
      boolean monotonic) {
    public static final Traits NONE =
        new Traits("", "", "", "", false, 0, false, List.of(), false, false);

    public Traits {
      listens = List.copyOf(listens);
    }

    /** True for a socket that listens on a port that the kernel chose (ListenStream=0). */
    public boolean kernelPort() {
      for (String listen : listens) {
        if (listen.endsWith(":0")) {
          return true;
        }
      }
      return false;
    }

    /** A service that runs to its end and is then inactive: its run cannot be brought back. */
    public boolean runsOnce() {
      return serviceType.equals("oneshot") && !remainAfterExit;
    }
  }
}
