// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Who asked systemd to start or stop a unit, as far as the journal has it. */
final class Requests {
  private static final Set<String> TOOLS =
      Set.of("systemctl", "service", "invoke-rc.d", "deb-systemd-invoke", "systemd-run", "quietus");
  private static final Set<String> STARTS =
      Set.of(
          "start",
          "restart",
          "try-restart",
          "reload-or-restart",
          "force-reload",
          "isolate",
          "release",
          "started",
          "restarted",
          "running");
  private static final Set<String> RESTARTS =
      Set.of("restart", "try-restart", "reload-or-restart", "force-reload", "restarted");
  private static final Set<String> STOPS =
      Set.of("stop", "restart", "kill", "isolate", "quiesce", "stopped", "restarted", "quiesced");

  private final Set<String> names;
  private final Set<String> verbs;

  private Requests(Set<String> names, Set<String> verbs) {
    this.names = names;
    this.verbs = verbs;
  }

  static Requests starts(Facts unit) {
    return startsOfAny(unit.names());
  }

  /** Requests for any unit with one of these names. */
  static Requests startsOfAny(Set<String> names) {
    return new Requests(names, STARTS);
  }

  static Requests restarts(Facts unit) {
    return new Requests(unit.names(), RESTARTS);
  }

  static Requests stops(Facts unit) {
    return new Requests(unit.names(), STOPS);
  }

  /**
   * One who asked.
   *
   * @param who a phrase: {@code deploy by sudo}
   * @param entry where it is written
   */
  record Asked(String who, Entry entry) {}

  /** Those who asked within a time, in microseconds since 1970, the last one last. */
  List<Asked> between(List<Entry> entries, long from, long to) {
    List<Asked> asked = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.at() > from && entry.at() <= to) {
        String who = who(entry, entries);
        if (who != null) {
          asked.add(new Asked(who, entry));
        }
      }
    }
    return asked;
  }

  /**
   * Null when the entry is no request that names the unit. Only what root's processes say counts:
   * any user may write into the journal what he likes.
   */
  String who(Entry entry, List<Entry> entries) {
    if (entry.uid() != 0) {
      return null;
    }
    String message = entry.message();
    if (entry.source().equals("sudo") && isPermitted(message)) {
      String user = message.strip();
      int end = user.indexOf(' ');
      return commandNames(EventCauses.between(message, "COMMAND=", "\0"))
          ? Words.safe(end > 0 ? user.substring(0, end) : user) + " by sudo"
          : null;
    }
    if (entry.identifier().equals("CRON") || entry.identifier().equals("crond")) {
      return message.contains(" CMD (") && commandNames(EventCauses.between(message, " CMD (", ")"))
          ? Words.safe(EventCauses.between(message, "(", ")")) + " by cron"
          : null;
    }
    if (entry.identifier().startsWith("ansible-") && message.startsWith("Invoked with ")) {
      return ansible(entry.identifier(), message) ? ansibleUser(entry, entries) : null;
    }
    return null;
  }

  /** sudo writes what it refused in the same form, with the reason in front. */
  private static boolean isPermitted(String message) {
    String after = EventCauses.between(message, " : ", "\0");
    String first = EventCauses.between("=" + after, "=", "=");
    return message.contains("COMMAND=")
        && Set.of("TTY", "PWD", "HOST", "CHROOT", "GROUP", "USER", "TSID", "ENV").contains(first);
  }

  private boolean ansible(String identifier, String message) {
    if (identifier.endsWith("command") || identifier.endsWith("shell")) {
      return commandNames(EventCauses.between(message, "_raw_params=", " _uses_shell="));
    }
    if (!identifier.endsWith("systemd")
        && !identifier.endsWith("systemd_service")
        && !identifier.endsWith("service")) {
      return false;
    }
    String state = value(message, "state");
    return isUnit(value(message, "name")) && verbs.contains(state);
  }

  /** The value of a module's option; empty when it is not there. */
  private static String value(String message, String option) {
    return EventCauses.between(" " + message, " " + option + "=", " ").replace("'", "");
  }

  private static String ansibleUser(Entry invoked, List<Entry> entries) {
    String user = "";
    for (Entry entry : entries) {
      if (entry.at() <= invoked.at()
          && entry.source().startsWith("sshd")
          && entry.uid() == 0
          && entry.message().startsWith("Accepted ")) {
        user = EventCauses.between(entry.message(), " for ", " port");
      }
    }
    return "Ansible" + (user.isEmpty() ? "" : " (ssh: " + Words.safe(user) + ")");
  }

  /** True for a command line that calls systemctl or its like, with such a verb, for the unit. */
  boolean commandNames(String command) {
    boolean tool = false;
    boolean verb = false;
    boolean named = false;
    for (String word : command.strip().split("\\s+")) {
      String bare = word.replace("'", "").replace("\"", "");
      tool |= TOOLS.contains(bare.substring(bare.lastIndexOf('/') + 1));
      verb |= verbs.contains(bare);
      named |= isUnit(bare);
    }
    return tool && verb && named;
  }

  private boolean isUnit(String word) {
    return names.contains(word) || names.contains(word + ".service");
  }
}
