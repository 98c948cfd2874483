// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.systemd.DbusSystemd;

class WarmUpTest {
  @Test
  void aWarmUpGoesTheWholeWayOnDiskAndLeavesNoFile(@TempDir Path root) throws Exception {
    WarmUp.disk(root);
    try (Stream<Path> all = Files.walk(root)) {
      assertFalse(all.anyMatch(path -> path.toString().contains("warm-up")));
    }
  }

  @Test
  void theNestedCallIsWritten() {
    DbusSystemd.warmUp();
  }
}
