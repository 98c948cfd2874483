// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

/**
 * A record that cannot be read, or not be trusted.
 *
 * @param trouble a sentence: which file, what is wrong with it, and what to do
 */
public record DamagedHold(String subject, Until until, String trouble) {}
