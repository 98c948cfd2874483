// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Decides: what a verb would do on a host, from what the host looks like now. Nothing here is given
 * an object that can write. {@link quietus.plan.HostView} is the host, {@link
 * quietus.plan.HoldsOnHost} are the holds on it.
 */
package quietus.plan;
