// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.util.Map;
import quietus.why.Answer;
import quietus.why.Attempts;

/** What the host tells of the past: mostly its journal. Each question costs a reading of it. */
interface Past {
  /** What started a unit that is up; null when it is down by now. */
  Answer startedBy(String unit);

  /**
   * The attempts to start what is held; null when nothing tells.
   *
   * @param names the names of what is held, each with its unit
   * @param since when the hold began, in microseconds since 1970
   * @param until to here
   */
  Attempts attempts(Map<String, String> names, long since, long until);
}
