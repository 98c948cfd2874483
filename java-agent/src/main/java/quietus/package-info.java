// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The agent's entry: {@link quietus.Main} tells requests of the collection from commands of people.
 */
package quietus;
