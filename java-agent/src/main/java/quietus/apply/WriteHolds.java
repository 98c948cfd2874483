// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.family.Member;
import quietus.family.Role;
import quietus.hold.HeldMember;
import quietus.hold.Hold;
import quietus.hold.Phase;
import quietus.plan.HostView;
import quietus.plan.QuiescePlan;
import quietus.protocol.Steps;
import quietus.unit.State;
import quietus.unit.Unit;
import quietus.unit.UnitName;

/**
 * Writes the records with the current states. From then on the gates refuse every start.
 *
 * <p>After a crash here the family is held and still up. The next quiesce finds the record, whose
 * snapshot stays, and stops the family; a release opens the gates again.
 */
final class WriteHolds {
  private final Host host;
  private final HostView view;
  private final Steps steps;

  WriteHolds(Host host, HostView view, Steps steps) {
    this.host = host;
    this.view = view;
    this.steps = steps;
  }

  /** Returns the targets with their records as they are on the disk. */
  List<QuiescePlan.Target> apply(QuiescePlan plan, Findings findings) {
    steps.next("hold");
    Set<String> names = new LinkedHashSet<>();
    for (QuiescePlan.Target target : plan.targets()) {
      for (Member member : target.added()) {
        names.add(member.name());
      }
    }
    Map<String, State> fresh = view.statesOf(names);
    List<QuiescePlan.Target> held = new ArrayList<>();
    List<Hold> records = new ArrayList<>();
    for (QuiescePlan.Target target : plan.targets()) {
      QuiescePlan.Target last = plan.finish(target, fresh);
      if (target.wasReleasing()) {
        host.disk().holds().move(target.found().hold(), Phase.RELEASING, Phase.HELD);
        findings.change();
      }
      if (target.isNew() || !last.hold().equals(target.found().hold())) {
        records.add(last.hold());
      }
      held.add(last);
    }
    if (!records.isEmpty()) {
      host.disk().holds().write(records, Phase.HELD);
      findings.change();
    }
    return withSpawned(held);
  }

  /**
   * Adds the instances that were spawned between the snapshot and the instant of closing. None can
   * be spawned later.
   */
  private List<QuiescePlan.Target> withSpawned(List<QuiescePlan.Target> targets) {
    List<QuiescePlan.Target> all = new ArrayList<>();
    for (QuiescePlan.Target target : targets) {
      List<HeldMember> more = spawned(target.hold());
      if (more.isEmpty()) {
        all.add(target);
      } else {
        Hold hold = target.hold().withMore(more, List.of(), List.of());
        host.disk().holds().write(hold, Phase.HELD);
        all.add(target.with(hold));
      }
    }
    return all;
  }

  private List<HeldMember> spawned(Hold hold) {
    List<HeldMember> more = new ArrayList<>();
    Set<String> known = hold.units();
    for (HeldMember member : hold.members()) {
      if (UnitName.isTemplate(member.unit())) {
        String name = member.unit();
        for (Map.Entry<String, State> one : view.loaded(UnitName.globOf(name)).entrySet()) {
          if (!known.contains(one.getKey()) && name.equals(UnitName.templateOf(one.getKey()))) {
            Unit unit = view.load(List.of(one.getKey())).get(one.getKey());
            more.add(
                new HeldMember(
                    one.getKey(),
                    Role.INSTANCE,
                    "it is an instance of " + name,
                    List.of(name),
                    name,
                    true,
                    one.getValue(),
                    false,
                    unit.traits().controlGroup(),
                    List.of(),
                    List.of(),
                    List.of()));
          }
        }
      }
    }
    return more;
  }
}
