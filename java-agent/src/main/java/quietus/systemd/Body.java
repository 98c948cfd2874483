package quietus.systemd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the values of a message one after the other (D-Bus specification, Marshaling). Values that
 * nobody wants are stepped over without making objects of them: a unit has some 300 properties, and
 * about 30 are read.
 */
final class Body {
  private final byte[] bytes;
  private final boolean bigEndian;

  /** Where the message begins; values are aligned to it. */
  private final int origin;

  private final int end;
  private int at;

  Body(byte[] bytes, int origin, int at, int end, boolean bigEndian) {
    this.bytes = bytes;
    this.origin = origin;
    this.at = at;
    this.end = end;
    this.bigEndian = bigEndian;
  }

  /** True while there is more before a position that {@link #openArray} returned. */
  boolean before(int position) {
    return at < position;
  }

  private void need(int more) {
    if (more < 0 || more > end - at) {
      throw new SystemdException("", "systemd sent a message that cannot be read");
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
    align(4);
    need(4);
    long value = unsigned(4);
    at += 4;
    return value;
  }

  /** A number of 64 bits (t), such as a time in µs; beyond 2^63 it reads negative. */
  long longNumber() {
    align(8);
    need(8);
    long value = unsigned(8);
    at += 8;
    return value;
  }

  private long unsigned(int width) {
    long value = 0;
    for (int i = 0; i < width; i++) {
      value = value << 8 | bytes[bigEndian ? at + i : at + width - 1 - i] & 0xff;
    }
    return value;
  }

  boolean truth() {
    return number() != 0;
  }

  /** A string or an object path (s, o). */
  String string() {
    return text((int) number());
  }

  /** A signature (g), such as the type of a variant. */
  String signature() {
    return text(octet());
  }

  private String text(int length) {
    need(length);
    need(length + 1);
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
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
    skip(signature, 0);
  }

  private int skip(String signature, int from) {
    char type = signature.charAt(from);
    switch (type) {
      case 'y' -> octet();
      case 'n', 'q' -> step(2, 2);
      case 'b', 'i', 'u', 'h' -> step(4, 4);
      case 'x', 't', 'd' -> step(8, 8);
      case 's', 'o' -> step(1, (int) number() + 1);
      case 'g' -> step(1, octet() + 1);
      case 'v' -> skip(signature(), 0);
      case 'a' -> {
        at = openArray(alignment(signature.charAt(from + 1)));
        return after(signature, from + 1);
      }
      case '(', '{' -> {
        align(8);
        int next = from + 1;
        while (signature.charAt(next) != ')' && signature.charAt(next) != '}') {
          next = skip(signature, next);
        }
        return next + 1;
      }
      default -> throw new SystemdException("", "systemd sent a value of the unknown type " + type);
    }
    return from + 1;
  }

  private void step(int alignment, int width) {
    align(alignment);
    need(width);
    at += width;
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
    int depth = 0;
    for (int i = from; ; i++) {
      char type = signature.charAt(i);
      if (type == '(' || type == '{') {
        depth++;
      } else if (type == ')' || type == '}') {
        depth--;
      }
      if (depth == 0 && type != 'a') {
        return i + 1;
      }
    }
  }
}
