// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What belongs to a unit: the family, its members and its doors. Values only; {@link
 * quietus.resolve.Resolver} finds them.
 */
package quietus.family;
