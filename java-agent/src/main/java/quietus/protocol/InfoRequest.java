// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

/** To look at some units, or at all that is held; nothing is changed. */
public record InfoRequest(Scope scope) implements Request {}
