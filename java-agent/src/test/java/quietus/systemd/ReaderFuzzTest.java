// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.messages.MessageFactory;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Messages that were changed at random: each is read, or is one {@link SystemdException}; none
 * throws anything else, or is read without end. The same inputs in every run.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ReaderFuzzTest {
  private static final int INPUTS = 200_000;
  private static final long SEED = 20_261_124;

  private static final int[] INTERESTING = {
    0, 1, -1, 7, 8, 255, 256, 0x7fff_ffff, 0x8000_0000, 0x7fff_fff8, -8, 1 << 20
  };

  private final Random random = new Random(SEED);

  private static List<byte[]> valid() throws Exception {
    List<byte[]> all = new ArrayList<>();
    for (char endian : new char[] {'l', 'B'}) {
      MessageFactory factory = new MessageFactory((byte) endian);
      for (String member : new String[] {"JobRemoved", "JobNew"}) {
        List<Object> values = new ArrayList<>();
        values.add(new UInt32(7));
        values.add("/org/freedesktop/systemd1/job/7");
        values.add("a.service");
        if (member.equals("JobRemoved")) {
          values.add("assert");
        }
        all.add(
            FalseSystemd.bytes(
                factory.createSignal(
                    ":1.1",
                    Call.MANAGER_PATH,
                    Call.MANAGER,
                    member,
                    member.equals("JobNew") ? "uos" : "uoss",
                    values.toArray())));
      }
      all.add(
          FalseSystemd.bytes(
              factory.createSignal(
                  Call.BUS, "/o", Call.BUS, "NameOwnerChanged", "sss", Call.SYSTEMD, ":1", ":2")));
      all.add(
          FalseSystemd.bytes(
              factory.createSignal(
                  ":1.1", "/unit", Call.PROPERTIES, "PropertiesChanged", "s", "x")));
      all.add(
          FalseSystemd.bytes(factory.createError(":1.1", null, "a.b.C", 12, "s", "a sentence")));
      for (Object[] reply :
          new Object[][] {
            {"a{sv}", properties()},
            {"o", "/org/freedesktop/systemd1/job/7"},
            {"v", new Variant<>(List.of("/etc/systemd/system", "/run"), "as")},
            {"v", new Variant<>("257")},
            {"v", new Variant<>(new UInt64(1L << 40))},
            {"a(ssssssouso)", listed()}
          }) {
        all.add(
            FalseSystemd.bytes(
                factory.createMethodReturn(
                    ":1.1",
                    factory.createMethodCall("d", "/p", "i.f", "M", (byte) 0, null),
                    (String) reply[0],
                    reply[1])));
      }
    }
    return all;
  }

  private static List<Object[]> listed() {
    Object[] unit = {
      "a.service", "A", "loaded", "active", "running", "", "/u", new UInt32(7), "stop", "/j"
    };
    return List.of(unit, unit);
  }

  private static Map<String, Variant<?>> properties() {
    return Map.of(
        "Id", new Variant<>("a.service"),
        "Names", new Variant<>(List.of("a.service", "b.service"), "as"),
        "Triggers", new Variant<>(List.of("b.service"), "as"),
        "Nested", new Variant<>(new Variant<>(new Variant<>("deep"))),
        "Commands",
            new Variant<>(
                List.<Object[]>of(new Object[] {"/bin/true", List.of("x", "y"), false}), "a(sasb)"),
        "Listen", new Variant<>(List.<Object[]>of(new Object[] {"Stream", "/run/x"}), "a(ss)"),
        "Dict", new Variant<>(Map.of("a", "b"), "a{ss}"),
        "Transient", new Variant<>(true),
        "NFileDescriptorStore", new Variant<>(new UInt32(3)),
        "Time", new Variant<>(new UInt64(1L << 40)));
  }

  /** Changes a message at some places. */
  private byte[] changed(byte[] message, byte[] other) {
    byte[] bytes = message.clone();
    for (int change = random.nextInt(4); change >= 0; change--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> {
          int value = INTERESTING[random.nextInt(INTERESTING.length)];
          for (int i = 0; i < 4 && (at & ~3) + i < bytes.length; i++) {
            bytes[(at & ~3) + i] = (byte) (value >> 8 * i);
          }
        }
        case 3 -> bytes[at] = (byte) "ybnqiuxtdsogavh(){}".charAt(random.nextInt(19));
        case 4 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(16, at));
        default -> {
          int length = Math.min(random.nextInt(32), Math.min(bytes.length - at, other.length));
          System.arraycopy(other, random.nextInt(other.length - length + 1), bytes, at, length);
        }
      }
    }
    return bytes;
  }

  /** Reads a message in all the ways that a reply or a signal is read. */
  private static int readers(byte[] bytes) {
    int refusals = 0;
    Runnable[] readers = {
      () -> signals(null, bytes),
      () -> signals(":1.1", bytes),
      () -> message(bytes).reason(),
      () -> ObjectPath.job(message(bytes).body("o").string()),
      () -> message(bytes).body("v").variant("as").strings(),
      () -> message(bytes).body("v").variant("t").longNumber(),
      () -> UnitStates.read(message(bytes)),
      () -> {
        UnitReader reader = new UnitReader("a.service");
        reader.read(UnitCalls.all("a.service"), message(bytes));
        reader.more();
        reader.files();
        reader.unit();
      },
      () ->
          new UnitReader("a.service")
              .read(UnitCalls.property("a.service", UnitCalls.UNIT, "Names"), message(bytes)),
      () -> message(bytes).body().skip("a{sv}"),
    };
    for (Runnable reader : readers) {
      try {
        reader.run();
      } catch (SystemdException e) {
        refusals++;
      }
    }
    return refusals;
  }

  private static void signals(String sender, byte[] bytes) {
    Signals signals = new Signals();
    signals.connected(sender);
    signals.take(message(bytes));
  }

  /** As from a socket: no longer than it says, and not read before all of it is there. */
  private static Message message(byte[] bytes) {
    return Message.read(bytes, 0, Math.min(Message.length(bytes, 0), bytes.length));
  }

  /** The same, guided by coverage (make fuzz). */
  @FuzzTest
  void aMessageIsReadOrRefusedInOneWay(byte[] input) {
    if (input.length >= Message.PREFIX) {
      readers(input);
    }
  }

  @Test
  void everyInputIsReadOrRefusedInOneWay() throws Exception {
    List<byte[]> valid = valid();
    for (byte[] message : valid) {
      assertTrue(readers(message) < 10, "a valid message that nobody reads");
    }
    int inputs = 0;
    int refused = 0;
    while (inputs < INPUTS) {
      byte[] bytes =
          changed(valid.get(random.nextInt(valid.size())), valid.get(random.nextInt(valid.size())));
      try {
        refused += readers(bytes) == 10 ? 1 : 0;
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("input " + inputs + ": " + HexFormat.of().formatHex(bytes), e);
      }
      inputs++;
    }
    System.out.println(
        "fuzzed D-Bus reader: " + inputs + " inputs, " + refused + " refused by every reader");
    assertEquals(INPUTS, inputs);
    assertTrue(refused > INPUTS / 20 && refused < INPUTS * 19 / 20, refused + " refused");
  }
}
