// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import quietus.run.Session;

class VersionTest {
  @Test
  void theAgentSaysTheVersionThatMavenBuilds() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    assertTrue(pom.contains("<version>" + Session.VERSION + "</version>"), Session.VERSION);
  }
}
