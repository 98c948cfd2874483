// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a command line would do, as far as the model plays it: how long it runs, how it ends, how it
 * takes SIGTERM. Real commands serve, so that the same unit files run on a real systemd: {@code
 * /bin/sleep 0.3}, {@code /bin/true}, {@code /bin/false}, {@code /bin/sh -c '...'} with {@code
 * trap} and {@code sleep}.
 *
 * @param line the command line without its prefix
 * @param lasts how long it runs in microseconds, negative for ever
 * @param status its exit status
 * @param ignoresTerm SIGTERM does nothing to it
 * @param dying how long it takes to end at SIGTERM, in microseconds
 * @param hasChild it has a child in the same control group that runs for ever
 * @param accepts it takes the connections of the socket that it was started for
 * @param mayFail prefixed with {@code -}: its status does not count
 */
record Program(
    String line,
    long lasts,
    int status,
    boolean ignoresTerm,
    long dying,
    boolean hasChild,
    boolean accepts,
    boolean mayFail) {
  private static final Pattern SLEEP = Pattern.compile("sleep (infinity|[0-9.]+)");
  private static final Pattern TRAP =
      Pattern.compile("trap (?:'([^']*)'|\"([^\"]*)\") (?:TERM|SIGTERM)");
  private static final Pattern EXIT = Pattern.compile("exit ([0-9]+)");

  /** How long anything takes that takes no time, in microseconds. */
  static final long MOMENT = 1_000;

  static Program parse(String command) {
    boolean mayFail = false;
    String line = command;
    while (!line.isEmpty() && "-@:+!".indexOf(line.charAt(0)) >= 0) {
      mayFail |= line.charAt(0) == '-';
      line = line.substring(1);
    }
    Matcher trap = TRAP.matcher(line);
    boolean hasTrap = trap.find();
    String handler = !hasTrap ? "" : trap.group(1) != null ? trap.group(1) : trap.group(2);
    String rest = hasTrap ? line.substring(0, trap.start()) + line.substring(trap.end()) : line;
    boolean hasChild = Pattern.compile("sleep infinity\\s*&(?!&)").matcher(rest).find();
    boolean waits = hasChild && rest.matches(".*& *wait\\b.*");
    rest = waits ? rest : rest.replaceAll("sleep infinity\\s*&(?!&)", "");
    long lasts = MOMENT;
    boolean sleeps = false;
    Matcher sleep = SLEEP.matcher(rest);
    while (sleep.find() && lasts >= 0) {
      sleeps = true;
      lasts =
          sleep.group(1).equals("infinity")
              ? -1
              : lasts + (long) (Double.parseDouble(sleep.group(1)) * 1e6);
    }
    lasts = rest.contains("while :") || rest.contains("while true") ? -1 : lasts;
    boolean known =
        sleeps
            || lasts < 0
            || rest.matches(
                "(/usr)?/bin/(true|false|mv|rm|touch|echo|ln|sh|bash|logger|systemctl|test|mkdir)\\b.*");
    Matcher exit = EXIT.matcher(rest);
    int status =
        rest.matches(".*\\bfalse\\b.*") ? 1 : exit.find() ? Integer.parseInt(exit.group(1)) : 0;
    Matcher slow = SLEEP.matcher(handler);
    long dying =
        slow.find()
            ? slow.group(1).equals("infinity")
                ? -1
                : (long) (Double.parseDouble(slow.group(1)) * 1e6)
            : MOMENT;
    return new Program(
        line,
        known ? lasts : -1,
        status,
        hasTrap && handler.isEmpty() || dying < 0,
        dying,
        hasChild,
        !known,
        mayFail);
  }

  /** Does what the command does to files. @return its exit status */
  int act() {
    String[] words = line.split("\\s+");
    try {
      if (words[0].endsWith("/mv")) {
        Path from = Path.of(unquote(words[words.length - 2]));
        Path to = Path.of(unquote(words[words.length - 1]));
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else if (words[0].endsWith("/rm")) {
        boolean force = words[1].startsWith("-") && words[1].contains("f");
        for (int i = 1; i < words.length; i++) {
          if (!words[i].startsWith("-")
              && !Files.deleteIfExists(Path.of(unquote(words[i])))
              && !force) {
            return 1;
          }
        }
      } else if (words[0].endsWith("/touch")) {
        Path file = Path.of(unquote(words[words.length - 1]));
        if (!Files.exists(file)) {
          Files.createFile(file);
        }
      }
      return status;
    } catch (IOException e) {
      return 1;
    }
  }

  private static String unquote(String word) {
    return word.length() > 1 && (word.startsWith("\"") || word.startsWith("'"))
        ? word.substring(1, word.length() - 1)
        : word;
  }
}
