// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

/**
 * A message that was received.
 *
 * @param type what it is: {@link #REPLY}, {@link #ERROR} or {@link #SIGNAL}
 * @param replyTo the serial of the call that it answers, 0 for a signal
 * @param sender who sent it, as the bus says; null on systemd's own socket
 * @param path the object that sent the signal; null for a reply
 * @param interfaceName the signal's interface; null for a reply
 * @param member the signal's name; null for a reply
 * @param error the name of the error; null when it is none
 * @param signature the types of its values
 * @param body its values
 */
record Message(
    int type,
    int replyTo,
    String sender,
    String path,
    String interfaceName,
    String member,
    String error,
    String signature,
    Body body) {
  static final int REPLY = 2;
  static final int ERROR = 3;
  static final int SIGNAL = 4;

  /** The bytes of a message that tell its length. */
  static final int PREFIX = 16;

  /** The system bus passes on no longer ones. */
  private static final int LONGEST = 32 * 1024 * 1024;

  /**
   * The length in bytes of the message that begins at a position; its first {@link #PREFIX} bytes
   * must be there.
   */
  static int length(byte[] bytes, int from) {
    if (bytes[from] != 'l' && bytes[from] != 'B') {
      throw SystemdException.malformed("it does not begin as one");
    }
    Body prefix = new Body(bytes, from, from + 4, from + PREFIX, bytes[from] == 'B');
    long body = prefix.number();
    prefix.number();
    long fields = prefix.number();
    long length = PREFIX + (fields + 7) / 8 * 8 + body;
    if (length > LONGEST) {
      throw SystemdException.malformed("its length would be " + length + " bytes");
    }
    return (int) length;
  }

  /** Reads the message that begins at a position; the bytes are not copied. */
  static Message read(byte[] bytes, int from, int length) {
    boolean bigEndian = bytes[from] == 'B';
    Body header = new Body(bytes, from, from + 12, from + length, bigEndian);
    String sender = null;
    String path = null;
    String interfaceName = null;
    String member = null;
    String error = null;
    String types = "";
    int replyTo = 0;
    int last = header.openArray(8);
    while (header.before(last)) {
      header.align(8);
      int field = header.octet();
      String signature = header.signature();
      int type = signature.length() == 1 ? signature.charAt(0) : 0;
      switch (field << 8 | type) {
        case 1 << 8 | 'o' -> path = header.string();
        case 2 << 8 | 's' -> interfaceName = header.string();
        case 3 << 8 | 's' -> member = header.string();
        case 4 << 8 | 's' -> error = header.string();
        case 5 << 8 | 'u' -> replyTo = (int) header.number();
        case 7 << 8 | 's' -> sender = header.string();
        case 8 << 8 | 'g' -> types = header.signature();
        default -> header.skip(signature);
      }
    }
    int type = bytes[from + 1];
    if (type == ERROR && error == null) {
      throw SystemdException.malformed("an error without a name");
    }
    int fields = last - from - PREFIX;
    return new Message(
        type,
        replyTo,
        sender,
        path,
        interfaceName,
        member,
        type == ERROR ? error : null,
        types,
        new Body(bytes, from, from + PREFIX + (fields + 7) / 8 * 8, from + length, bigEndian));
  }

  /** True for the answer to a call, be it an error. */
  boolean isReply() {
    return type == REPLY || type == ERROR;
  }

  /** True for a signal of an interface that has values of these types. */
  boolean isOf(String name, String types) {
    return name.equals(interfaceName) && types.equals(signature);
  }

  /** The values of a reply; fails when they are not of these types. */
  Body body(String types) {
    if (!types.equals(signature)) {
      throw SystemdException.malformed("a reply has other values than are documented");
    }
    return body;
  }

  /** The sentence that comes with an error, or its name when there is none. */
  String reason() {
    try {
      return body("s").string();
    } catch (SystemdException e) {
      return error;
    }
  }
}
