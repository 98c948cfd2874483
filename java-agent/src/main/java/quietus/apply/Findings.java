// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import java.util.ArrayList;
import java.util.List;

/** What acting learnt: the only object that the steps of a run change. */
final class Findings {
  private final List<String> warnings;
  private boolean changed;

  /**
   * @param warnings those of the plan
   */
  Findings(List<String> warnings) {
    this.warnings = new ArrayList<>(warnings);
  }

  List<String> warnings() {
    return warnings;
  }

  void change() {
    changed = true;
  }

  boolean isChanged() {
    return changed;
  }
}
