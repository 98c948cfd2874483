// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import quietus.hold.Holder;

/**
 * Who asks.
 *
 * @param holder whose the hold is, or whose it has to be
 * @param takeover take over, or release, what somebody else holds
 */
public record Claim(Holder holder, boolean takeover) {
  /**
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public Claim {
    Terms.line("by", holder.by(), Terms.LONGEST_BY);
    Terms.line("owner", holder.owner(), Terms.LONGEST_BY);
    Terms.line("token", holder.token(), Terms.LONGEST_TOKEN);
  }
}
