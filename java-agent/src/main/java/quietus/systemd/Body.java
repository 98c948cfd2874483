// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the values of a message one after the other (D-Bus specification, Marshaling). Values that
 * are not needed are skipped without creating objects: a unit has some 300 properties, and about 30
 * are read.
 */
final class Body {
  /** How deep containers may be nested (D-Bus specification, Valid Signatures). */
  private static final int DEEPEST = 64;

  private final byte[] bytes;
  private final boolean bigEndian;

  /** Where the message begins; values are aligned to it. */
  private final int origin;

  private final int end;
  private int at;

  /** How many containers there are around the value at hand, while one is stepped over. */
  private int depth;

  Body(byte[] bytes, int origin, int at, int end, boolean bigEndian) {
    this.bytes = bytes;
    this.origin = origin;
    this.at = at;
    this.end = end;
    this.bigEndian = bigEndian;
  }

  /** True while there is more before a position that {@link #openArray} returned. */
  boolean before(int position) {
    if (at > position) {
      throw SystemdException.malformed("an element is longer than its array");
    }
    return at < position;
  }

  private void need(int more) {
    if (more < 0 || more > end - at) {
      throw SystemdException.malformed("a value ends after the message");
    }
  }

  void align(int to) {
    int padding = (to - (at - origin) % to) % to;
    need(padding);
    at += padding;
  }

  int octet() {
    need(1);
    return bytes[at++] & 0xff;
  }

  /** An unsigned number of 32 bits (u). */
  long number() {
    return unsigned(4);
  }

  /** A number of 64 bits (t), such as a time in µs; beyond 2^63 it reads negative. */
  long longNumber() {
    return unsigned(8);
  }

  private long unsigned(int width) {
    step(width, width);
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = value << 8 | bytes[bigEndian ? at - width + i : at - 1 - i] & 0xff;
    }
    return value;
  }

  boolean truth() {
    return number() != 0;
  }

  /** A string or an object path (s, o). */
  String string() {
    return text((int) number(), true);
  }

  /** A signature (g), such as the type of a variant. */
  String signature() {
    return text(octet(), true);
  }

  /** Steps into a variant; fails when its value is not of this type. */
  Body variant(String type) {
    if (!type.equals(signature())) {
      throw SystemdException.malformed("a property of another type than is documented");
    }
    return this;
  }

  /** Steps over a string; returns it when it is wanted. */
  private String text(int length, boolean wanted) {
    need(length);
    need(length + 1);
    String text = wanted ? new String(bytes, at, length, StandardCharsets.UTF_8) : null;
    at += length + 1;
    return text;
  }

  /** A list of strings (as). */
  List<String> strings() {
    List<String> list = new ArrayList<>();
    for (int last = openArray(4); before(last); ) {
      list.add(string());
    }
    return list;
  }

  /**
   * Steps into an array.
   *
   * @param alignment that of its elements: 8 for structures, dictionary entries and 64-bit numbers,
   *     1 for bytes, variants and signatures, else 4
   * @return where it ends
   */
  int openArray(int alignment) {
    int length = (int) number();
    align(alignment);
    need(length);
    return at + length;
  }

  /** Steps over one value. */
  void skip(String signature) {
    depth = 0;
    skip(signature, 0);
  }

  private int skip(String signature, int from) {
    char type = type(signature, from);
    switch (type) {
      case 'y' -> octet();
      case 'n', 'q' -> step(2, 2);
      case 'b', 'i', 'u', 'h' -> step(4, 4);
      case 'x', 't', 'd' -> step(8, 8);
      case 's', 'o' -> text((int) number(), false);
      case 'g' -> text(octet(), false);
      case 'v' -> {
        enter();
        skip(signature(), 0);
        depth--;
      }
      case 'a' -> {
        at = openArray(alignment(type(signature, from + 1)));
        return after(signature, from + 1);
      }
      case '(', '{' -> {
        enter();
        align(8);
        int next = from + 1;
        while (!closes(type(signature, next))) {
          next = skip(signature, next);
        }
        depth--;
        return next + 1;
      }
      default -> throw unknownType();
    }
    return from + 1;
  }

  private void enter() {
    if (++depth > DEEPEST) {
      throw SystemdException.malformed("values nested too deeply");
    }
  }

  private void step(int alignment, int width) {
    align(alignment);
    need(width);
    at += width;
  }

  private static char type(String signature, int at) {
    if (at >= signature.length()) {
      throw unknownType();
    }
    return signature.charAt(at);
  }

  private static SystemdException unknownType() {
    return SystemdException.malformed("a value of an unknown type");
  }

  private static boolean closes(char type) {
    return type == ')' || type == '}';
  }

  static int alignment(char type) {
    return switch (type) {
      case 'y', 'g', 'v' -> 1;
      case 'n', 'q' -> 2;
      case 'x', 't', 'd', '(', '{' -> 8;
      default -> 4;
    };
  }

  /** The position in a signature after the type that begins there. */
  private static int after(String signature, int from) {
    int open = 0;
    for (int i = from; ; i++) {
      char type = type(signature, i);
      if (type == '(' || type == '{') {
        open++;
      } else if (closes(type)) {
        open--;
      }
      if (open == 0 && type != 'a') {
        return i + 1;
      }
    }
  }
}
