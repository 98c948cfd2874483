// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import java.nio.charset.StandardCharsets;

/** The D-Bus object paths of units and jobs (sd_bus_path_encode(3)). */
final class ObjectPath {
  private static final String UNIT = "/org/freedesktop/systemd1/unit/";
  private static final String JOB = "/org/freedesktop/systemd1/job/";
  private static final String HEX = "0123456789abcdef";

  private ObjectPath() {}

  /**
   * The path of a unit: every byte that is no ASCII letter or digit is written {@code _xx}, and so
   * is a digit at the beginning.
   */
  static String ofUnit(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    StringBuilder path = new StringBuilder(UNIT.length() + bytes.length + 16).append(UNIT);
    for (int i = 0; i < bytes.length; i++) {
      int c = bytes[i] & 0xff;
      if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' && i > 0) {
        path.append((char) c);
      } else {
        path.append('_').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return path.toString();
  }

  /** The number of the job that has a path; fails when it is no job's. */
  static long job(String path) {
    long number = 0;
    int digits = path.length() - JOB.length();
    boolean valid = path.startsWith(JOB) && digits > 0 && digits <= 10;
    for (int i = JOB.length(); valid && i < path.length(); i++) {
      int digit = path.charAt(i) - '0';
      valid = digit >= 0 && digit <= 9;
      number = number * 10 + digit;
    }
    if (!valid) {
      throw SystemdException.malformed("a job's object path that is none");
    }
    return number;
  }
}
