// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import quietus.unit.UnitName;

/**
 * The fields of one JSON object, each taken once and checked; {@link #end} refuses what nobody
 * took. Every method throws {@link IllegalArgumentException} with a sentence that names the key.
 */
public final class Fields {
  private final ObjectNode object;
  private final String what;
  private final Set<String> taken = new HashSet<>();

  private Fields(ObjectNode object, String what) {
    this.object = object;
    this.what = what;
  }

  /**
   * @param what how an error calls the object, such as {@code the request}
   */
  public static Fields parse(byte[] json, String what) {
    JsonNode node;
    try {
      node = Tree.read(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          what
              + " is not JSON: "
              + UnitName.printable(e.getOriginalMessage())
              + (e.getLocation() == null
                  ? ""
                  : " (line "
                      + e.getLocation().getLineNr()
                      + ", column "
                      + e.getLocation().getColumnNr()
                      + ")"),
          e);
    }
    return of(node, what);
  }

  public static Fields of(JsonNode node, String what) {
    if (!(node instanceof ObjectNode object)) {
      throw new IllegalArgumentException(what + " is not a JSON object");
    }
    return new Fields(object, what);
  }

  private IllegalArgumentException wrong(String key, String wanted) {
    return new IllegalArgumentException("'" + key + "' in " + what + " must be " + wanted);
  }

  private JsonNode take(String key) {
    taken.add(key);
    JsonNode node = object.get(key);
    return node == null || node.isNull() ? null : node;
  }

  public boolean has(String key) {
    return object.hasNonNull(key);
  }

  /** A string without control characters, or {@code otherwise} when it is absent. */
  public String string(String key, String otherwise, int longest) {
    JsonNode node = take(key);
    if (node == null) {
      return otherwise;
    }
    if (!node.isTextual()) {
      throw wrong(key, "a string");
    }
    String text = node.textValue();
    if (text.length() > longest) {
      throw wrong(key, "at most " + longest + " characters long; it has " + text.length());
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))
          || text.charAt(i) == '\u2028'
          || text.charAt(i) == '\u2029') {
        throw wrong(key, "without control characters");
      }
    }
    return text;
  }

  /** A string that must be there. */
  public String string(String key, int longest) {
    String text = string(key, null, longest);
    if (text == null) {
      throw new IllegalArgumentException("'" + key + "' is missing in " + what);
    }
    return text;
  }

  public boolean bool(String key, boolean otherwise) {
    JsonNode node = take(key);
    if (node == null) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw wrong(key, "true or false");
    }
    return node.booleanValue();
  }

  /** A number within bounds, or {@code otherwise} (which may be null) when it is absent. */
  public Double number(String key, Double otherwise, double least, double most) {
    JsonNode node = take(key);
    if (node == null) {
      return otherwise;
    }
    if (!node.isNumber() || node.doubleValue() < least || node.doubleValue() > most) {
      throw wrong(key, "a number from " + (long) least + " to " + (long) most);
    }
    return node.doubleValue();
  }

  /** A list of strings; empty when it is absent. */
  public List<String> strings(String key, int most) {
    List<String> all = new ArrayList<>();
    for (JsonNode node : nodes(key, most)) {
      if (!node.isTextual()) {
        throw wrong(key, "a list of strings");
      }
      all.add(node.textValue());
    }
    return all;
  }

  /** A list of objects; empty when it is absent. */
  public List<Fields> objects(String key, int most) {
    List<Fields> all = new ArrayList<>();
    for (JsonNode node : nodes(key, most)) {
      all.add(of(node, "an entry of '" + key + "' in " + what));
    }
    return all;
  }

  private List<JsonNode> nodes(String key, int most) {
    JsonNode node = take(key);
    List<JsonNode> all = new ArrayList<>();
    if (node != null) {
      if (!node.isArray()) {
        throw wrong(key, "a list");
      }
      if (node.size() > most) {
        throw wrong(key, "a list of at most " + most);
      }
      for (int i = 0; i < node.size(); i++) {
        all.add(node.get(i));
      }
    }
    return all;
  }

  /** Refuses what has not been taken. */
  public void end() {
    Iterator<String> keys = object.fieldNames();
    while (keys.hasNext()) {
      String key = keys.next();
      if (!taken.contains(key)) {
        throw new IllegalArgumentException(
            "'" + UnitName.printable(key) + "' is not known in " + what);
      }
    }
  }
}
