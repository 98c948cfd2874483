// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The calls for some properties of some units, one for each, and what their replies tell. */
final class PropertyCalls {
  private final List<Call> calls = new ArrayList<>();
  private final List<String> askers = new ArrayList<>();
  private final Map<String, Map<String, Object>> values = new LinkedHashMap<>();

  /**
   * @param units names of units; the empty name is the manager itself
   * @param properties each with the last part of its interface: {@code Unit.ActiveState}
   */
  PropertyCalls(Collection<String> units, List<String> properties) {
    for (String unit : units) {
      values.put(unit, new LinkedHashMap<>());
      for (String property : properties) {
        int dot = property.indexOf('.');
        calls.add(
            new Call(
                unit.isEmpty() ? Call.MANAGER_PATH : ObjectPath.ofUnit(unit),
                Call.PROPERTIES,
                "Get",
                "ss",
                "org.freedesktop.systemd1." + property.substring(0, dot),
                property.substring(dot + 1)));
        askers.add(unit);
      }
    }
  }

  List<Call> calls() {
    return calls;
  }

  /** Takes the replies, in the order of the calls; one that is an error tells nothing. */
  void read(Message[] replies) {
    for (int i = 0; i < replies.length; i++) {
      if (replies[i].error() == null) {
        Object value = value(replies[i].body());
        if (value != null) {
          values.get(askers.get(i)).put((String) calls.get(i).arguments()[1], value);
        }
      }
    }
  }

  Map<String, Map<String, Object>> values() {
    return values;
  }

  private static Object value(Body body) {
    String type = body.signature();
    switch (type) {
      case "s", "o":
        return body.string();
      case "t":
        return body.longNumber();
      case "u", "i":
        return body.number();
      case "b":
        return body.truth() ? 1L : 0L;
      case "as":
        return body.strings();
      case "a(ss)":
        List<String> pairs = new ArrayList<>();
        for (int last = body.openArray(8); body.before(last); ) {
          body.align(8);
          pairs.add(body.string());
          pairs.add(body.string());
        }
        return pairs;
      case "(uo)":
        body.align(8);
        return body.number();
      default:
        return null;
    }
  }
}
