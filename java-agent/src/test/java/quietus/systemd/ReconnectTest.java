// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static quietus.systemd.FalseSystemd.JOB;
import static quietus.systemd.FalseSystemd.SYSTEMD;
import static quietus.systemd.FalseSystemd.error;
import static quietus.systemd.FalseSystemd.jobRemoved;
import static quietus.systemd.FalseSystemd.reply;
import static quietus.systemd.FalseSystemd.signal;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that loses a signal, whose systemd re-executes, or whose systemd accepts nobody. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // a peer is there for as long as its block
class ReconnectTest {
  private static final Duration LONG = Duration.ofSeconds(40);
  private static final String NO_SUCH_JOB = "org.freedesktop.systemd1.NoSuchJob";

  @TempDir private Path dir;

  private Path socket() {
    return dir.resolve("socket");
  }

  @Test
  void aWaitOutlastsAReExecutionThatEndsTheJob() throws Exception {
    List<String> asked = new ArrayList<>();
    try (FalseSystemd own =
            FalseSystemd.own(
                socket(),
                (client, number) -> {
                  if (number == 0) {
                    client.send(reply(client.next(), null, "o", JOB + 7));
                    client.send(reply(client.next(), null, "o", JOB + 8));
                    return;
                  }
                  for (int i = 0; i < 2; i++) {
                    FalseSystemd.Received call = client.next();
                    asked.add(call.member());
                    // the end of job 7 was missed
                    int job = call.bytes()[call.bytes().length - 4];
                    client.send(
                        job == 7
                            ? error(call, NO_SUCH_JOB, "none")
                            : reply(call, null, "o", JOB + 8));
                  }
                  client.send(jobRemoved(null, 8, "b.service", "failed"));
                  client.awaitEnd();
                });
        Systemd systemd = DbusSystemd.at(socket(), false, LONG)) {
      Map<String, Long> jobs = systemd.stop(List.of("a.service", "b.service"));
      assertEquals(Map.of(7L, "unknown", 8L, "failed"), systemd.await(jobs.values(), LONG));
      assertEquals(List.of("GetJob", "GetJob"), asked);
    }
  }

  @Test
  void aQuestionIsAskedAgainAfterAReExecutionAndACommandIsNot() throws Exception {
    AtomicInteger stops = new AtomicInteger();
    try (FalseSystemd own =
            FalseSystemd.own(
                socket(),
                (client, number) -> {
                  if (number == 0) {
                    client.send(reply(client.next(), null, "v", new Variant<>("252")));
                    client.next();
                    return;
                  }
                  client.answerAll(
                      call -> {
                        if (call.member().equals("StopUnit")) {
                          stops.incrementAndGet();
                          return null;
                        }
                        return reply(call, null, "v", new Variant<>("257"));
                      });
                });
        Systemd systemd = DbusSystemd.at(socket(), false, LONG)) {
      assertEquals(252, systemd.version());
      assertEquals(257, systemd.version());
      SystemdException broken =
          assertThrows(SystemdException.class, () -> systemd.stop(List.of("a.service")));
      assertTrue(
          broken.getMessage().startsWith("the connection to systemd broke: "), broken.getMessage());
      assertEquals(1, stops.get());
    }
  }

  @Test
  void aChangeDuringAReExecutionIsNotMissed() throws Exception {
    try (FalseSystemd own =
            FalseSystemd.own(
                socket(),
                (client, number) -> {
                  if (number > 0) {
                    client.awaitEnd();
                  }
                });
        Systemd systemd = DbusSystemd.at(socket(), false, LONG)) {
      assertTrue(systemd.awaitChange(List.of("a.service"), LONG));
      assertFalse(systemd.awaitChange(List.of("a.service"), Duration.ofMillis(100)));
    }
  }

  @Test
  void onTheBusAReExecutedSystemdIsBelievedUnderItsNewName() throws Exception {
    try (FalseSystemd bus =
            new FalseSystemd(
                socket(),
                (client, number) -> {
                  if (number == 0) {
                    client.authenticateByBus();
                    client.send(
                        reply(client.next(), SYSTEMD, "o", JOB + 7),
                        owner(":1.66", "x.y", ":1.7"),
                        owner(Call.BUS, Call.SYSTEMD, ""),
                        owner(Call.BUS, Call.SYSTEMD, ":1.9"));
                    client.awaitEnd();
                    return;
                  }
                  client.authenticateByBus(":1.9");
                  client.send(reply(client.next(), ":1.9", "o", JOB + 7));
                  client.send(
                      jobRemoved(SYSTEMD, 7, "a.service", "done"),
                      jobRemoved(":1.9", 7, "a.service", "failed"));
                  client.awaitEnd();
                });
        Systemd systemd = DbusSystemd.at(socket(), true, LONG)) {
      Map<String, Long> jobs = systemd.stop(List.of("a.service"));
      assertEquals(Map.of(7L, "failed"), systemd.await(jobs.values(), LONG));
    }
  }

