// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.messages.MessageFactory;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What dbus-java writes, in either order of bytes, is read by us as it was meant. */
class MessageTest {
  private static byte[] bytes(org.freedesktop.dbus.messages.Message message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : message.getWireData()) {
      if (part != null) {
        bytes.writeBytes(part);
      }
    }
    return bytes.toByteArray();
  }

  /** Reads a message from somewhere in a buffer. */
  private static Message read(byte[] bytes, int from) {
    byte[] buffer = new byte[from + bytes.length + 5];
    System.arraycopy(bytes, 0, buffer, from, bytes.length);
    assertEquals(bytes.length, Message.length(buffer, from));
    return Message.read(buffer, from, bytes.length);
  }

  @ParameterizedTest
  @ValueSource(chars = {'l', 'B'})
  void aSignalIsReadWithItsValues(char endian) throws Exception {
    byte[] bytes =
        bytes(
            new MessageFactory((byte) endian)
                .createSignal(
                    ":1.1",
                    "/org/freedesktop/systemd1",
                    Call.MANAGER,
                    "JobRemoved",
                    "uoss",
                    new UInt32(4_000_000_000L),
                    "/org/freedesktop/systemd1/job/7",
                    "a\u00fc.service",
                    "done"));
    for (int from = 0; from < 9; from++) {
      Message message = read(bytes, from);
      assertEquals(Message.SIGNAL, message.type());
      assertEquals("JobRemoved", message.member());
      assertEquals("/org/freedesktop/systemd1", message.path());
      assertNull(message.error());
      assertEquals(4_000_000_000L, message.body().number());
      assertEquals(7, ObjectPath.job(message.body().string()));
      assertEquals("a\u00fc.service", message.body().string());
      assertEquals("done", message.body().string());
    }
  }

  @ParameterizedTest
  @ValueSource(chars = {'l', 'B'})
  void propertiesThatNobodyWantsAreSteppedOver(char endian) throws Exception {
    Map<String, Variant<?>> properties = new LinkedHashMap<>();
    properties.put("Odd", new Variant<>((byte) 3));
    properties.put("Time", new Variant<>(new UInt64(1L << 40)));
    properties.put("Dict", new Variant<>(Map.of("a", "b"), "a{ss}"));
    properties.put("Empty", new Variant<>(List.of(), "a(sasbttttuii)"));
    properties.put(
        "Commands",
        new Variant<>(
            List.<Object[]>of(new Object[] {"/bin/true", List.of("/bin/true", "x"), false}),
            "a(sasb)"));
    properties.put("Id", new Variant<>("me.service"));
    properties.put("Nested", new Variant<>(new Variant<>(new Variant<>("deep"))));
    properties.put("Triggers", new Variant<>(List.of("a.service", "b.service"), "as"));
    properties.put("Short", new Variant<>((short) 2));
    properties.put("NeedDaemonReload", new Variant<>(true));
    org.freedesktop.dbus.messages.MethodCall call =
        new MessageFactory((byte) endian)
            .createMethodCall("d", "/p", "i.f", "M", (byte) 0, "a{sv}", properties);
    UnitReader reader = new UnitReader("me.service");
    reader.read(new Call("/p", Call.PROPERTIES, "GetAll", "s", "x"), read(bytes(call), 3));
    assertEquals("me.service", reader.unit().id());
    assertEquals(
        List.of("a.service", "b.service"), reader.unit().related(quietus.unit.Relation.TRIGGERS));
    assertTrue(reader.unit().file().needsReload());
  }

  @ParameterizedTest
  @ValueSource(chars = {'l', 'B'})
  void anErrorIsReadWithItsSentence(char endian) throws Exception {
    MessageFactory factory = new MessageFactory((byte) endian);
    Message message =
        read(
            bytes(
                factory.createError(
                    ":1.1",
                    null,
                    "org.freedesktop.systemd1.NoSuchUnit",
                    12,
                    "s",
                    "Unit a not loaded.")),
            1);
    assertEquals(12, message.replyTo());
    assertEquals("org.freedesktop.systemd1.NoSuchUnit", message.error());
    assertEquals("Unit a not loaded.", message.reason());
    assertEquals(
        "x.y", read(bytes(factory.createError(":1.1", null, "x.y", 12, null)), 1).reason());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 11})
  void aMessageThatEndsTooSoonIsAnError(int lost) throws Exception {
    byte[] bytes =
        bytes(
            new MessageFactory((byte) 'l')
                .createSignal(":1.1", "/p", "i.f", "M", "as", List.of("one", "three")));
    Message cut = Message.read(bytes, 0, bytes.length - lost);
    if (lost == 0) {
      assertEquals(List.of("one", "three"), cut.body().strings());
    } else {
      assertThrows(SystemdException.class, () -> cut.body().strings());
    }
  }
}
