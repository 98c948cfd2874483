// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The properties of one unit that count here. Times are in microseconds since 1970, 0 for never.
 *
 * @param id its primary name
 * @param values what systemd told, by property
 */
public record Facts(String id, Map<String, Object> values) {
  public Facts {
    Objects.requireNonNull(id);
    values = Map.copyOf(values);
  }

  public String text(String property) {
    return values.get(property) instanceof String text ? text : "";
  }

  public long number(String property) {
    return values.get(property) instanceof Long number ? number : 0;
  }

  public List<String> list(String property) {
    List<String> list = new ArrayList<>();
    if (values.get(property) instanceof List<?> found) {
      for (Object one : found) {
        list.add((String) one);
      }
    }
    return list;
  }

  /** All names of the unit. */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>(List.of(id));
    names.addAll(list("Names"));
    return names;
  }

  public boolean isUp() {
    return switch (text("ActiveState")) {
      case "active", "activating", "reloading", "refreshing", "deactivating" -> true;
      default -> false;
    };
  }

  /** The units of several relations, each once. */
  Set<String> related(String... properties) {
    Set<String> related = new LinkedHashSet<>();
    for (String property : properties) {
      related.addAll(list(property));
    }
    return related;
  }

  /** When the unit was last down before it was started; 0 when it had not been up in this boot. */
  public long wentDown() {
    return number("InactiveEnterTimestamp");
  }

  /** When it last left the state of being down. */
  public long started() {
    return number("InactiveExitTimestamp");
  }

  /**
   * When its start began: its conditions are checked first, then its processes are made, which
   * takes up to 30 ms. Where they were not checked for this start it is {@link #started}.
   */
  public long begin() {
    long checked = number("ConditionTimestamp");
    return checked > wentDown() && checked <= started() ? checked : started();
  }

  /**
   * The facts of a unit that is down again, as of its last start; when it had been down before that
   * start is not known any more.
   */
  Facts atItsStart() {
    if (wentDown() < started()) {
      return this;
    }
    Map<String, Object> earlier = new HashMap<>(values);
    earlier.remove("InactiveEnterTimestamp");
    return new Facts(id, earlier);
  }

  /** A value of ActivationDetails (since systemd 252); empty when it is not there. */
  String detail(String key) {
    List<String> details = list("ActivationDetails");
    for (int i = 0; i + 1 < details.size(); i += 2) {
      if (details.get(i).equals(key)) {
        return details.get(i + 1);
      }
    }
    return "";
  }
}
