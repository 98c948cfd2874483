// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.evidence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import quietus.json.Tree;
import quietus.why.Entry;
import quietus.why.Reading;

/**
 * The journal of a short time, by journalctl(1). What it is asked for is bounded in time, in number
 * and to those who could have started a unit, so that a large journal costs little more than a
 * small one.
 */
final class JournalReader {
  /** After so many entries the rest is left out, and the reading is incomplete. */
  static final int MOST = 4000;

  /** So many entries about the units themselves, the newest. */
  static final int NEWEST = 200;

  private static final long LIMIT_MS = 20_000;
  private static final List<String> ANSIBLE =
      List.of("systemd", "systemd_service", "service", "command", "shell");

  /** No lambda: each release sorts what it reads. */
  private static final Comparator<Entry> BY_TIME =
      new Comparator<>() {
        @Override
        public int compare(Entry one, Entry other) {
          return Long.compare(one.at(), other.at());
        }
      };

  private final String program;
  private final Path root;
  private final boolean user;
  private final long uid;
  private final long limitMs;

  JournalReader(String program, Path root, boolean user, long uid) {
    this(program, root, user, uid, LIMIT_MS);
  }

  /**
   * @param program journalctl, or what a test has in its place
   * @param user of the calling user's manager
   * @param limitMs after that time journalctl is killed, and the reading is incomplete
   */
  JournalReader(String program, Path root, boolean user, long uid, long limitMs) {
    this.program = program;
    this.root = root;
    this.user = user;
    this.uid = uid;
    this.limitMs = limitMs;
  }

  /** The entries of systemd and of those who ask it, between two times in microseconds. */
  Reading between(long from, long to) {
    List<String> command = command(from, to);
    if (user) {
      command.addAll(List.of("_COMM=systemd", "_UID=" + uid));
    } else {
      command.add("_PID=1");
    }
    askers(command);
    return run(command, MOST, false);
  }

  /**
   * The newest warnings of systemd, which say that it could not start a unit, and the newest
   * entries of those who ask it, between two times in microseconds.
   */
  Reading starts(long from, long to) {
    List<String> command = command(from, to);
    command.addAll(List.of("--reverse", "--lines=" + MOST));
    command.addAll(user ? List.of("_COMM=systemd", "_UID=" + uid) : List.of("_PID=1"));
    command.add("PRIORITY=4");
    askers(command);
    return run(command, MOST, true);
  }

  private static void askers(List<String> command) {
    command.addAll(List.of("+", "_COMM=dbus-daemon", "+", "_COMM=sudo", "+", "_COMM=sshd"));
    command.addAll(List.of("+", "_COMM=sshd-session", "+", "SYSLOG_IDENTIFIER=CRON"));
    command.addAll(List.of("+", "SYSLOG_IDENTIFIER=crond"));
    for (String module : ANSIBLE) {
      for (String prefix : List.of("", "ansible.legacy.", "ansible.builtin.")) {
        command.addAll(List.of("+", "SYSLOG_IDENTIFIER=ansible-" + prefix + module));
      }
    }
  }

  /** The newest entries of systemd about some units. */
  Reading about(Iterable<String> units, long from, long to) {
    List<String> command = command(from, to);
    // before systemd 255 --lines with --since shows the first lines, unless they are reversed
    command.addAll(List.of("--reverse", "--lines=" + NEWEST));
    if (!user) {
      command.add("_PID=1"); // it and one of the units
    }
    for (String unit : units) {
      command.add((user ? "USER_UNIT=" : "UNIT=") + unit);
    }
    return run(command, NEWEST, true);
  }

  private List<String> command(long from, long to) {
    return new ArrayList<>(
        List.of(
            program,
            "--quiet",
            "--no-pager",
            "--output=json",
            "--output-fields=_COMM,SYSLOG_IDENTIFIER,_PID,_UID,_CAP_EFFECTIVE,_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT,UNIT,USER_UNIT,JOB_TYPE,"
                + "JOB_ID,N_RESTARTS,_SOURCE_REALTIME_TIMESTAMP,MESSAGE",
            "--since=" + time(from),
            "--until=" + time(to)));
  }

