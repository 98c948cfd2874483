// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.util.Map;
import quietus.why.Answer;
import quietus.why.Attempts;

/**
 * What a report has only where it was asked for, because it costs more than a look.
 *
 * @param startedBy what started a member, by its name
 * @param graph a picture of the family; null for none
 * @param attempts to start what is held; null when they were not looked for
 */
public record Extras(Map<String, Answer> startedBy, String graph, Attempts attempts) {
  public static final Extras NONE = new Extras(Map.of(), null, null);

  public Extras {
    startedBy = Map.copyOf(startedBy);
  }
}
