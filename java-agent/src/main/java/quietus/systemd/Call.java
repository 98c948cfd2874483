// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.MessageFactory;

/**
 * A method call to systemd's manager or one of its objects.
 *
 * @param path the object's path
 * @param interfaceName the interface
 * @param member the method
 * @param signature the arguments' D-Bus signature
 * @param arguments strings, collections of strings and, where the signature has more than these,
 *     what dbus-java makes of Java objects
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Call(
    String path, String interfaceName, String member, String signature, Object... arguments) {
  static final String SYSTEMD = "org.freedesktop.systemd1";
  static final String MANAGER_PATH = "/org/freedesktop/systemd1";
  static final String MANAGER = "org.freedesktop.systemd1.Manager";
  static final String PROPERTIES = "org.freedesktop.DBus.Properties";

  static final String BUS = "org.freedesktop.DBus";
  static final String BUS_PATH = "/org/freedesktop/DBus";

  private static final byte METHOD_CALL = 1;

  /** A call of the manager. */
  static Call manager(String member, String signature, Object... arguments) {
    return new Call(MANAGER_PATH, MANAGER, member, signature, arguments);
  }

  /** A call of the bus itself. */
  static Call bus(String member, String signature, Object... arguments) {
    return new Call(BUS_PATH, BUS, member, signature, arguments);
  }

  private String destination() {
    return interfaceName.equals(BUS) ? BUS : SYSTEMD;
  }

  /**
   * The call as a D-Bus message.
   *
   * @param serial the number by which its reply is known
   */
  byte[] encode(int serial) {
    for (int i = 0; i < signature.length(); i++) {
      char c = signature.charAt(i);
      boolean list = c == 'a' && i + 1 < signature.length() && signature.charAt(i + 1) == 's';
      if (c != 's' && c != 'u' && !list) {
        return encodeNested(serial);
      }
    }
    return encodeFlat(serial);
  }

  /**
   * Encodes strings, lists of strings and numbers, which is enough for all our calls but one:
   * dbus-java's own marshalling costs 10 ms at its first use.
   */
  private byte[] encodeFlat(int serial) {
    Writer writer = new Writer();
    writer.raw((byte) 'l').raw(METHOD_CALL).raw((byte) 0).raw((byte) 1).number(0).number(serial);
    int fields = writer.openArray();
    writer.field(1, 'o', path);
    writer.field(2, 's', interfaceName);
    writer.field(3, 's', member);
    writer.field(6, 's', destination());
    if (!signature.isEmpty()) {
      writer.field(8, 'g', signature);
    }
    writer.closeArray(fields);
    writer.align(8);
    int body = writer.length;
    int next = 0;
    for (int i = 0; i < signature.length(); i++) {
      Object argument = arguments[next++];
      switch (signature.charAt(i)) {
        case 's' -> writer.string((String) argument);
        case 'u' -> writer.number((int) (long) argument);
        default -> {
          i++;
          int list = writer.openArray();
          for (Object item : (Collection<?>) argument) {
            writer.string((String) item);
          }
          writer.closeArray(list);
        }
      }
    }
    writer.numberAt(4, writer.length - body);
    return writer.bytes();
  }

  private byte[] encodeNested(int serial) {
    // dbus-java logs through slf4j, which else would search the whole jar for a provider
    System.setProperty("slf4j.internal.verbosity", "WARN");
    System.setProperty("slf4j.provider", "org.slf4j.nop.NOPServiceProvider");
    try {
      byte[][] parts =
          new MessageFactory((byte) 'l')
              .createMethodCall(
                  destination(), path, interfaceName, member, (byte) 0, signature, arguments)
              .getWireData();
      int length = 0;
      for (byte[] part : parts) {
        length += part == null ? 0 : part.length;
      }
      ByteBuffer message = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      for (byte[] part : parts) {
        if (part != null) {
          message.put(part);
        }
      }
      return message.putInt(8, serial).array();
    } catch (DBusException e) {
      throw new IllegalArgumentException("cannot write " + member + " as " + signature, e);
    }
  }

  /** A growing little-endian buffer. */
  private static final class Writer {
    private byte[] buffer = new byte[512];
    private int length;

    private void reserve(int more) {
      if (length + more > buffer.length) {
        byte[] larger = new byte[Math.max(buffer.length * 2, length + more)];
        System.arraycopy(buffer, 0, larger, 0, length);
        buffer = larger;
      }
    }

    Writer raw(byte value) {
      reserve(1);
      buffer[length++] = value;
      return this;
    }

    void align(int to) {
      while (length % to != 0) {
        raw((byte) 0);
      }
    }

    Writer number(int value) {
      align(4);
      reserve(4);
      length += 4;
      numberAt(length - 4, value);
      return this;
    }

    void numberAt(int at, int value) {
      buffer[at] = (byte) value;
      buffer[at + 1] = (byte) (value >> 8);
      buffer[at + 2] = (byte) (value >> 16);
      buffer[at + 3] = (byte) (value >> 24);
    }

    void string(String value) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      number(bytes.length);
      text(bytes);
    }

    private void text(byte[] bytes) {
      reserve(bytes.length + 1);
      System.arraycopy(bytes, 0, buffer, length, bytes.length);
      length += bytes.length;
      buffer[length++] = 0;
    }

    void field(int code, char type, String value) {
      align(8);
      raw((byte) code).raw((byte) 1).raw((byte) type).raw((byte) 0);
      if (type == 'g') {
        raw((byte) value.length());
        text(value.getBytes(StandardCharsets.US_ASCII));
      } else {
        string(value);
      }
    }

    /**
     * Returns where the array's elements begin; those of header fields and of strings need no
     * padding there.
     */
    int openArray() {
      number(0);
      return length;
    }

    void closeArray(int from) {
      numberAt(from - 4, length - from);
    }

    byte[] bytes() {
      byte[] bytes = new byte[length];
      System.arraycopy(buffer, 0, bytes, 0, length);
      return bytes;
    }
  }
}