  private static String time(long micros) {
    String fraction = Long.toString(1_000_000 + micros % 1_000_000).substring(1);
    return "@" + micros / 1_000_000 + "." + fraction;
  }

  /** At most so many entries; more are not read. */
  private Reading run(List<String> command, int most, boolean reversed) {
    List<Entry> entries = new ArrayList<>();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
    } catch (IOException e) {
      return new Reading(entries, false); // no journalctl here
    }
    Thread watch = watch(process);
    boolean whole = isReadable();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine();
          line != null && entries.size() < most;
          line = lines.readLine()) {
        Entry entry = entry(line);
        whole &= entry != null;
        if (entry != null) {
          entries.add(entry);
        }
      }
      whole &= entries.size() < most;
      whole = whole && process.waitFor() == 0;
    } catch (IOException e) {
      whole = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      whole = false;
    } finally {
      process.destroyForcibly();
      watch.interrupt();
    }
    if (reversed) {
      Collections.reverse(entries); // the sort keeps the order of those with the same time
    }
    entries.sort(BY_TIME);
    return new Reading(entries, whole);
  }

  /** Kills a journalctl that takes too long, also one that hangs and says nothing. */
  private Thread watch(Process process) {
    Thread watch =
        new Thread("limit of journalctl") {
          @Override
          public void run() {
            try {
              if (!process.waitFor(limitMs, TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt(); // the reading is over
            }
          }
        };
    watch.setDaemon(true);
    watch.start();
    return watch;
  }

  /**
   * False when this user sees only a part of the journal. journalctl tells so only when it can open
   * no file at all.
   */
  private boolean isReadable() {
    if (uid == 0) {
      return true;
    }
    for (String journals : List.of("var/log/journal", "run/log/journal")) {
      try (DirectoryStream<Path> machines = Files.newDirectoryStream(root.resolve(journals))) {
        for (Path machine : machines) {
          if (Files.isReadable(machine.resolve("system.journal"))
              || user && Files.isReadable(machine.resolve("user-" + uid + ".journal"))) {
            return true;
          }
        }
      } catch (IOException e) {
        // journald keeps its files in one of the two
      }
    }
    return false;
  }

  /** Null for what is no entry. */
  private Entry entry(String line) {
    JsonNode json;
    try {
      json = Tree.read(line.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      return null;
    }
    if (json == null || !json.isObject()) {
      return null;
    }
    long said = number(json, "_SOURCE_REALTIME_TIMESTAMP");
    boolean manager =
        user
            ? text(json, "_COMM").equals("systemd") && number(json, "_UID") == uid
            : number(json, "_PID") == 1;
    return new Entry(
        said > 0 ? said : number(json, "__REALTIME_TIMESTAMP"),
        text(json, "_COMM"),
        text(json, "SYSLOG_IDENTIFIER"),
        manager ? 1 : Math.max(2, number(json, "_PID")),
        uid(json),
        text(json, user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT"),
        text(json, user ? "USER_UNIT" : "UNIT"),
        text(json, "JOB_TYPE"),
        number(json, "JOB_ID"),
        number(json, "N_RESTARTS"),
        text(json, "MESSAGE"));
  }

  /** sudo speaks as the user who called it, but with root's capabilities. */
  private static long uid(JsonNode json) {
    String capabilities = text(json, "_CAP_EFFECTIVE");
    if (!capabilities.isEmpty() && !capabilities.equals("0")) {
      return 0;
    }
    return json.has("_UID") ? number(json, "_UID") : -1;
  }

  /** Empty for a field that is absent, too long (null) or binary (an array of bytes). */
  private static String text(JsonNode json, String field) {
    JsonNode value = json.get(field);
    return value != null && value.isTextual() ? value.textValue() : "";
  }

  private static long number(JsonNode json, String field) {
    String text = text(json, field);
    if (text.isEmpty() || text.length() > 18) {
      return 0;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      number = number * 10 + c - '0';
    }
    return number;
  }
}
