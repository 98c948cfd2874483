// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import quietus.hold.Now;

/** The text of the lease runner's units. */
final class LeaseText {
  /** After how many seconds a release that failed is tried again. */
  static final long OVERDUE = 60;

  /** A difference that is no reason to arm the timer again, in seconds. */
  static final long SLACK = 2;

  private static final String ARMED = "# in boot ";
  private static final String AT = " at uptime ";

  /** A drop-in says when; without one, which is after a boot, the service looks and arms it. */
  static final String TIMER =
      "[Unit]\nDescription=The end of the first lease of Quietus\n\n"
          + "[Timer]\nOnBootSec=5\nAccuracySec=1\n\n[Install]\nWantedBy=timers.target\n";

  private LeaseText() {}

  static String service(Path jar, String sum, String java, boolean user) {
    String file = UnitText.shellWord(jar.toString());
    String command =
        "case $$(sha256sum <"
            + file
            + ") in "
            + sum
            + "*) ;; *) echo "
            + file
            + " is damaged: run a quiesce with a lease and it is written again >&2; exit 1;; esac; "
            + "java="
            + UnitText.shellWord(java)
            + "; [ -x \"$$java\" ] || java=java; exec \"$$java\" -XX:TieredStopAtLevel=1"
            + " -XX:+UseSerialGC -XX:-UsePerfData -XX:-CreateCoredumpOnCrash -XX:ErrorFile="
            + UnitText.shellWord(jar.resolveSibling("java-crash-%p.log").toString())
            + " -jar "
            + file
            + " release --expired"
            + (user ? " --user" : "");
    return "[Unit]\nDescription=Release what has a lease that is over\nStartLimitIntervalSec=0\n\n"
        + "[Service]\nType=oneshot\nEnvironment=LC_ALL=C.UTF-8\nExecStart=/bin/sh -c \""
        + command.replace("\\", "\\\\").replace("\"", "\\\"")
        + "\"\nRestart=on-failure\nRestartSec=30\n";
  }

  /**
   * The drop-in that arms the timer: for the time that passes, and for the clock in case the host
   * sleeps meanwhile (a timer of systemd does not count that). The calendar has whole seconds, so
   * it takes the next one: the service looks which is due, and must not find that none is yet.
   */
  static String armed(long left, Now now) {
    return "# Armed by Quietus for the first lease that ends\n"
        + ARMED
        + now.boot()
        + AT
        + (now.uptime() + left)
        + "\n[Timer]\nOnBootSec=\nOnActiveSec="
        + left
        + "\nOnCalendar="
        + DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'")
            .withZone(ZoneOffset.UTC)
            .format(now.clock().plusSeconds(left + 1))
        + "\n";
  }

  /**
   * In how many seconds the timer fires that a drop-in arms; a very high number when that is not
   * known.
   */
  static long armedIn(String dropIn, Now now) {
    int boot = dropIn.indexOf(ARMED + now.boot() + AT);
    int from = boot + ARMED.length() + now.boot().length() + AT.length();
    int end = boot < 0 ? -1 : dropIn.indexOf('\n', from);
    try {
      return end < 0
          ? Long.MAX_VALUE / 2
          : Long.parseLong(dropIn.substring(from, end)) - now.uptime();
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE / 2;
    }
  }

  static String sha256(byte[] bytes) {
    try {
      StringBuilder hex = new StringBuilder();
      for (byte one : MessageDigest.getInstance("SHA-256").digest(bytes)) {
        hex.append(Character.forDigit(one >> 4 & 15, 16)).append(Character.forDigit(one & 15, 16));
      }
      return hex.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
