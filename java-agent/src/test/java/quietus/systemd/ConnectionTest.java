// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 20, unit = TimeUnit.SECONDS)
class ConnectionTest {
  private static final byte[] OK =
      "OK 0123456789abcdef0123456789abcdef\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final long LIMIT = TimeUnit.SECONDS.toNanos(10);

  @TempDir private Path dir;

  /** A signal whose only header field is its name; its length in bytes is 32 or more. */
  private static byte[] signal(String member) {
    byte[] name = member.getBytes(StandardCharsets.US_ASCII);
    int fields = 4 + 4 + name.length + 1;
    ByteBuffer signal =
        ByteBuffer.allocate(16 + (fields + 7) / 8 * 8).order(ByteOrder.LITTLE_ENDIAN);
    signal
        .put((byte) 'l')
        .put((byte) Message.SIGNAL)
        .put((byte) 0)
        .put((byte) 1)
        .putInt(0)
        .putInt(1)
        .putInt(fields);
    signal.put((byte) 3).put((byte) 1).put((byte) 's').put((byte) 0).putInt(name.length).put(name);
    return signal.array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A server that accepts one client and sends it these bytes. */
  private Path server(byte[] first, byte[] then) throws IOException {
    Path socket = dir.resolve("socket");
    ServerSocketChannel server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    Thread thread =
        new Thread(
            () -> {
              try (server;
                  SocketChannel client = server.accept()) {
                client.read(ByteBuffer.allocate(1000));
                client.write(ByteBuffer.wrap(first));
                client.write(ByteBuffer.wrap(then));
                while (client.read(ByteBuffer.allocate(1000)) >= 0) {
                  // until the client closes the connection
                }
              } catch (IOException e) {
                // the test fails because it misses a message
              }
            });
    thread.setDaemon(true);
    thread.start();
    return socket;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 20, 40})
  void aSignalThatComesWithTheAnswerIsReadAsOne(int split) throws IOException {
    byte[] signals = joined(signal("JobNew"), signal("Line\nFeed\n"), signal("JobRemoved"));
    byte[] first = new byte[split];
    byte[] rest = new byte[signals.length - split];
    System.arraycopy(signals, 0, first, 0, split);
    System.arraycopy(signals, split, rest, 0, rest.length);
    try (Connection connection =
        Handshake.open(server(joined(OK, first), rest), 0, new Signals(), LIMIT)) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      for (String member : new String[] {"JobNew", "Line\nFeed\n", "JobRemoved"}) {
        Message message = connection.next(deadline);
        assertNotNull(message, member);
        assertEquals(member, message.member());
      }
    }
  }

  @Test
  void anAnswerThatComesInPiecesIsWaitedFor() throws IOException {
    byte[] half = new byte[10];
    System.arraycopy(OK, 0, half, 0, 10);
    byte[] rest = new byte[OK.length - 10];
    System.arraycopy(OK, 10, rest, 0, rest.length);
    try (Connection connection =
        Handshake.open(server(half, joined(rest, signal("JobNew"))), 0, new Signals(), LIMIT)) {
      assertEquals(
          "JobNew", connection.next(System.nanoTime() + TimeUnit.SECONDS.toNanos(10)).member());
    }
  }
}