  @Test
  void aReloadThatAReExecutionCutsOffIsRepeated() throws Exception {
    List<String> asked = new ArrayList<>();
    try (FalseSystemd own =
            FalseSystemd.own(
                socket(),
                (client, number) -> {
                  client.answerAll(
                      call -> {
                        asked.add(call.member());
                        if (call.member().equals("Get")) {
                          return reply(call, null, "v", new Variant<>("257"));
                        }
                        return number == 0 ? null : reply(call, null, null);
                      });
                });
        Systemd systemd = DbusSystemd.at(socket(), false, LONG)) {
      assertEquals(257, systemd.version());
      systemd.reload();
      assertEquals(List.of("Get", "Reload", "Reload"), asked);
    }
  }

  @Test
  void onTheBusAQuestionThatSystemdLeftUnansweredIsAskedAgainAndACommandIsNot() throws Exception {
    AtomicInteger stops = new AtomicInteger();
    try (FalseSystemd bus =
            FalseSystemd.bus(
                socket(),
                (client, number) -> {
                  client.answerAll(
                      call -> {
                        boolean isStop = call.member().equals("StopUnit");
                        if (isStop) {
                          stops.incrementAndGet();
                        }
                        return number == 1 && !isStop
                            ? reply(call, SYSTEMD, "v", new Variant<>("257"))
                            : error(
                                call,
                                "org.freedesktop.DBus.Error.NoReply",
                                "Message recipient disconnected from message bus without"
                                    + " replying");
                      });
                });
        Systemd systemd = DbusSystemd.at(socket(), true, LONG)) {
      assertEquals(257, systemd.version());
      SystemdException broken =
          assertThrows(SystemdException.class, () -> systemd.stop(List.of("a.service")));
      assertEquals(
          "the connection to systemd broke: Message recipient disconnected from message bus without"
              + " replying. Run again: it continues where this run ended",
          broken.getMessage());
      assertEquals(1, stops.get());
    }
  }

  private static byte[] owner(String sender, String name, String owner) throws DBusException {
    return signal(sender, Call.BUS_PATH, Call.BUS, "NameOwnerChanged", "sss", name, SYSTEMD, owner);
  }

  @Test
  void aJobWhoseSignalWasLostIsFoundToHaveEnded() throws Exception {
    try (FalseSystemd own =
        FalseSystemd.own(
            socket(),
            (client, number) -> {
              client.send(reply(client.next(), null, "o", JOB + 7));
              client.send(reply(client.next(), null, "o", JOB + 7));
              client.send(error(client.next(), NO_SUCH_JOB, "none"));
              client.awaitEnd();
            })) {
      Link link = new Link(Endpoint.at(socket(), false, LONG.toNanos()), LONG.toNanos());
      try {
        Map<String, Long> jobs = new Jobs(link).stop(List.of("a.service"));
        Waits often = new Waits(link, TimeUnit.MILLISECONDS.toNanos(100));
        assertEquals(Map.of(7L, "unknown"), often.jobs(jobs.values(), LONG));
      } finally {
        link.close();
      }
    }
  }

  /** A server that listens, accepts nobody, and whose queue of new connections is full. */
  @Test
  void aServerThatAcceptsNobodyIsGivenUp() throws Exception {
    List<SocketChannel> queue = new ArrayList<>();
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket());
    try (ServerSocketChannel server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1)) {
      while (queue.size() < 100) {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        queue.add(client);
        client.configureBlocking(false);
        try {
          client.connect(address);
        } catch (java.net.SocketException e) {
          break;
        }
      }
      assertTrue(queue.size() < 100, "the queue is never full");
      try (Systemd systemd = DbusSystemd.at(socket(), false, Duration.ofSeconds(1))) {
        SystemdException silent = assertThrows(SystemdException.class, systemd::version);
        assertTrue(
            silent
                .getMessage()
                .startsWith(
                    "systemd has not answered a new connection on " + socket() + " within 1 s"),
            silent.getMessage());
      }
    } finally {
      for (SocketChannel client : queue) {
        client.close();
      }
      Files.deleteIfExists(socket());
    }
  }
}
