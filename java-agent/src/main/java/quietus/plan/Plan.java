// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Set;

/** What a verb will do on a host. A check shows its outcome, a run carries it out. */
public interface Plan {
  /** True when the host is as requested, so that nothing has to be done. */
  boolean isNoOp();

  /** What a run of this plan will report, as far as that can be known in advance. */
  Outcome outcome();

  /** The subjects whose holds, gates and leases this run changes. */
  Set<String> subjects();
}
