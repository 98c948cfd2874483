// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import java.util.List;

/**
 * All holds of a host.
 *
 * @param found those of either lifetime, sorted by subject
 * @param damaged those that cannot be read or trusted
 */
public record AllHolds(List<FoundHold> found, List<DamagedHold> damaged) {}
