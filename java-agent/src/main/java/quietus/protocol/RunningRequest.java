// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.time.Duration;

/**
 * To release what is held, and to start what is enabled of the rest.
 *
 * @param heldOnly start nothing that is not held
 * @param expiredOnly release only what has a lease that is over
 */
public record RunningRequest(
    Scope scope, Limits limits, Claim claim, Duration settle, boolean heldOnly, boolean expiredOnly)
    implements VerbRequest {
  @Override
  public String state() {
    return "running";
  }
}
