// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static quietus.systemd.FalseSystemd.error;
import static quietus.systemd.FalseSystemd.reply;
import static quietus.systemd.FalseSystemd.signal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import quietus.systemd.FalseSystemd.Client;
import quietus.systemd.FalseSystemd.Received;

/**
 * The agent's own process, with something other than systemd at the socket of the user's manager.
 * Whatever that does, the run ends with a report and an error that the guide explains.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@SuppressWarnings("try") // a peer is there for as long as its block
class FalseSystemdTest {
  /** How long the process waits for an answer that does not come, in s; by default it is 180. */
  private static final int PATIENCE = 2;

  /** How long it waits for one that comes, also on a machine that is busy, in s. */
  private static final int MUCH_PATIENCE = 90;

  private static final int MOST_OF_ALL = 100;
  private static final String NOT_ANSWERED = "systemd has not answered ";
  private static final String UNREADABLE = "systemd sent a D-Bus message that cannot be read (";
  private static final String BROKE = "the connection to systemd broke: ";
  private static final String REFUSES = "systemd refuses ";
  private static final String UNREACHABLE = "cannot reach the systemd of the user with id ";

  private static final Set<Kind> TRIED = Collections.synchronizedSet(EnumSet.noneOf(Kind.class));

  /** What the false systemd does, and how the agent's message then begins. */
  enum Kind implements FalseSystemd.Talk {
    SILENT(NOT_ANSWERED) {
      @Override
      public void with(Client client, int number) throws IOException {
        client.awaitEnd();
      }
    },
    GONE_AT_ONCE(UNREACHABLE) {
      @Override
      public void with(Client client, int number) {}
    },
    REFUSES_THE_USER("systemd refuses the user with id ") {
      @Override
      public void with(Client client, int number) throws IOException {
        client.readAuthentication();
        client.send(ascii("REJECTED EXTERNAL \33[2J\r\n"));
        client.awaitEnd();
      }
    },
    GONE_WHILE_IT_AUTHENTICATES(UNREACHABLE) {
      @Override
      public void with(Client client, int number) throws IOException {
        client.readAuthentication();
        client.send(ascii("OK 01234"));
      }
    },
    NEVER_ENDS_ITS_FIRST_LINE(UNREADABLE) {
      @Override
      public void with(Client client, int number) throws IOException {
        client.readAuthentication();
        while (true) {
          client.send(ascii("OK 0123456789"));
        }
      }
    },
    AN_EMPTY_FIRST_LINE("systemd refuses the user with id ") {
      @Override
      public void with(Client client, int number) throws IOException {
        client.readAuthentication();
        client.send(ascii("\r\n"));
        client.awaitEnd();
      }
    },
    SILENT_AFTER_THE_CALL(NOT_ANSWERED) {
      @Override
      void answer(Client client, Received call) {}
    },
    GARBLED(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException {
        byte[] noise = new byte[200];
        for (int i = 0; i < noise.length; i++) {
          noise[i] = (byte) (i * 37 + 11);
        }
        client.send(noise);
      }
    },
    SAYS_IT_IS_HUGE(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException {
        client.send(prefix(Message.REPLY, 1 << 30, 8));
      }
    },
    HEADER_LONGER_THAN_INT(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException {
        client.send(prefix(Message.REPLY, 8, -1));
      }
    },
    LARGE_AND_NEVER_COMPLETE(NOT_ANSWERED) {
      @Override
      void answer(Client client, Received call) throws IOException {
        client.send(prefix(Message.REPLY, 20_000_000, 8), new byte[1_000_000]);
      }
    },
    GONE_IN_THE_MIDDLE(BROKE) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(Arrays.copyOf(listed(call, "a.service"), 30));
        client.close();
      }
    },
    A_BYTE_AT_A_TIME(null) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        for (byte one : listed(call, "a.service")) {
          client.send(new byte[] {one});
        }
      }
    },
    DRIPS_AND_NEVER_ENDS(NOT_ANSWERED) {
      @Override
      void answer(Client client, Received call) throws IOException {
        client.send(prefix(Message.REPLY, 20_000_000, 8));
        while (true) {
          client.send(new byte[1]);
          Thread.onSpinWait();
        }
      }
    },
    LATE(null) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.pause(PATIENCE * 300);
        client.send(listed(call, "a.service"));
      }
    },
    TOO_LATE(NOT_ANSWERED) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.pause(PATIENCE * 1500);
        client.send(listed(call, "a.service"));
      }
    },
    ANSWERS_ANOTHER_CALL(NOT_ANSWERED) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(
            listed(new Received(call.serial() + 1, call.member(), call.bytes()), "a.service"),
            listed(new Received(0, call.member(), call.bytes()), "a.service"),
            listed(new Received(-1, call.member(), call.bytes()), "a.service"));
      }
    },
    ANSWERS_TWICE(null) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(listed(call, "a.service"), listed(call, "a.service"));
      }
    },
    A_CALL_THAT_LOOKS_LIKE_THE_REPLY(null) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        byte[] wrong = reply(call, null, "s", "x");
        wrong[1] = 1;
        client.send(wrong, listed(call, "a.service"));
      }
    },
    AN_ERROR(REFUSES) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(error(call, "org.freedesktop.DBus.Error.AccessDenied", "no"));
      }
    },
    AN_ERROR_WITHOUT_A_SENTENCE(REFUSES) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(error(call, "org.freedesktop.DBus.Error.AccessDenied", null));
      }
    },
    A_REPLY_WITHOUT_VALUES(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(reply(call, null, null));
      }
    },
    A_REPLY_WITH_OTHER_VALUES(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        client.send(reply(call, null, "u", new UInt32(7)));
      }
    },
    ARRAY_PAST_THE_END(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        byte[] reply = call.member().equals("ListUnitsByNames") ? listed(call) : properties(call);
        ByteBuffer.wrap(reply).order(ByteOrder.LITTLE_ENDIAN).putInt(reply.length - 8, 1 << 20);
        client.send(reply);
      }
    },
    DEEP_VARIANTS(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        if (call.member().equals("ListUnitsByNames")) {
          client.send(error(call, "org.freedesktop.systemd1.NoSuchUnit", "no"));
          return;
        }
        Object value = "x";
        for (int i = 0; i < 200; i++) {
          value = new Variant<>(value);
        }
        client.send(reply(call, null, "a{sv}", Map.of("Odd", value)));
      }
    },
    A_UNIT_WITH_AN_IMPOSSIBLE_NAME(UNREADABLE) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        if (call.member().equals("ListUnitsByNames")) {
          client.send(error(call, "org.freedesktop.systemd1.NoSuchUnit", "no"));
          return;
        }
        client.send(reply(call, null, "a{sv}", Map.of("Id", new Variant<>("\33[2J"))));
      }
    },
    MALFORMED_SIGNALS_BEFORE_THE_REPLY(null) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        byte[] cut = signal(null, "JobRemoved", "s", "x");
        byte[] noHeader = prefix(Message.SIGNAL, 0, 8);
        client.send(cut, noHeader, new byte[] {3, 1, 's', 0, 100, 0, 0, 0});
        client.send(listed(call, "a.service"));
      }
    },
    SIGNALS_WITHOUT_END(NOT_ANSWERED) {
      @Override
      void answer(Client client, Received call) throws IOException, DBusException {
        byte[] signal = signal(null, "Noise", "s", "x");
        while (true) {
          client.send(signal);
        }
      }
    };

    /** How the message begins; null when the run comes to its end as with systemd. */
    final String message;

    Kind(String message) {
      this.message = message;
    }

    @Override
    public void with(Client client, int number) throws IOException, DBusException {
      client.authenticate();
      while (true) {
        answer(client, client.next());
      }
    }

    void answer(Client client, Received call) throws IOException, DBusException {
      throw new AssertionError();
    }

    private static byte[] ascii(String text) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] prefix(int type, int body, int fields) {
      return ByteBuffer.allocate(16)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put(new byte[] {'l', (byte) type, 0, 1})
          .putInt(body)
          .putInt(1)
          .putInt(fields)
          .array();
    }

    /** The reply to ListUnitsByNames: units that are not there. */
    private static byte[] listed(Received call, String... names) throws DBusException {
      if (!call.member().equals("ListUnitsByNames")) {
        return properties(call);
      }
      List<Object[]> units = new ArrayList<>();
      for (String name : names) {
        units.add(
            new Object[] {
              name, "", "not-found", "inactive", "dead", "", "/u", new UInt32(0), "", "/j"
            });
      }
      return reply(call, null, "a(ssssssouso)", units);
    }

    private static byte[] properties(Received call) throws DBusException {
      return call.member().equals("Get")
          ? reply(call, null, "v", new Variant<>(List.of("/nonexistent"), "as"))
          : reply(call, null, "a{sv}", Map.of());
    }
  }

  /** The agent trusts no directory below one that others can write to, as /tmp is. */
  static final class InHome implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      return Files.createTempDirectory(Path.of(System.getProperty("user.home")), ".quietus");
    }
  }

  @TempDir(factory = InHome.class)
  private Path dir;

  @ParameterizedTest
  @EnumSource
  void theRunEndsWithAReportAndAnErrorThatTheGuideExplains(Kind kind) throws Exception {
    Files.createDirectories(dir.resolve("systemd"));
    try (FalseSystemd systemd = new FalseSystemd(dir.resolve("systemd/private"), kind)) {
      JsonNode report = agent(NOT_ANSWERED.equals(kind.message) ? PATIENCE : MUCH_PATIENCE);
      String msg = report.get("msg").textValue();
      assertTrue(report.get("failed").booleanValue(), msg);
      assertFalse(report.get("changed").booleanValue(), msg);
      assertTrue(msg.startsWith(kind.message == null ? "there is no unit " : kind.message), msg);
      assertTrue(isInTheGuide(msg), msg);
      assertFalse(msg.chars().anyMatch(c -> c < ' '), msg);
    }
    TRIED.add(kind);
  }

  @AfterAll
  static void everyKindWasTried() {
    System.out.println("false systemd: " + TRIED.size() + " kinds, each ended in a report");
    assertEquals(EnumSet.allOf(Kind.class), TRIED);
  }

  /** Runs the agent, and returns its report. */
  private JsonNode agent(int patience) throws Exception {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx100m",
            "-Dquietus.reply-limit=" + patience,
            "-cp",
            System.getProperty("java.class.path"),
            "quietus.Main",
            "apply");
    for (String variable : new String[] {"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}) {
      command.environment().put(variable, dir.toString());
    }
    Path out = dir.resolve("out");
    Path err = dir.resolve("err");
    Path in = dir.resolve("in");
    Files.writeString(in, "{\"names\":[\"a.service\"],\"state\":\"quiesced\",\"scope\":\"user\"}");
    Process process =
        command
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      if (!process.waitFor(MOST_OF_ALL, TimeUnit.SECONDS)) {
        fail("the run has not ended: " + Files.readString(out) + Files.readString(err));
      }
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(out);
    try {
      return JsonMapper.builder().build().readTree(printed);
    } catch (IOException e) {
      return fail("no report: " + printed + Files.readString(err), e);
    }
  }

  /** True when one of the messages in the guide's tables is this one. */
  private static boolean isInTheGuide(String msg) throws IOException {
    for (String line : Files.readAllLines(Path.of("../docs/guide.md"))) {
      if (line.startsWith("| `")) {
        String cell = line.substring(0, line.indexOf('|', 1));
        for (Matcher quoted = Pattern.compile("`([^`]+)`").matcher(cell); quoted.find(); ) {
          String[] parts = quoted.group(1).split("\\.\\.\\.", -1);
          StringBuilder expression = new StringBuilder();
          for (int i = 0; i < parts.length; i++) {
            expression.append(i == 0 ? "" : ".*").append(Pattern.quote(parts[i]));
          }
          if (Pattern.compile("^" + expression).matcher(msg).find()) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
