// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which addresses somebody listens on, as the kernel says it (proc_net(5)). */
public final class Listeners {
  private static final String LISTEN = "0A";
  private static final String BOUND = "07";

  private final Path net;
  private final UnixSockets unix;

  /**
   * @param root the root of the file system
   */
  public Listeners(Path root) {
    this.net = root.resolve("proc/net");
    this.unix = new UnixSockets(root.resolve("proc"));
  }

  /**
   * Those of some addresses on which somebody listens.
   *
   * @param listens as a socket unit's Listen property says it: {@code Stream 0.0.0.0:8080}, {@code
   *     Datagram [::]:53}, {@code Stream /run/x.socket}
   */
  public List<String> open(Collection<String> listens) {
    Set<String> open = new HashSet<>();
    ports("tcp", LISTEN, "Stream", open);
    ports("tcp6", LISTEN, "Stream", open);
    ports("udp", BOUND, "Datagram", open);
    ports("udp6", BOUND, "Datagram", open);
    Set<String> names = new HashSet<>();
    for (String listen : listens) {
      String address = listen.substring(listen.indexOf(' ') + 1);
      if (address.startsWith("/") || address.startsWith("@")) {
        names.add(address);
      }
    }
    Set<String> paths = names.isEmpty() ? names : unix.listening(names);
    List<String> found = new ArrayList<>();
    for (String listen : listens) {
      int space = listen.indexOf(' ');
      String address = listen.substring(space + 1);
      int colon = address.lastIndexOf(':');
      if (address.startsWith("/") || address.startsWith("@")
          ? paths.contains(address)
          : colon >= 0 && open.contains(listen.substring(0, space) + address.substring(colon))) {
        found.add(listen);
      }
    }
    return found;
  }

  private void ports(String table, String state, String kind, Set<String> open) {
    for (String line : lines(table)) {
      List<String> words = words(line, 5);
      int colon = words.size() > 3 ? words.get(1).lastIndexOf(':') : -1;
      if (colon > 0 && words.get(3).equals(state)) {
        open.add(kind + ":" + port(words.get(1).substring(colon + 1)));
      }
    }
  }

  /** The port that is written there in hex, -1 where there is none. */
  private static int port(String hex) {
    int port = 0;
    for (int i = 0; i < hex.length(); i++) {
      int digit = Character.digit(hex.charAt(i), 16);
      if (digit < 0 || i > 3) {
        return -1;
      }
      port = port * 16 + digit;
    }
    return port;
  }

  /**
   * The words of a line, at most so many, the last of which has the rest of it. No regular
   * expression: its classes cost a run some ms.
   */
  static List<String> words(String line, int most) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < line.length() && line.charAt(at) == ' ') {
        at++;
      }
      int end = words.size() == most - 1 ? -1 : line.indexOf(' ', at);
      if (at == line.length()) {
        return words;
      }
      words.add(end < 0 ? line.substring(at) : line.substring(at, end));
      if (end < 0) {
        return words;
      }
      at = end;
    }
  }

  private List<String> lines(String table) {
    try {
      List<String> lines =
          new ArrayList<>(
              List.of(
                  new String(Files.readAllBytes(net.resolve(table)), StandardCharsets.UTF_8)
                      .split("\n")));
      return lines.isEmpty() ? lines : lines.subList(1, lines.size());
    } catch (IOException e) {
      return List.of(); // that protocol is not there
    }
  }
}
