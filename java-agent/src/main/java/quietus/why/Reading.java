// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.List;

/**
 * What was read of the journal.
 *
 * @param entries the oldest first
 * @param complete false when some of that time may be missing
 */
public record Reading(List<Entry> entries, boolean complete) {
  public Reading {
    entries = List.copyOf(entries);
  }
}
