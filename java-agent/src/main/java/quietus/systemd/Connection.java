package quietus.systemd;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
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
 * any order; the signals that arrive between the replies go to a listener. Nothing here blocks for
 * longer than its limit, however slowly the other side reads or writes.
 */
final class Connection implements Closeable {
  /** Hears of signals while the connection waits for something else. */
  interface Listener {
    void signal(Message signal);
  }

  /**
   * How many calls may be under way at once: a bus keeps a limited number of pending replies for
   * each client.
   */
  private static final int WINDOW = 100;

  /**
   * How long the answer to who we are may take, in ns. PID 1 may be in the middle of a reload,
   * which takes minutes on a large host.
   */
  private static final long AUTHENTICATION = 180_000_000_000L;

  /**
   * For measurements: {@code -Dquietus.trace=FILE} writes the name of each method that is called to
   * a file, a line each.
   */
  private static final String TRACE = System.getProperty("quietus.trace");

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final Listener listener;

  private byte[] in = new byte[64 * 1024];
  private int inFrom;
  private int inTo;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private int serial;

  private Connection(SocketChannel channel, Selector selector, Listener listener)
      throws IOException {
    this.channel = channel;
    this.selector = selector;
    this.listener = listener;
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ);
  }

  /**
   * Connects and says who we are.
   *
   * @param uid our user id, which the other side compares with what the kernel says
   * @throws IOException when nobody listens on the socket, or we may not connect
   * @throws SystemdException when the other side does not take us for who we are, or does not
   *     answer
   */
  static Connection open(Path socket, int uid, Listener listener) throws IOException {
    useTheKernelsSelectorProvider();
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      Connection connection = new Connection(channel, Selector.open(), listener);
      StringBuilder hello = new StringBuilder("\0AUTH EXTERNAL ");
      String digits = Integer.toString(uid);
      for (int i = 0; i < digits.length(); i++) {
        hello.append('3').append(digits.charAt(i));
      }
      connection.authenticate(
          hello.append("\r\nBEGIN\r\n").toString().getBytes(StandardCharsets.US_ASCII));
      return connection;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Loads what a connection needs, without making one. */
  static void prepare() {
    useTheKernelsSelectorProvider();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      // the connection will meet the same, and tell it
    }
  }

  /**
   * Names the JDK's own provider, which else is only taken after a search of the whole jar for
   * another one (5 ms).
   */
  private static synchronized void useTheKernelsSelectorProvider() {
    String property = "java.nio.channels.spi.SelectorProvider";
    String epoll = "sun.nio.ch.EPollSelectorProvider";
    if (System.getProperty(property) == null) {
      try {
        Class.forName(epoll);
        System.setProperty(property, epoll);
      } catch (ClassNotFoundException e) {
        // a JDK that calls it otherwise finds it by itself
      }
    }
  }

  /**
   * The server must have answered before the first call is written: it would not look at what it
   * read along with BEGIN.
   */
  private void authenticate(byte[] hello) throws IOException {
    channel.write(ByteBuffer.wrap(hello));
    long deadline = System.nanoTime() + AUTHENTICATION;
    int end = endOfLine();
    while (end < 0) {
      if (!fill() && !ready(deadline)) {
        throw new SystemdException("", "systemd has not answered in time");
      }
      end = endOfLine();
    }
    String answer = new String(in, 0, end, StandardCharsets.US_ASCII);
    if (!answer.startsWith("OK ")) {
      throw new SystemdException("", "systemd does not accept this user: " + answer.trim());
    }
    inFrom = end;
  }

  /**
   * Where the first line ends, or -1. PID 1 sends its signals to everybody who was accepted, so one
   * may come with the answer itself.
   */
  private int endOfLine() {
    for (int i = 0; i < inTo; i++) {
      if (in[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  /**
   * Makes calls, all sent together.
   *
   * @param deadline when to give up, by {@link System#nanoTime}
   * @return the replies, errors among them, in the order of the calls
   */
  Message[] call(List<Call> calls, long deadline) {
    if (TRACE != null) {
      trace(calls);
    }
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
        throw new SystemdException(
            "", "systemd has not answered " + calls.get(answered).member() + " in time");
      }
      int index = message.replyTo() - first;
      if (message.type() == Message.SIGNAL) {
        listener.signal(message);
      } else if (index >= 0 && index < replies.length && replies[index] == null) {
        replies[index] = message;
        answered++;
      }
    }
    return replies;
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
   * @param deadline when to give up, by {@link System#nanoTime}; a message that is already there is
   *     returned even after it
   * @return null when the time is over
   */
  Message next(long deadline) {
    try {
      while (true) {
        Message message = buffered();
        if (message != null) {
          return message;
        }
        if (out.hasRemaining()) {
          channel.write(out);
        }
        if (!fill() && !ready(deadline)) {
          return null;
        }
      }
    } catch (IOException e) {
      throw new SystemdException("the connection to systemd broke: " + e.getMessage(), e);
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

  private Message buffered() {
    if (inTo - inFrom < Message.PREFIX) {
      return null;
    }
    int length = Message.length(in, inFrom);
    if (inTo - inFrom < length) {
      return null;
    }
    Message message = Message.read(in, inFrom, length);
    inFrom += length;
    return message;
  }

  /**
   * Reads what is there; false when there is nothing. Messages that were handed out keep the bytes
   * that they were read into.
   */
  private boolean fill() throws IOException {
    if (in.length - inTo < 4096) {
      int rest = inTo - inFrom;
      int wanted = rest < Message.PREFIX ? 0 : Message.length(in, inFrom);
      byte[] fresh = new byte[Math.max(64 * 1024, Math.max(wanted, rest) + 4096)];
      System.arraycopy(in, inFrom, fresh, 0, rest);
      in = fresh;
      inFrom = 0;
      inTo = rest;
    }
    int read = channel.read(ByteBuffer.wrap(in, inTo, in.length - inTo));
    if (read < 0) {
      throw new IOException("systemd closed it (it was executed anew, or the machine shuts down)");
    }
    inTo += read;
    return read > 0;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
