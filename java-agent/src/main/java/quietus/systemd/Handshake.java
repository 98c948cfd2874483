// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Connects to a D-Bus socket and authenticates, within a limit. */
final class Handshake {
  /** How long to wait before a server is tried again that accepts nobody at the moment, in ms. */
  private static final int PAUSE = 20;

  /** The longest path that a socket may have (unix(7)). */
  private static final int LONGEST_PATH = 107;

  private Handshake() {}

  /**
   * Connects and authenticates.
   *
   * @param uid our user id; the other side compares it with the one that the kernel reports
   * @param limit how long both may take together, in ns. PID 1 may be in the middle of a reload,
   *     which takes minutes on a large host
   * @throws IOException when nobody listens on the socket, or we may not connect
   * @throws SystemdException when the other side refuses us, or does not answer
   */
  static Connection open(Path socket, int uid, Signals signals, long limit) throws IOException {
    useEpoll();
    long deadline = System.nanoTime() + limit;
    SocketChannel channel = connect(socket, deadline, limit);
    try {
      Connection connection = new Connection(channel, signals);
      StringBuilder hello = new StringBuilder("\0AUTH EXTERNAL ");
      String digits = Integer.toString(uid);
      for (int i = 0; i < digits.length(); i++) {
        hello.append('3').append(digits.charAt(i));
      }
      // The server must have answered before the first call is written: it would not look at what
      // it read along with BEGIN.
      String answer =
          connection.exchange(
              hello.append("\r\nBEGIN\r\n").toString().getBytes(StandardCharsets.US_ASCII),
              deadline);
      if (answer == null) {
        throw SystemdException.silent("a new connection on " + socket, limit);
      }
      if (!answer.startsWith("OK ")) {
        throw new SystemdException(
            "",
            "systemd refuses the user with id "
                + uid
                + " on "
                + socket
                + ": "
                + answer
                + ". Run it as the user whose units these are, or as root");
      }
      return connection;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The connect(2) of a unix socket blocks while the server's queue of new connections is full; one
   * that may not block fails at once with a plain SocketException, and has to be repeated.
   */
  private static SocketChannel connect(Path socket, long deadline, long limit) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
    while (true) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.configureBlocking(false);
        channel.connect(address);
        return channel;
      } catch (SocketException e) {
        channel.close();
        if (e.getClass() != SocketException.class
            || socket.toString().length() > LONGEST_PATH
            || !Files.exists(socket)) {
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      if (System.nanoTime() - deadline > 0) {
        throw SystemdException.silent("a new connection on " + socket, limit);
      }
      pause();
    }
  }

  /** Waits a moment for a server that is about to listen, or to accept. */
  static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SystemdException("interrupted while waiting for systemd", e);
    }
  }

  /** Loads what a connection needs, without making one. */
  static void prepare() {
    useEpoll();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      // the connection will meet the same, and report it
    }
  }

  /**
   * Names the JDK's own selector provider, which is otherwise taken only after a search of the
   * whole jar for another one (5 ms).
   */
  private static synchronized void useEpoll() {
    String property = "java.nio.channels.spi.SelectorProvider";
    String epoll = "sun.nio.ch.EPollSelectorProvider";
    if (System.getProperty(property) == null) {
      try {
        Class.forName(epoll);
        System.setProperty(property, epoll);
      } catch (ClassNotFoundException e) {
        // a JDK that has another name for it finds it by itself
      }
    }
  }
}
