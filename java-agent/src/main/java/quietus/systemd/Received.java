// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The bytes that a socket has received, cut into messages. */
final class Received {
  /**
   * The longest signal that is kept. On the system bus every user may send signals to us, of up to
   * 32 MB each; those of systemd that we need have some hundred bytes.
   */
  private static final int LONGEST_SIGNAL = 1024 * 1024;

  /** The longest line by which a server accepts or refuses a client. */
  private static final int LONGEST_LINE = 4096;

  private static final int CHUNK = 64 * 1024;

  private byte[] bytes = new byte[CHUNK];
  private int from;
  private int to;

  /** How many of the next bytes belong to a signal that is too long. */
  private long discard;

  /**
   * Reads what is there; false when there is nothing. Messages that were handed out keep the bytes
   * that they were read into.
   *
   * @throws IOException when the other side has closed the connection
   */
  boolean fill(SocketChannel channel) throws IOException {
    if (bytes.length - to < 4096) {
      // Grows with what has arrived, whatever length a message claims to have.
      int rest = to - from;
      byte[] fresh = new byte[Math.max(CHUNK, 2 * rest) + 4096];
      System.arraycopy(bytes, from, fresh, 0, rest);
      bytes = fresh;
      from = 0;
      to = rest;
    }
    int read = channel.read(ByteBuffer.wrap(bytes, to, bytes.length - to));
    if (read < 0) {
      throw new IOException(
          "systemd closed it, because it was re-executed or the machine shuts down");
    }
    to += read;
    return read > 0;
  }

  /**
   * The next line without its end, null when it is not complete yet. PID 1 sends its signals to
   * everybody whom it has accepted, so messages may follow in the same bytes.
   */
  String line() {
    for (int i = from; i < to; i++) {
      if (bytes[i] == '\n') {
        StringBuilder line = new StringBuilder();
        for (int at = from; at < i; at++) {
          char c = (char) (bytes[at] & 0xff);
          // control characters must not reach a terminal
          line.append(c == '\r' ? "" : c < ' ' || c > '~' ? "?" : String.valueOf(c));
        }
        from = i + 1;
        return line.toString();
      }
    }
    if (to - from > LONGEST_LINE) {
      throw SystemdException.malformed("the answer to the authentication does not end");
    }
    return null;
  }

  /**
   * The next message, null when it is not complete yet. A signal that cannot be read is skipped: no
   * caller waits for it.
   */
  Message message() {
    while (true) {
      if (discard > 0) {
        int now = (int) Math.min(discard, to - from);
        from += now;
        discard -= now;
      }
      if (discard > 0 || to - from < Message.PREFIX) {
        return null;
      }
      int length = Message.length(bytes, from);
      boolean signal = bytes[from + 1] == Message.SIGNAL;
      if (signal && length > LONGEST_SIGNAL) {
        discard = length;
      } else if (to - from < length) {
        return null;
      } else {
        int at = from;
        from += length;
        try {
          return Message.read(bytes, at, length);
        } catch (SystemdException e) {
          if (!signal) {
            throw e;
          }
        }
      }
    }
  }
}
