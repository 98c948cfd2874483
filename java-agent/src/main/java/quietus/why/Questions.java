// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.List;

/** What the decision asks a host for. Changes nothing. */
public interface Questions {
  /** What systemd tells of a unit, by any of its names. */
  Facts facts(String unit);

  /** Everything that tells why a unit was started last. */
  Evidence of(Facts unit);

  /** The journal around the end of a unit. */
  Reading end(Facts unit);

  /** What systemd tells of the units that could start one next, in the order of the names. */
  List<Facts> activators(Facts unit);
}
