// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What systemd's signals said since we connected.
 *
 * <p>On a bus every user may send a signal to any client, whatever that client has subscribed to.
 * So only those are believed there that come from systemd's unique name, which the bus itself
 * writes into each message. On systemd's own socket nobody else can send.
 */
final class Signals {
  /** The results of the jobs that ended. A job can end before the reply with its id is read. */
  final Map<Long, String> ended = new HashMap<>();

  /** The job that ended last. */
  long lastEnded;

  /** The jobs that began since we connected, from signals and replies. */
  final Set<Long> begun = new HashSet<>();

  /** How many starts of each unit its assertions refused: a closed gate is one. */
  final Map<String, Integer> refused = new HashMap<>();

  /** The object paths of the units that changed since states were read last. */
  final Set<String> changed = new HashSet<>();

  /** The only believed sender's unique name on the bus; null on systemd's own socket. */
  private String sender;

  private boolean believesAll;
  private boolean moved;

  /**
   * A connection was opened. What signals said on an earlier one is kept, except which jobs began:
   * the signal of their end may be lost.
   *
   * @param systemd systemd's unique name on the bus; null on its own socket
   */
  void connected(String systemd) {
    sender = systemd;
    believesAll = systemd == null;
    moved = false;
    begun.clear();
  }

  /** Ignores all signals until {@link #connected} is called. */
  void connecting() {
    sender = null;
    believesAll = false;
  }

  /** True when systemd has another name on the bus than when we connected: it was re-executed. */
  boolean hasMoved() {
    return moved;
  }

  /** Records what a signal says. One that cannot be read, or is not from systemd, is ignored. */
  void take(Message signal) {
    try {
      if (believesAll || sender != null && sender.equals(signal.sender())) {
        note(signal);
      } else if (sender != null
          && Call.BUS.equals(signal.sender())
          && "NameOwnerChanged".equals(signal.member())
          && "sss".equals(signal.signature())) {
        owner(signal.body());
      }
    } catch (SystemdException e) {
      // malformed; a wait also asks for its jobs from time to time
    }
  }

  private void owner(Body body) {
    if (body.string().equals(Call.SYSTEMD)) {
      body.skip("s");
      String owner = body.string();
      moved |= !owner.isEmpty() && !owner.equals(sender);
    }
  }

  private void note(Message signal) {
    String member = signal.member();
    if (member == null) {
      return;
    }
    Body body = signal.body();
    switch (member) {
      case "JobRemoved" -> {
        if (signal.isOf(Call.MANAGER, "uoss")) {
          jobRemoved(body);
        }
      }
      case "JobNew" -> {
        if (signal.isOf(Call.MANAGER, "uos")) {
          long job = body.number();
          body.skip("o");
          changed.add(ObjectPath.ofUnit(body.string()));
          begun.add(job);
        }
      }
      case "PropertiesChanged" -> {
        if (signal.path() != null) {
          changed.add(signal.path());
        }
      }
      default -> {
        // UnitNew and UnitRemoved among them: asking for a unit that is not loaded causes both
      }
    }
  }

  private void jobRemoved(Body body) {
    long job = body.number();
    body.skip("o");
    String unit = body.string();
    String result = body.string();
    changed.add(ObjectPath.ofUnit(unit));
    ended.put(job, result);
    lastEnded = job;
    if (result.equals("assert")) {
      refused.merge(unit, 1, Integer::sum);
    }
  }
}
