// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What belongs to a unit: {@link quietus.resolve.Resolver} finds the family and its doors. It
 * decides from what the edges tell it and changes nothing.
 */
package quietus.resolve;
