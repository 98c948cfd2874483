// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Set;

/** What a verb will do on a host. A check shows its outcome, a run carries it out. */
public interface Plan {
  /** True when everything is as it was asked for, so that nothing has to be done. */
  boolean isNoOp();

  /** What a run of this plan will report, as far as it can be known before. */
  Outcome outcome();

  /** The subjects of whose holds, gates and leases the run takes care itself. */
  Set<String> subjects();
}
