// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.List;
import quietus.error.AgentException;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.protocol.Claim;
import quietus.protocol.Terms;

/**
 * Who owns a hold. This is decided under the agent's lock: two runs that looked without it could
 * both find no hold.
 */
final class Ownership {
  private Ownership() {}

  /** True when a hold belongs to somebody else, or to another window of the same owner. */
  static boolean isForeign(Hold hold, Claim claim) {
    return hold.holder().owner() != null && !hold.holder().isSame(claim.holder());
  }

  /** Refuses a foreign hold, unless the request takes it over. */
  static void refuse(Hold hold, Claim claim) {
    if (isForeign(hold, claim) && !claim.takeover()) {
      throw new AgentException(
          describe(hold)
              + (isOwnersOther(hold, claim)
                  ? ", and it belongs to another window or run of the same owner"
                  : "")
              + ". Nothing was touched. Wait for its release; or, if you know that its work is"
              + " over, take the hold over: takeover: true in the task, --takeover at a shell");
    }
  }

  /** Warns the user who takes over or releases a foreign hold. */
  static void warn(Hold hold, Claim claim, List<String> warnings) {
    if (isForeign(hold, claim)) {
      warnings.add("the hold was not yours: " + describe(hold));
    }
  }

  /** The owner after new terms. */
  static Holder holder(Hold old, Claim claim) {
    return isForeign(old, claim) ? claim.holder() : old.holder();
  }

  /** The reason after new terms: a new owner does not inherit the reason of the former one. */
  static String reason(Hold old, Claim claim, Terms terms) {
    if (terms.reason() != null) {
      return terms.reason();
    }
    return isForeign(old, claim) ? "" : old.reason();
  }

  private static String describe(Hold hold) {
    return hold.subject()
        + " is held by "
        + hold.by()
        + (hold.reason().isEmpty() ? "" : " for \"" + hold.reason() + "\"")
        + " since "
        + hold.since();
  }

  private static boolean isOwnersOther(Hold hold, Claim claim) {
    Holder asking = claim.holder();
    return hold.holder().owner().equals(asking.owner());
  }
}
