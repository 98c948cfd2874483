// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static quietus.systemd.FalseSystemd.JOB;
import static quietus.systemd.FalseSystemd.STRANGER;
import static quietus.systemd.FalseSystemd.SYSTEMD;
import static quietus.systemd.FalseSystemd.jobRemoved;
import static quietus.systemd.FalseSystemd.reply;
import static quietus.systemd.FalseSystemd.signal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.types.UInt32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose signals are trusted, and that unreadable signals are ignored. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // a peer is there for as long as its block
class SignalsTest {
  private static final Duration LONG = Duration.ofSeconds(40);

  @TempDir private Path dir;

  private Path socket() {
    return dir.resolve("socket");
  }

  @Test
  void onTheBusAJobThatAStrangerSaysHasEndedHasNot() throws Exception {
    try (FalseSystemd bus =
            FalseSystemd.bus(
                socket(),
                (client, number) -> {
                  FalseSystemd.Received stop = client.next();
                  client.send(
                      jobRemoved(STRANGER, 7, "a.service", "done"),
                      jobRemoved(Call.SYSTEMD, 7, "a.service", "done"),
                      reply(stop, SYSTEMD, "o", JOB + 7),
                      jobRemoved(STRANGER, 7, "a.service", "done"),
                      jobRemoved(STRANGER, 7, "a.service", "assert"),
                      jobRemoved(null, 7, "a.service", "done"),
                      jobRemoved(SYSTEMD, 7, "a.service", "failed"));
                  client.awaitEnd();
                });
        Systemd systemd = DbusSystemd.at(socket(), true, LONG)) {
      Map<String, Long> jobs = systemd.stop(List.of("a.service"));
      assertEquals(Map.of("a.service", 7L), jobs);
      assertEquals(Map.of(7L, "failed"), systemd.await(jobs.values(), LONG));
      assertEquals(0, systemd.refused(List.of("a.service")));
    }
  }

  @Test
  void onTheBusAChangeThatAStrangerTellsIsNone() throws Exception {
    String path = ObjectPath.ofUnit("a.service");
    try (FalseSystemd bus =
            FalseSystemd.bus(
                socket(),
                (client, number) -> {
                  FalseSystemd.Received call = client.next();
                  client.send(
                      reply(call, SYSTEMD, "v", variant("252")),
                      signal(STRANGER, path, Call.PROPERTIES, "PropertiesChanged", "s", "x"));
                  call = client.next();
                  client.send(
                      reply(call, SYSTEMD, "v", variant("252")),
                      signal(SYSTEMD, path, Call.PROPERTIES, "PropertiesChanged", "s", "x"));
                  client.awaitEnd();
                });
        Systemd systemd = DbusSystemd.at(socket(), true, LONG)) {
      systemd.version();
      assertFalse(systemd.awaitChange(List.of("a.service"), Duration.ofMillis(300)));
      systemd.version();
      assertTrue(systemd.awaitChange(List.of("a.service"), LONG));
    }
  }

  private static Object variant(String text) {
    return new org.freedesktop.dbus.types.Variant<>(text);
  }

  /** Signals that no reader could make sense of. */
  private static byte[] malformed(String kind) throws Exception {
    byte[] good = jobRemoved(SYSTEMD, 7, "a.service", "done");
    return switch (kind) {
      case "no values" -> signal(SYSTEMD, "JobRemoved", null);
      case "other values" -> signal(SYSTEMD, "JobRemoved", "s", "x");
      case "too few values" -> signal(SYSTEMD, "JobRemoved", "uo", new UInt32(7), JOB + 7);
      case "values of JobNew missing" -> signal(SYSTEMD, "JobNew", "u", new UInt32(7));
      case "no member" -> withoutMember(good);
      case "a length past the end" -> replaced(good, "a.service", -5);
      case "a longer message than the values" -> {
        byte[] longer = FalseSystemd.joined(good, new byte[8]);
        longer[4] = (byte) (longer[4] + 8);
        yield longer;
      }
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** Renames the header field that has the signal's name to one that nobody knows. */
  private static byte[] withoutMember(byte[] signal) {
    String text = new String(signal, java.nio.charset.StandardCharsets.ISO_8859_1);
    int field = text.indexOf("\3\1s\0");
    signal[field] = 100;
    return signal;
  }

  /** Makes the length of a string wrong. */
  private static byte[] replaced(byte[] signal, String string, int length) {
    String text = new String(signal, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = text.indexOf(string) - 4;
    for (int i = 0; i < 4; i++) {
      signal[at + i] = (byte) (length >> 8 * i);
    }
    return signal;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no values",
        "other values",
        "too few values",
        "values of JobNew missing",
        "no member",
        "a length past the end",
        "a longer message than the values"
      })
  void aSignalThatCannotBeReadIsPassedOver(String kind) throws Exception {
    byte[] signal = malformed(kind);
    try (FalseSystemd own =
            FalseSystemd.own(
                socket(),
                (client, number) -> {
                  FalseSystemd.Received stop = client.next();
                  client.send(
                      signal,
                      reply(stop, null, "o", JOB + 7),
                      signal,
                      jobRemoved(null, 7, "a.service", "failed"));
                  client.awaitEnd();
                });
        Systemd systemd = DbusSystemd.at(socket(), false, LONG)) {
      Map<String, Long> jobs = systemd.stop(List.of("a.service"));
      String result = systemd.await(jobs.values(), LONG).get(7L);
      assertEquals(kind.startsWith("a longer") ? "done" : "failed", result);
    }
  }

  @Test
  void aFloodOfSignalsDoesNotPutOffTheEndOfAWait() throws Exception {
    byte[] flood = new byte[0];
    for (int i = 0; i < 500; i++) {
      flood = FalseSystemd.joined(flood, signal(STRANGER, "Noise", "s", "x"));
    }
    byte[] all = flood;
    try (FalseSystemd bus =
            FalseSystemd.bus(
                socket(),
                (client, number) -> {
                  client.send(reply(client.next(), SYSTEMD, "o", JOB + 7));
                  while (true) {
                    client.send(all);
                  }
                });
        Systemd systemd = DbusSystemd.at(socket(), true, LONG)) {
      Map<String, Long> jobs = systemd.stop(List.of("a.service"));
      assertEquals(Map.of(), systemd.await(jobs.values(), Duration.ofMillis(200)));
      assertFalse(systemd.awaitChange(List.of("a.service"), Duration.ofMillis(200)));
      assertEquals(Map.of(), systemd.await(jobs.values(), Duration.ZERO));
    }
  }

  @Test
  void aHugeSignalIsPassedOverWithoutBeingKept() throws Exception {
    byte[] huge = signal(STRANGER, "Noise", "s", "x".repeat(20_000_000));
    try (FalseSystemd bus =
            FalseSystemd.bus(
                socket(),
                (client, number) -> {
                  FalseSystemd.Received stop = client.next();
                  client.send(huge, reply(stop, SYSTEMD, "o", JOB + 7), huge);
                  client.send(jobRemoved(SYSTEMD, 7, "a.service", "done"));
                  client.awaitEnd();
                });
        Systemd systemd = DbusSystemd.at(socket(), true, LONG)) {
      Map<String, Long> jobs = systemd.stop(List.of("a.service"));
      assertEquals(Map.of(7L, "done"), systemd.await(jobs.values(), LONG));
    }
  }
}
