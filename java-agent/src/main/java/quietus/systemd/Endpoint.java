// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a manager is reached: at its own socket, which root and the owner of a user's manager may
 * use, else on the bus.
 */
final class Endpoint {
  private static final Path SYSTEM_SOCKET = Path.of("/run/systemd/private");
  private static final Path SYSTEM_BUS = Path.of("/run/dbus/system_bus_socket");

  private static final String SUBSCRIPTION =
      "type='signal',sender='" + Call.SYSTEMD + "',path_namespace='" + Call.MANAGER_PATH + "'";

  /** After a re-execution systemd has another unique name on the bus. */
  private static final String OWNER =
      "type='signal',sender='"
          + Call.BUS
          + "',member='NameOwnerChanged',arg0='"
          + Call.SYSTEMD
          + "'";

  private final boolean user;
  private final long limit;

  /** The socket that answered, null before the first connection. */
  private Path socket;

  private boolean bus;

  private Endpoint(boolean user, long limit) {
    this.user = user;
    this.limit = limit;
  }

  /** PID 1, or the calling user's manager. */
  static Endpoint of(boolean user, long limit) {
    return new Endpoint(user, limit);
  }

  /** One socket, systemd's own or a bus. */
  static Endpoint at(Path socket, boolean bus, long limit) {
    Endpoint endpoint = new Endpoint(false, limit);
    endpoint.socket = socket;
    endpoint.bus = bus;
    return endpoint;
  }

  /**
   * Connects; the first time to the socket that answers, later to the same one.
   *
   * @throws SystemdException when nobody answers
   */
  Connection connect(Signals signals) {
    if (socket != null) {
      return reconnect(signals);
    }
    return user ? connectUser(signals) : connectSystem(signals);
  }

  private Connection reconnect(Signals signals) {
    try {
      return open(socket, uid(), bus, signals);
    } catch (IOException e) {
      throw new SystemdException(
          "cannot reach systemd: " + socket + " does not answer (" + e.getMessage() + ")", e);
    }
  }

  private Connection connectSystem(Signals signals) {
    int uid = uid();
    try {
      if (uid == 0) {
        try {
          return open(SYSTEM_SOCKET, uid, false, signals);
        } catch (IOException e) {
          // a container or a chroot may have the bus only
        }
      }
      return open(SYSTEM_BUS, uid, true, signals);
    } catch (IOException e) {
      throw new SystemdException(
          "cannot reach systemd: "
              + (uid == 0 ? "neither " + SYSTEM_SOCKET + " nor " : "")
              + SYSTEM_BUS
              + (uid == 0 ? " answers" : " does not answer")
              + " ("
              + e.getMessage()
              + "); is systemd this machine's PID 1?",
          e);
    }
  }

  private Connection connectUser(Signals signals) {
    int uid = uid();
    String variable = System.getenv("XDG_RUNTIME_DIR");
    Path runtime = Path.of(variable == null || variable.isEmpty() ? "/run/user/" + uid : variable);
    try {
      try {
        return open(runtime.resolve("systemd/private"), uid, false, signals);
      } catch (IOException e) {
        return open(runtime.resolve("bus"), uid, true, signals);
      }
    } catch (IOException e) {
      throw new SystemdException(
          "cannot reach the systemd of the user with id "
              + uid
              + ": nothing answers at "
              + runtime
              + "/systemd/private; log in as that user, or start it with: loginctl enable-linger "
              + uid,
          e);
    }
  }

  private Connection open(Path path, int uid, boolean isBus, Signals signals) throws IOException {
    signals.connecting();
    Connection connection = Handshake.open(path, uid, signals, limit);
    String systemd = null;
    if (isBus) {
      try {
        systemd = subscribe(connection);
      } catch (SystemdException e) {
        connection.close();
        throw e;
      }
    }
    signals.connected(systemd);
    socket = path;
    bus = isBus;
    return connection;
  }

  /**
   * Asks for systemd's signals; without Subscribe, systemd sends them to its own socket only.
   *
   * @return systemd's unique name: the bus delivers replies of no one else, and names their sender
   */
  private String subscribe(Connection connection) {
    Message[] replies =
        connection.call(
            List.of(
                Call.bus("Hello", ""),
                Call.bus("AddMatch", "s", SUBSCRIPTION),
                Call.bus("AddMatch", "s", OWNER),
                Call.manager("Subscribe", "")),
            limit);
    Message last = null;
    for (Message reply : replies) {
      if (reply.error() != null) {
        throw new SystemdException(reply.error(), "systemd refuses: " + reply.reason());
      }
      last = reply;
    }
    if (last == null || last.sender() == null) {
      throw SystemdException.malformed("a reply on the bus without a sender");
    }
    return last.sender();
  }

  private static int uid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new SystemdException("cannot tell which user this is: /proc is not there", e);
    }
  }
}
