// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import quietus.family.Family;
import quietus.family.Member;
import quietus.family.Role;
import quietus.unit.State;
import quietus.unit.Unit;

/** What a hold records of units in states that the in-memory systemd does not have. */
class SnapshotTest {
  private static Unit unit(String name, State state, String fragment, long storedDescriptors) {
    return new Unit(
        name,
        List.of(name),
        state,
        new Unit.File(fragment, List.of(), "", false, false),
        Map.of(),
        new Unit.Traits("", "", "", "", false, storedDescriptors, false, List.of(), false, false));
  }

  private static Snapshot of(Unit unit) {
    Member member =
        new Member(unit.id(), Role.SUBJECT, "it is what was named", List.of(), unit.id(), unit);
    Family family = new Family(unit.id(), List.of(unit.id()), List.of(member), List.of());
    Snapshot snapshot = new Snapshot(family, new DependencyStarts(null, List.of(family), Set.of()));
    snapshot.take(member, unit.state(), null);
    return snapshot;
  }

  private static List<String> inexact(Snapshot snapshot) {
    return snapshot.inexact().stream().map(one -> one.unit() + ": " + one.text()).toList();
  }

  @Test
  void aMountByHandIsReportedAsNotRestored() {
    Snapshot taken = of(unit("mnt-x.mount", new State("loaded", "active", "mounted", 0), "", 0));
    assertEquals(false, taken.members().get(0).restore());
    assertEquals(
        List.of(
            "mnt-x.mount: it was set up by hand and has no unit file; whoever used mount has to do"
                + " so again"),
        inexact(taken));
  }

  @Test
  void aSwapByHandIsReportedAsNotRestored() {
    Snapshot taken = of(unit("srv-x.swap", new State("loaded", "active", "active", 0), "", 0));
    assertEquals(false, taken.members().get(0).restore());
    assertEquals(
        List.of(
            "srv-x.swap: it was set up by hand and has no unit file; whoever used swapon has to do"
                + " so again"),
        inexact(taken));
  }

  @Test
  void aMountWithAFileIsRestored() {
    String fragment = "/run/systemd/generator/srv-data.mount";
    Snapshot taken =
        of(unit("srv-data.mount", new State("loaded", "active", "mounted", 0), fragment, 0));
    assertEquals(true, taken.members().get(0).restore());
    assertEquals(List.of(), inexact(taken));
  }

  @Test
  void descriptorsThatSystemdKeepsForAServiceThatIsDownAreNamed() {
    State pinned = new State("loaded", "inactive", "dead-resources-pinned", 0);
    Snapshot taken = of(unit("a.service", pinned, "/etc/systemd/system/a.service", 2));
    assertEquals(false, taken.members().get(0).restore());
    assertEquals(
        List.of("a.service: systemd keeps 2 file descriptors for it, which are closed"),
        inexact(taken));
  }
}
