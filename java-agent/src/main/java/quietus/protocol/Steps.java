// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.util.ArrayList;
import java.util.List;

/** The steps of a run, each with its time. */
public final class Steps {
  private final StepListener listener;
  private final List<Report.Step> taken = new ArrayList<>();
  private String current;
  private long began;

  public Steps(StepListener listener) {
    this.listener = listener;
  }

  /** Ends the step under way, if there is one, and begins the next. */
  public void next(String name) {
    end();
    current = name;
    began = System.nanoTime();
  }

  public void end() {
    if (current != null) {
      taken.add(new Report.Step(current, System.nanoTime() - began));
      String ended = current;
      current = null;
      listener.ended(ended);
    }
  }

  public List<Report.Step> taken() {
    return List.copyOf(taken);
  }
}
