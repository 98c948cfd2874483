// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.util.Objects;

/**
 * To whom a hold belongs. The three travel together, so that a record never has one's name beside
 * another's token.
 *
 * @param by who, for people to read
 * @param owner who, for comparing: the same user of the same controller has the same one; null for
 *     nobody, as in a record of an older agent
 * @param token the window or run that the hold belongs to; null for none
 */
public record Holder(String by, String owner, String token) {
  public Holder {
    Objects.requireNonNull(by);
  }

  /** True when both have the same owner and the same token. */
  public boolean isSame(Holder other) {
    return Objects.equals(owner, other.owner) && Objects.equals(token, other.token);
  }
}
