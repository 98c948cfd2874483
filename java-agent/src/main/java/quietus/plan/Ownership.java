// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.List;
import quietus.error.AgentException;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.protocol.Claim;
import quietus.protocol.Terms;

/**
 * Whose a hold is. It is decided under the agent's lock, for two runs that both looked before they
 * took it would both find nothing.
 */
final class Ownership {
  private Ownership() {}

  /** True when a hold belongs to somebody else, or to another window of the same owner. */
  static boolean isForeign(Hold hold, Claim claim) {
    return hold.holder().owner() != null && !hold.holder().isSame(claim.holder());
  }

  /** Refuses a hold that is foreign, unless it is to be taken over. */
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

  /** Says that a hold was somebody else's, to who takes it over or releases it. */
  static void warn(Hold hold, Claim claim, List<String> warnings) {
    if (isForeign(hold, claim)) {
      warnings.add("the hold was not yours: " + describe(hold));
    }
  }

  /** Whose a hold is with new terms. */
  static Holder holder(Hold old, Claim claim) {
    return isForeign(old, claim) ? claim.holder() : old.holder();
  }

  /** Why it is held with new terms: another's reason is not kept beside a new owner. */
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
