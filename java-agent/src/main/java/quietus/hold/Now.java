// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.time.Instant;
import java.util.Objects;

/**
 * A moment by both clocks of a host.
 *
 * @param clock the wall clock
 * @param boot the id of this boot; empty when it is not known
 * @param uptime seconds since this boot, suspended time included (CLOCK_BOOTTIME)
 */
public record Now(Instant clock, String boot, long uptime) {
  public Now {
    Objects.requireNonNull(clock);
    Objects.requireNonNull(boot);
  }
}
