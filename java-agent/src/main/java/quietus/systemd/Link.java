// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.io.IOException;
import java.util.List;

/**
 * The connection to one manager: opened by the first call, and opened again after systemd was
 * re-executed, which closes it. A question is then repeated; a command is not, because it is not
 * known whether systemd carried it out. A reload is a command that may be carried out twice.
 */
final class Link {
  /**
   * How long systemd may take for what it answers by itself, in ns. It may be busy with somebody
   * else's reload, which takes minutes on a large host. For tests: {@code
   * -Dquietus.reply-limit=SECONDS}.
   */
  private static final long REPLY = 1_000_000_000L * Long.getLong("quietus.reply-limit", 180);

  /** How long a re-execution may take until systemd listens again, in ns; mostly it is 1 s. */
  private static final long REEXECUTION = 30_000_000_000L;

  /** What a bus answers when systemd has left it before it answered: it is being re-executed. */
  private static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";

  private final Signals signals = new Signals();
  private final Endpoint endpoint;
  private final long reply;
  private Connection connection;
  private int renewals;

  Link(boolean user) {
    this(Endpoint.of(user, REPLY), REPLY);
  }

  /**
   * @param reply how long systemd may take for an answer, in ns
   */
  Link(Endpoint endpoint, long reply) {
    this.endpoint = endpoint;
    this.reply = reply;
  }

  /** What the signals said so far. */
  Signals signals() {
    return signals;
  }

  /** How often the connection had to be made again. */
  int renewals() {
    return renewals;
  }

  private Connection connection() {
    if (connection == null) {
      connection = endpoint.connect(signals);
    }
    return connection;
  }

  /**
   * Asks questions, all sent together.
   *
   * @return the replies, errors among them, in their order
   */
  Message[] ask(List<Call> questions) {
    return ask(questions, reply);
  }

  private Message[] ask(List<Call> questions, long limit) {
    boolean old = connection != null;
    try {
      return call(questions, limit);
    } catch (SystemdException e) {
      if (!e.error().equals(NO_REPLY) && (!old || !connection.isBroken())) {
        throw e;
      }
      renew(e);
      return call(questions, limit);
    }
  }

  /**
   * Fails when systemd was re-executed before it answered: a bus says so, its own socket breaks.
   */
  private Message[] call(List<Call> calls, long limit) {
    Message[] replies = connection().call(calls, limit);
    for (Message one : replies) {
      if (NO_REPLY.equals(one.error())) {
        throw SystemdException.broken(NO_REPLY, one.reason(), null);
      }
    }
    return replies;
  }

  /** Asks one question; fails when systemd refuses it. */
  Message ask(Call question) {
    return accepted(ask(List.of(question))[0]);
  }

  /**
   * Sends commands, all together.
   *
   * @return the replies, errors among them, in their order
   */
  Message[] command(List<Call> commands) {
    return call(commands, reply);
  }

  /**
   * Sends a command that may be carried out twice; fails when systemd refuses it.
   *
   * @param limit how long it may take, in ns
   */
  Message repeat(Call command, long limit) {
    return accepted(ask(List.of(command), limit)[0]);
  }

  private static Message accepted(Message reply) {
    if (reply.error() != null) {
      throw new SystemdException(reply.error(), "systemd refuses: " + reply.reason());
    }
    return reply;
  }

  /**
   * Waits for the next message and records what it says. When systemd was re-executed meanwhile,
   * this connects again, and {@link #renewals} counts it: signals sent meanwhile are lost.
   *
   * @param deadline when to give up, by {@link System#nanoTime}
   * @return false when the time is over
   */
  boolean hear(long deadline) {
    Connection open = connection();
    if (signals.hasMoved()) {
      renew(null);
      return true;
    }
    try {
      Message message = open.next(deadline);
      if (message == null) {
        return false;
      }
      if (message.type() == Message.SIGNAL) {
        signals.take(message);
      }
    } catch (SystemdException e) {
      if (!open.isBroken()) {
        throw e;
      }
      renew(e);
    }
    return true;
  }

  /**
   * Connects again.
   *
   * @param cause how the connection broke, null when it did not
   */
  private void renew(SystemdException cause) {
    close();
    connection = null;
    long deadline = System.nanoTime() + REEXECUTION;
    while (connection == null) {
      try {
        connection = endpoint.connect(signals);
      } catch (SystemdException e) {
        if (System.nanoTime() - deadline > 0) {
          throw cause == null ? e : cause;
        }
        Handshake.pause();
      }
    }
    renewals++;
  }

  void close() {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (IOException e) {
      throw new SystemdException(
          "the connection to systemd cannot be closed: " + e.getMessage(), e);
    }
  }
}
