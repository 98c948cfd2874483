// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.plan;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import quietus.disk.ControlGroups;

/** Sentences made of lists. */
public final class Text {
  private static final int SHOWN = 12;

  private Text() {}

  /** {@code a, b and c}; a long list is cut and counted. */
  public static String list(Collection<String> words) {
    StringBuilder text = new StringBuilder();
    int at = 0;
    Iterator<String> all = words.iterator();
    while (all.hasNext()) {
      String word = all.next();
      if (at == SHOWN && words.size() > SHOWN + 1) {
        return text + " and " + (words.size() - SHOWN) + " more";
      }
      text.append(at == 0 ? "" : at == words.size() - 1 ? " and " : ", ").append(word);
      at++;
    }
    return text.toString();
  }

  /** {@code 1 unit}, {@code 4 units}. */
  public static String count(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  public static String is(Collection<?> all) {
    return all.size() == 1 ? "is" : "are";
  }

  /** {@code a.service: 12 (sleep 60), 13 (sleep 60)}. */
  public static String processes(Map<String, List<ControlGroups.Process>> left) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, List<ControlGroups.Process>> entry : left.entrySet()) {
      text.append(text.length() == 0 ? "" : "; ").append(entry.getKey()).append(": ");
      List<String> words = new java.util.ArrayList<>();
      for (ControlGroups.Process process : entry.getValue()) {
        words.add(process.toString());
      }
      text.append(list(words));
    }
    return text.toString();
  }

  /** Warns that the reload also read edits of other people. */
  public static String waitingEdits(Collection<String> units) {
    return "the reload took in edits that were waiting for one: " + list(units);
  }
}
