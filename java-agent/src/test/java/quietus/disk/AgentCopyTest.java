// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentCopyTest {
  private static final byte[] JAR = "the jar".getBytes(StandardCharsets.UTF_8);

  /** sha256sum of "the jar". */
  private static final String SUM =
      "ffd4959ccc0cd88c91dd731e514c8d0da0368ca58206ad554d6e9e603b3ef6be";

  @TempDir Path root;

  @Test
  void aCopyIsNamedByTheSumOfItsBytes() {
    TrustedFiles files = new TrustedFiles(root);
    Path copies = root.resolve("agent");
    assertEquals(SUM + ".jar", AgentCopy.name(JAR, copies, files), "there is no directory");
    files.directory(copies, "rwx------");
    files.write(copies.resolve("agent.jar"), JAR, "rw-------");
    files.write(copies.resolve("0".repeat(64) + ".jar"), new byte[] {1}, "rw-------");
    assertEquals(SUM + ".jar", AgentCopy.name(JAR, copies, files), "neither is such a copy");
    assertEquals(SUM, AgentCopy.sum(SUM + ".jar"));
  }

  @Test
  void aCopyWithTheSameBytesIsFoundWithoutAHash() {
    TrustedFiles files = new TrustedFiles(root);
    Path copies = root.resolve("agent");
    String name = "1".repeat(64) + ".jar"; // not its sum, so this test sees that nothing was hashed
    files.directory(copies, "rwx------");
    files.write(copies.resolve(name), JAR, "rw-------");
    assertEquals(name, AgentCopy.name(JAR, copies, files));
  }
}
