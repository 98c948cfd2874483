// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.time.Duration;

/**
 * How far a run may go.
 *
 * @param timeout how long to wait for all stops, or all starts
 * @param lockTimeout how long to wait for another run
 * @param check predict, touch nothing
 */
public record Limits(Duration timeout, Duration lockTimeout, boolean check) {}
