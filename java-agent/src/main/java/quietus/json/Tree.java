// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.json;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import quietus.unit.UnitName;

/**
 * Jackson's trees, read and written without its object mapper, which costs a short run some 300
 * classes (docs/performance.md).
 */
public final class Tree {
  private static final JsonFactory JSON =
      new JsonFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Tree() {}

  /**
   * The one value of a text.
   *
   * @return null when the text has none
   * @throws JsonProcessingException when it is not JSON, has the same key twice in an object, or
   *     more than one value
   */
  public static JsonNode read(byte[] json) throws JsonProcessingException {
    try (JsonParser parser = JSON.createParser(new String(json, StandardCharsets.UTF_8))) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return null;
      }
      JsonNode value = value(parser, first);
      if (parser.nextToken() != null) {
        throw new com.fasterxml.jackson.core.JsonParseException(
            parser, "there is something after its end");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("a string cannot fail to be read", e);
    }
  }

  private static JsonNode value(JsonParser parser, JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT:
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String key = parser.currentName();
          object.set(key, value(parser, parser.nextToken()));
        }
        return object;
      case START_ARRAY:
        ArrayNode array = NODES.arrayNode();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          array.add(value(parser, next));
        }
        return array;
      case VALUE_STRING:
        return NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT:
      case VALUE_NUMBER_FLOAT:
        // the parser's own conversion compiles regular expressions first
        return NODES.numberNode(Double.parseDouble(parser.getText()));
      case VALUE_TRUE:
        return NODES.booleanNode(true);
      case VALUE_FALSE:
        return NODES.booleanNode(false);
      default:
        return NODES.nullNode();
    }
  }

  /** The object as one line of UTF-8. */
  public static byte[] bytes(ObjectNode object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    try (JsonGenerator generator = JSON.createGenerator(out, JsonEncoding.UTF8)) {
      write(object, generator);
    } catch (IOException e) {
      throw new IllegalStateException("JSON that was built here cannot be written", e);
    }
    return out.toByteArray();
  }

  private static void write(JsonNode node, JsonGenerator generator) throws IOException {
    if (node.isObject()) {
      generator.writeStartObject();
      for (Iterator<String> keys = node.fieldNames(); keys.hasNext(); ) {
        String key = keys.next();
        generator.writeFieldName(key);
        write(node.get(key), generator);
      }
      generator.writeEndObject();
    } else if (node.isArray()) {
      generator.writeStartArray();
      for (int i = 0; i < node.size(); i++) {
        write(node.get(i), generator);
      }
      generator.writeEndArray();
    } else if (node.isTextual()) {
      text(node.textValue(), generator);
    } else if (node.isBoolean()) {
      generator.writeBoolean(node.booleanValue());
    } else if (node.isIntegralNumber()) {
      generator.writeNumber(node.longValue());
    } else if (node.isNumber()) {
      generator.writeNumber(node.doubleValue());
    } else {
      generator.writeNull();
    }
  }

  /**
   * A string. JSON allows control characters above ASCII and those that turn a line's direction as
   * they are; a terminal obeys them, so they are escaped too.
   */
  private static void text(String text, JsonGenerator generator) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      if (UnitName.isUnprintable(text.charAt(i))) {
        generator.writeRawValue('"' + escaped(text) + '"');
        return;
      }
    }
    generator.writeString(text);
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (char c : JsonStringEncoder.getInstance().quoteAsString(text)) {
      if (UnitName.isUnprintable(c)) {
        escaped.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          escaped.append(Character.forDigit(c >> shift & 15, 16));
        }
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  public static ObjectNode object() {
    return NODES.objectNode();
  }

  /** Adds strings to an array. */
  public static void strings(ArrayNode array, List<String> all) {
    for (String text : all) {
      array.add(text);
    }
  }
}
