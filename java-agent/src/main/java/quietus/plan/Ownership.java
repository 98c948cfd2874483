package quietus.plan;

import java.util.List;
import quietus.error.AgentException;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.protocol.Terms;

/**
 * Whose a hold is. It is decided under the agent's lock, for two runs that both looked before they
 * took it would both find nothing.
 */
final class Ownership {
  private Ownership() {}

  /** True when a hold belongs to somebody else, or to another window of the same owner. */
  static boolean isForeign(Hold hold, Terms terms) {
    return hold.holder().owner() != null && !hold.holder().isSame(terms.holder());
  }

  /** Refuses a hold that is foreign, unless it is to be taken over. */
  static void refuse(Hold hold, Terms terms) {
    if (isForeign(hold, terms) && !terms.takeover()) {
      throw new AgentException(
          describe(hold)
              + (isOwnersOther(hold, terms)
                  ? ", and it belongs to another window or run of the same owner"
                  : "")
              + ". Nothing was touched. Wait for its release; or, if you know that its work is"
              + " over, take the hold over: takeover: true in the task, --takeover at a shell");
    }
  }

  /** Says that a hold was somebody else's, to who takes it over or releases it. */
  static void warn(Hold hold, Terms terms, List<String> warnings) {
    if (isForeign(hold, terms)) {
      warnings.add("the hold was not yours: " + describe(hold));
    }
  }

  /** Whose a hold is with new terms. */
  static Holder holder(Hold old, Terms terms) {
    return isForeign(old, terms) ? terms.holder() : old.holder();
  }

  /** Why it is held with new terms: another's reason is not kept beside a new owner. */
  static String reason(Hold old, Terms terms) {
    if (terms.reason() != null) {
      return terms.reason();
    }
    return isForeign(old, terms) ? "" : old.reason();
  }

  private static String describe(Hold hold) {
    return hold.subject()
        + " is held by "
        + hold.by()
        + (hold.reason().isEmpty() ? "" : " for \"" + hold.reason() + "\"")
        + " since "
        + hold.since();
  }

  private static boolean isOwnersOther(Hold hold, Terms terms) {
    Holder asking = terms.holder();
    return hold.holder().owner().equals(asking.owner());
  }
}
