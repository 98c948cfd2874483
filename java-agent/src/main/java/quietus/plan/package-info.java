// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Decides what a verb does on a host, from its current state. Nothing here is given an object that
 * can write. {@link quietus.plan.HostView} is the host, {@link quietus.plan.HoldsOnHost} are the
 * holds on it.
 */
package quietus.plan;
