// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.freedesktop.dbus.messages.MessageFactory;
import org.freedesktop.dbus.types.UInt32;
import org.junit.jupiter.api.Test;

/** What we write is read by dbus-java as it was meant. */
class CallTest {
  private static org.freedesktop.dbus.messages.Message readByDbusJava(byte[] bytes)
      throws Exception {
    int fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(12);
    int body = 16 + (fields + 7) / 8 * 8;
    byte[] header = new byte[body - 8];
    System.arraycopy(bytes, 12, header, 0, 4);
    System.arraycopy(bytes, 16, header, 8, body - 16);
    return MessageFactory.createMessage(
        bytes[1],
        Arrays.copyOf(bytes, 12),
        header,
        Arrays.copyOfRange(bytes, body, bytes.length),
        null);
  }

  private static void assertReads(Call call, Object... arguments) throws Exception {
    byte[] bytes = call.encode(4711);
    org.freedesktop.dbus.messages.Message message = readByDbusJava(bytes);
    assertEquals(4711, message.getSerial());
    assertEquals(call.path(), message.getPath());
    assertEquals(call.interfaceName(), message.getInterface());
    assertEquals(call.member(), message.getName());
    assertEquals(
        call.interfaceName().equals(Call.BUS) ? Call.BUS : Call.SYSTEMD, message.getDestination());
    assertEquals(call.signature().isEmpty() ? null : call.signature(), message.getSig());
    Object[] read = message.getParameters();
    assertEquals(arguments.length, read.length);
    for (int i = 0; i < read.length; i++) {
      assertEquals(arguments[i], read[i]);
    }
  }

  @Test
  void callsWithoutArgumentsAreRead() throws Exception {
    assertReads(Call.manager("Reload", ""));
    assertReads(Call.bus("Hello", ""));
  }

  @Test
  void stringsOfEveryLengthKeepWhatFollowsAligned() throws Exception {
    String text = "";
    for (int i = 0; i < 20; i++) {
      assertReads(Call.manager("StopUnit", "ss", text, "replace"), text, "replace");
      assertReads(Call.manager("GetJob", "su", text, (long) i), text, new UInt32(i));
      text += i % 3 == 0 ? "\u00fc" : "x";
    }
  }

  @Test
  void listsAreReadWhateverTheirLength() throws Exception {
    assertReads(
        Call.manager(
            "ListUnitsByPatterns", "asas", List.of(), List.of("a*", "foo\\x2dbar@*.service")),
        List.of(),
        List.of("a*", "foo\\x2dbar@*.service"));
    List<String> thousand = new java.util.ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      thousand.add("unit" + i + ".service");
    }
    assertReads(Call.manager("ListUnitsByNames", "as", thousand), thousand);
  }

  @Test
  void theBytesAreThoseOfDbusJava() throws Exception {
    Call call = Call.manager("ListUnitsByNames", "as", List.of("a.service", "bb.socket"));
    byte[][] parts =
        new MessageFactory((byte) 'l')
            .createMethodCall(
                Call.SYSTEMD,
                call.path(),
                call.interfaceName(),
                call.member(),
                (byte) 0,
                "as",
                List.of("a.service", "bb.socket"))
            .getWireData();
    int length = 0;
    for (byte[] part : parts) {
      length += part == null ? 0 : part.length;
    }
    ByteBuffer theirs = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] part : parts) {
      if (part != null) {
        theirs.put(part);
      }
    }
    byte[] ours = call.encode(theirs.getInt(8));
    assertEquals(theirs.capacity(), ours.length);
    assertEquals(readByDbusJava(theirs.array()).toString(), readByDbusJava(ours).toString());
  }

  @Test
  void nestedArgumentsCarryOurSerial() throws Exception {
    Call call =
        Call.manager(
            "StartTransientUnit",
            "ssa(sv)a(sa(sv))",
            "x.service",
            "replace",
            List.<Object[]>of(
                new Object[] {"Wants", new Object[] {"as", List.of("a.service")}},
                new Object[] {"DefaultDependencies", new Object[] {"b", false}}),
            List.of());
    byte[] bytes = call.encode(99);
    assertEquals(99, readByDbusJava(bytes).getSerial());
    assertEquals("ssa(sv)a(sa(sv))", readByDbusJava(bytes).getSig());
    assertArrayEquals(call.encode(99), bytes);
  }
}
