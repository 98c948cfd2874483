// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A D-Bus connection over a unix socket, for one thread. Calls are written together and answered in
 * any order; the signals that arrive between the replies are noted. Nothing here blocks for longer
 * than its limit, however slowly the other side reads or writes, and however many signals it sends.
 */
final class Connection implements Closeable {
  /**
   * How many calls may be in flight at once: a bus keeps a limited number of pending replies for
   * each client.
   */
  private static final int WINDOW = 100;

  /**
   * For measurements: {@code -Dquietus.trace=FILE} writes the name of each method that is called to
   * a file, a line each.
   */
  private static final String TRACE = System.getProperty("quietus.trace");

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final Signals signals;
  private final Received received = new Received();

  private ByteBuffer out = ByteBuffer.allocate(0);
  private int serial;
  private boolean broken;

  /** The deadline after which was read once more. */
  private long readAfter;

  /** Takes a channel that is connected. */
  Connection(SocketChannel channel, Signals signals) throws IOException {
    this.channel = channel;
    this.signals = signals;
    channel.configureBlocking(false);
    selector = Selector.open();
    key = channel.register(selector, SelectionKey.OP_READ);
  }

  /** True when the other side has closed the connection. */
  boolean isBroken() {
    return broken;
  }

  /**
   * Writes bytes and returns the line by which they are answered.
   *
   * @param deadline when to give up, by {@link System#nanoTime}
   * @return null when the time is over
   */
  String exchange(byte[] bytes, long deadline) throws IOException {
    out = ByteBuffer.wrap(bytes);
    String line = null;
    while (line == null) {
      if (out.hasRemaining()) {
        channel.write(out);
      }
      if (!received.fill(channel) && !ready(deadline)) {
        return null;
      }
      line = received.line();
      if (line == null && System.nanoTime() - deadline > 0) {
        return null;
      }
    }
    return line;
  }

  /**
   * Makes calls, all sent together.
   *
   * @param limit how long systemd may take, in ns
   * @return the replies, errors among them, in the order of the calls
   */
  Message[] call(List<Call> calls, long limit) {
    if (TRACE != null) {
      trace(calls);
    }
    long deadline = System.nanoTime() + limit;
    Message[] replies = new Message[calls.size()];
    int first = serial + 1;
    int sent = 0;
    int answered = 0;
    while (answered < replies.length) {
      if (sent < replies.length && sent - answered < WINDOW / 2 + 1) {
        List<byte[]> window = new ArrayList<>();
        while (sent < replies.length && sent - answered < WINDOW) {
          window.add(calls.get(sent++).encode(++serial));
        }
        enqueue(window);
      }
      Message message = next(deadline);
      if (message == null) {
        throw SystemdException.silent(unanswered(calls, replies, sent), limit);
      }
      int index = message.replyTo() - first;
      if (message.type() == Message.SIGNAL) {
        signals.take(message);
      } else if (message.isReply() && index >= 0 && index < sent && replies[index] == null) {
        replies[index] = message;
        answered++;
      }
    }
    return replies;
  }

  /** The method of the first call that is not answered. */
  private static String unanswered(List<Call> calls, Message[] replies, int sent) {
    for (int i = 0; i < sent; i++) {
      if (replies[i] == null) {
        return calls.get(i).member();
      }
    }
    return calls.get(0).member();
  }

  private static void trace(List<Call> calls) {
    StringBuilder lines = new StringBuilder();
    for (Call call : calls) {
      lines.append(call.member()).append('\n');
    }
    try {
      Files.write(
          Path.of(TRACE),
          lines.toString().getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new SystemdException("the trace " + TRACE + " cannot be written: " + e.getMessage(), e);
    }
  }

  private void enqueue(List<byte[]> messages) {
    int length = out.remaining();
    for (byte[] message : messages) {
      length += message.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length).put(out);
    for (byte[] message : messages) {
      all.put(message);
    }
    out = all.flip();
  }

  /**
   * The next message.
   *
   * @param deadline when to give up, by {@link System#nanoTime}. After it the socket is read once
   *     more: messages that are already there are returned, but not an endless flow of them
   * @return null when the time is over
   */
  Message next(long deadline) {
    try {
      while (true) {
        Message message = received.message();
        if (message != null) {
          return message;
        }
        if (out.hasRemaining()) {
          channel.write(out);
        }
        if (System.nanoTime() - deadline >= 0) {
          if (readAfter == deadline) {
            return null;
          }
          readAfter = deadline;
        }
        if (!received.fill(channel) && !ready(deadline)) {
          return null;
        }
      }
    } catch (IOException e) {
      broken = true;
      throw SystemdException.broken("", e.getMessage(), e);
    }
  }

  /**
   * Waits until something can be read, or what is left can be written; false when the time is over.
   */
  private boolean ready(long deadline) throws IOException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    key.interestOps(
        out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    selector.select(left / 1_000_000 + 1);
    selector.selectedKeys().clear();
    return true;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
