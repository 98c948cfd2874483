// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A copy of the agent's jar, which is named by its SHA-256. */
final class AgentCopy {
  private static final String SUFFIX = ".jar";
  private static final int SUM = 64;

  private AgentCopy() {}

  /**
   * The name that a copy of a jar has. It is hashed only where no copy has the same bytes: a hash
   * of 1.3 MB takes a short run of Java, which compiles nearly nothing, 60 ms of processor time.
   *
   * @param bytes the jar
   * @param directory where copies are
   */
  static String name(byte[] bytes, Path directory, TrustedFiles files) {
    for (String name : files.list(directory)) {
      if (isSum(name) && Arrays.equals(bytes, files.read(directory.resolve(name)))) {
        return name;
      }
    }
    return LeaseText.sha256(bytes) + SUFFIX;
  }

  /** Reads the jar of this agent. */
  static byte[] read(Path agent) {
    try {
      return Files.readAllBytes(agent);
    } catch (IOException e) {
      throw DiskException.failed("read", agent, e);
    }
  }

  /** Deletes the copies of other versions of the agent beside this one. */
  static void deleteOthers(Path copy, TrustedFiles files) {
    String name = copy.getFileName().toString();
    for (String other : files.list(copy.getParent())) {
      if (other.endsWith(SUFFIX) && !other.equals(name)) {
        files.delete(copy.resolveSibling(other));
      }
    }
  }

  /** The SHA-256 in the name of a copy. */
  static String sum(String name) {
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /** True for a name that {@link #name} can give. */
  static boolean isSum(String name) {
    boolean good = name.length() == SUM + SUFFIX.length() && name.endsWith(SUFFIX);
    for (int i = 0; good && i < SUM; i++) {
      good = Character.digit(name.charAt(i), 16) >= 0;
    }
    return good;
  }
}
