// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.HashSet;
import java.util.Set;
import quietus.unit.UnitType;

/** Follows a unit's start to what started that in turn. */
public final class Chain {
  private static final int LONGEST = 8;

  private final Questions host;
  private final Set<String> met = new HashSet<>();

  public Chain(Questions host) {
    this.host = host;
  }

  /** Why a unit that is up was started, and what that stands on. */
  public Answer of(Facts unit) {
    met.add(unit.id());
    Facts asStarted = unit.atItsStart();
    Answer answer = WhyUp.of(host.of(asStarted));
    String next = answer.cause().unit();
    if (next.isEmpty()
        || answer.cause().kind() == Kind.BOOT
        || UnitType.of(next).isEmpty()
        || met.contains(next)
        || met.size() >= LONGEST) {
      return answer;
    }
    Facts before = host.facts(next);
    return before.started() == 0 || met.contains(before.id()) ? answer : answer.with(of(before));
  }
}
