package quietus.systemd;

/**
 * A message that was received.
 *
 * @param type what it is: {@link #REPLY}, {@link #ERROR} or {@link #SIGNAL}
 * @param replyTo the serial of the call that it answers, 0 for a signal
 * @param path the object that sent the signal; null for a reply
 * @param member the signal's name; null for a reply
 * @param error the name of the error; null when it is none
 * @param body its values
 */
record Message(int type, int replyTo, String path, String member, String error, Body body) {
  static final int REPLY = 2;
  static final int ERROR = 3;
  static final int SIGNAL = 4;

  /** The bytes of a message that tell its length. */
  static final int PREFIX = 16;

  private static final int LONGEST = 128 * 1024 * 1024;

  /**
   * The length in bytes of the message that begins at a position; its first {@link #PREFIX} bytes
   * must be there.
   */
  static int length(byte[] bytes, int from) {
    Body prefix = new Body(bytes, from, from + 4, from + PREFIX, bytes[from] == 'B');
    long body = prefix.number();
    prefix.number();
    long fields = prefix.number();
    long length = PREFIX + (fields + 7) / 8 * 8 + body;
    if (length > LONGEST) {
      throw new SystemdException("", "systemd sent a message of " + length + " bytes");
    }
    return (int) length;
  }

  /** Reads the message that begins at a position; the bytes are not copied. */
  static Message read(byte[] bytes, int from, int length) {
    boolean bigEndian = bytes[from] == 'B';
    Body header = new Body(bytes, from, from + 12, from + length, bigEndian);
    String path = null;
    String member = null;
    String error = null;
    int replyTo = 0;
    int last = header.openArray(8);
    while (header.before(last)) {
      header.align(8);
      int field = header.octet();
      String signature = header.signature();
      switch (field) {
        case 1 -> path = header.string();
        case 3 -> member = header.string();
        case 4 -> error = header.string();
        case 5 -> replyTo = (int) header.number();
        default -> header.skip(signature);
      }
    }
    int fields = last - from - PREFIX;
    return new Message(
        bytes[from + 1],
        replyTo,
        path,
        member,
        error,
        new Body(bytes, from, from + PREFIX + (fields + 7) / 8 * 8, from + length, bigEndian));
  }

  /** The sentence that comes with an error, or its name when there is none. */
  String reason() {
    try {
      return body.string();
    } catch (SystemdException e) {
      return error;
    }
  }
}
