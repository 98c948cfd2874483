// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.messages.MessageFactory;

/**
 * A peer on a real unix socket that speaks D-Bus as a test wants it to: as systemd, as a bus, or as
 * something broken. Each client is served by a thread of its own.
 */
final class FalseSystemd implements AutoCloseable {
  /** systemd's unique name on the false bus, and that of another client. */
  static final String SYSTEMD = ":1.1";

  static final String STRANGER = ":1.66";

  /** The path of a job, before its number. */
  static final String JOB = "/org/freedesktop/systemd1/job/";

  private static final byte[] OK =
      "OK 0123456789abcdef0123456789abcdef\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final MessageFactory FACTORY = new MessageFactory((byte) 'l');

  /** What the peer does with one client. */
  interface Talk {
    /**
     * @param client number 0 is the first
     */
    void with(Client client, int number) throws IOException, DBusException;
  }

  /** How the peer answers the calls of one client. */
  interface Answers {
    /**
     * @return the answer; null to end the connection
     */
    byte[] to(Received call) throws IOException, DBusException;
  }

  private final Path socket;
  private final ServerSocketChannel server;
  private final Talk talk;
  private final List<SocketChannel> clients = new ArrayList<>();

  /** Listens as systemd's own socket does, and accepts each client. */
  static FalseSystemd own(Path socket, Talk talk) throws IOException {
    return new FalseSystemd(
        socket,
        (client, number) -> {
          client.authenticate();
          talk.with(client, number);
        });
  }

  /** Listens as a bus does, and accepts each client. */
  static FalseSystemd bus(Path socket, Talk talk) throws IOException {
    return new FalseSystemd(
        socket,
        (client, number) -> {
          client.authenticateByBus();
          talk.with(client, number);
        });
  }

  /** Listens; the socket must not exist yet. */
  FalseSystemd(Path socket, Talk talk) throws IOException {
    this.socket = socket;
    this.talk = talk;
    server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    Thread thread = new Thread(this::accept, "false systemd");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      for (int number = 0; ; number++) {
        SocketChannel channel = server.accept();
        synchronized (clients) {
          clients.add(channel);
        }
        int current = number;
        Thread thread = new Thread(() -> serve(channel, current), "false systemd, client");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      // closed by the test
    }
  }

  private void serve(SocketChannel channel, int number) {
    try (channel) {
      talk.with(new Client(channel), number);
    } catch (IOException e) {
      // the client has given up and closed the connection
    } catch (DBusException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
    synchronized (clients) {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  /** A call that was received. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Received(int serial, String member, byte[] bytes) {}

  /** The peer's side of a connection. */
  static final class Client {
    private final SocketChannel channel;

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    /** Sends bytes as they are. */
    void send(byte[]... parts) throws IOException {
      for (byte[] part : parts) {
        for (ByteBuffer bytes = ByteBuffer.wrap(part); bytes.hasRemaining(); ) {
          channel.write(bytes);
        }
      }
    }

    private byte[] read(int count) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(count);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes) < 0) {
          throw new EOFException();
        }
      }
      return bytes.array();
    }

    /** Reads the authentication of the client, up to BEGIN. */
    void readAuthentication() throws IOException {
      StringBuilder text = new StringBuilder();
      while (text.indexOf("BEGIN\r\n") < 0) {
        text.append((char) read(1)[0]);
      }
    }

    /** Accepts the client, as systemd's own socket does. */
    void authenticate() throws IOException {
      readAuthentication();
      send(OK);
    }

    /** Accepts the client as a bus does; systemd has {@link #SYSTEMD}. */
    void authenticateByBus() throws IOException, DBusException {
      authenticateByBus(SYSTEMD);
    }

    /** Accepts the client as a bus does on which systemd has a unique name. */
    void authenticateByBus(String systemd) throws IOException, DBusException {
      authenticate();
      while (true) {
        Received call = next();
        switch (call.member()) {
          case "Hello" -> send(reply(call, Call.BUS, "s", ":1.5"));
          case "AddMatch" -> send(reply(call, Call.BUS, null));
          case "Subscribe" -> {
            send(reply(call, systemd, null));
            return;
          }
          default -> throw new IOException("unexpected " + call.member());
        }
      }
    }

    /** Answers every call, until an answer is null. */
    void answerAll(Answers answers) throws IOException, DBusException {
      byte[] answer = answers.to(next());
      while (answer != null) {
        send(answer);
        answer = answers.to(next());
      }
    }

    /** The next call. */
    Received next() throws IOException {
      byte[] prefix = read(16);
      byte[] rest = read(Message.length(prefix, 0) - prefix.length);
      byte[] all = joined(prefix, rest);
      int serial = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getInt(8);
      return new Received(serial, Message.read(all, 0, all.length).member(), all);
    }

    void close() throws IOException {
      channel.close();
    }

    /** Lets the client wait. */
    void pause(int milliseconds) {
      try {
        Thread.sleep(milliseconds);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Waits until the client has closed the connection. */
    void awaitEnd() throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(1000);
      while (channel.read(bytes) >= 0) {
        bytes.clear();
      }
    }
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] bytes(org.freedesktop.dbus.messages.Message message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : message.getWireData()) {
      if (part != null) {
        bytes.writeBytes(part);
      }
    }
    return bytes.toByteArray();
  }

  /**
   * A reply to a call.
   *
   * @param sender null on systemd's own socket
   */
  static byte[] reply(Received call, String sender, String signature, Object... values)
      throws DBusException {
    byte[] reply =
        bytes(
            FACTORY.createMethodReturn(
                sender,
                FACTORY.createMethodCall("d", "/p", "i.f", "M", (byte) 0, null),
                signature,
                values));
    // dbus-java sets a serial of its own
    int field = new String(reply, StandardCharsets.ISO_8859_1).indexOf("\5\1u\0") + 4;
    ByteBuffer.wrap(reply).order(ByteOrder.LITTLE_ENDIAN).putInt(field, call.serial());
    return reply;
  }

  /** An error in answer to a call; its sentence may be null. */
  static byte[] error(Received call, String name, String sentence) throws DBusException {
    return sentence == null
        ? bytes(FACTORY.createError(null, null, name, call.serial(), null))
        : bytes(FACTORY.createError(null, null, name, call.serial(), "s", sentence));
  }

  /** A signal of the manager. */
  static byte[] signal(String sender, String member, String signature, Object... values)
      throws DBusException {
    return signal(sender, Call.MANAGER_PATH, Call.MANAGER, member, signature, values);
  }

  static byte[] signal(
      String sender, String path, String type, String member, String signature, Object... values)
      throws DBusException {
    return bytes(FACTORY.createSignal(sender, path, type, member, signature, values));
  }

  /** The signal that a job has ended. */
  static byte[] jobRemoved(String sender, long job, String unit, String result)
      throws DBusException {
    return signal(
        sender,
        "JobRemoved",
        "uoss",
        new org.freedesktop.dbus.types.UInt32(job),
        JOB + job,
        unit,
        result);
  }
}
