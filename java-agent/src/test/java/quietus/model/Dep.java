// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The dependencies between units and what each does (systemd.unit(5);
 * src/core/unit-dependency-atom.c).
 */
enum Dep {
  REQUIRES,
  REQUIRED_BY,
  REQUISITE,
  REQUISITE_OF,
  BINDS_TO,
  BOUND_BY,
  WANTS,
  WANTED_BY,
  UPHOLDS,
  UPHELD_BY,
  PART_OF,
  CONSISTS_OF,
  CONFLICTS,
  CONFLICTED_BY,
  BEFORE,
  AFTER,
  ON_FAILURE,
  ON_FAILURE_OF,
  ON_SUCCESS,
  ON_SUCCESS_OF,
  TRIGGERS,
  TRIGGERED_BY,
  PROPAGATES_STOP_TO,
  STOP_PROPAGATED_FROM,
  REFERENCES,
  REFERENCED_BY;

  private static final Map<Dep, Dep> INVERSE = new EnumMap<>(Dep.class);

  static {
    Dep[] all = values();
    for (int i = 0; i < all.length; i += 2) {
      INVERSE.put(all[i], all[i + 1]);
      INVERSE.put(all[i + 1], all[i]);
    }
  }

  /** A start of the unit pulls in a start that has to succeed. */
  static final Set<Dep> PULL_IN_START = EnumSet.of(REQUIRES, BINDS_TO);

  /** A start of the unit pulls in a start that may fail. */
  static final Set<Dep> PULL_IN_START_IGNORED = EnumSet.of(WANTS, UPHOLDS);

  static final Set<Dep> PULL_IN_VERIFY = EnumSet.of(REQUISITE);
  static final Set<Dep> PULL_IN_STOP = EnumSet.of(CONFLICTS);
  static final Set<Dep> PULL_IN_STOP_IGNORED = EnumSet.of(CONFLICTED_BY);

  /** A stop of the unit stops these too. */
  static final Set<Dep> PROPAGATE_STOP =
      EnumSet.of(REQUIRED_BY, REQUISITE_OF, BOUND_BY, CONSISTS_OF);

  static final Set<Dep> PROPAGATE_START_FAILURE = EnumSet.of(REQUIRED_BY, REQUISITE_OF, BOUND_BY);
  static final Set<Dep> PROPAGATE_STOP_FAILURE = EnumSet.of(CONFLICTED_BY);
  static final Set<Dep> PROPAGATE_INACTIVE_START_AS_FAILURE = EnumSet.of(REQUISITE_OF);
  static final Set<Dep> RETROACTIVE_START_REPLACE = EnumSet.of(REQUIRES, BINDS_TO, UPHOLDS);
  static final Set<Dep> RETROACTIVE_START_FAIL = EnumSet.of(WANTS);
  static final Set<Dep> RETROACTIVE_STOP_ON_START = EnumSet.of(CONFLICTS, CONFLICTED_BY);
  static final Set<Dep> RETROACTIVE_STOP_ON_STOP = EnumSet.of(BOUND_BY, PROPAGATES_STOP_TO);
  static final Set<Dep> CANNOT_BE_ACTIVE_WITHOUT = EnumSet.of(BINDS_TO);
  static final Set<Dep> PINS_STOP_WHEN_UNNEEDED =
      EnumSet.of(REQUIRED_BY, REQUISITE_OF, WANTED_BY, BOUND_BY, UPHELD_BY);
  static final Set<Dep> NEEDS = EnumSet.of(REQUIRES, REQUISITE, WANTS, BINDS_TO, UPHOLDS);

  /** The dependencies of a target after which it is ordered by default. */
  static final Set<Dep> DEFAULT_TARGET =
      EnumSet.of(REQUIRES, REQUISITE, WANTS, BINDS_TO, UPHOLDS, PART_OF);

  Dep inverse() {
    return INVERSE.get(this);
  }

  /** From which version of systemd on it has an effect; 0 for all that count here. */
  int since() {
    return switch (this) {
      case UPHOLDS,
          UPHELD_BY,
          ON_SUCCESS,
          ON_SUCCESS_OF,
          ON_FAILURE_OF,
          PROPAGATES_STOP_TO,
          STOP_PROPAGATED_FROM ->
          249;
      default -> 0;
    };
  }
}
