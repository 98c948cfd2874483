// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The command that people find in messages: a shell script and a copy of the agent, in a directory
 * that no cleaning of a cache and no upgrade of the collection touches. They are written with the
 * first hold of a version of the agent, and stay.
 */
public final class Launcher {
  private static final String NAME = "quietus";

  private final Layout layout;
  private final TrustedFiles files;

  Launcher(Layout layout, TrustedFiles files) {
    this.layout = layout;
    this.files = files;
  }

  /** Where the launcher of a layout is. */
  public static Path path(Layout layout) {
    return layout.data().resolve(NAME);
  }

  /** Where the copies of the agent are. */
  static Path copies(Layout layout) {
    return layout.data().resolve("agent");
  }

  /**
   * Writes the launcher and the copy unless they are there. The copy comes first, so a launcher
   * always has one.
   *
   * @param agent the jar of this agent
   * @param java the JVM that runs it; where that is gone later, another one is looked for
   */
  public void write(Path agent, String java) {
    Path copies = copies(layout);
    String name = agent.getFileName().toString();
    byte[] bytes = null;
    if (!AgentCopy.isSum(name)) { // the collection names it so, and checks it before each run
      bytes = AgentCopy.read(agent);
      name = AgentCopy.name(bytes, copies, files);
    }
    Path jar = copies.resolve(name);
    byte[] text = LauncherText.of(jar, AgentCopy.sum(name), java).getBytes(StandardCharsets.UTF_8);
    Path launcher = path(layout);
    if (isAsLarge(jar, agent) && Arrays.equals(text, files.read(launcher))) {
      return;
    }
    files.directory(layout.data(), "rwx------");
    files.directory(jar.getParent(), "rwx------");
    files.write(jar, bytes == null ? AgentCopy.read(agent) : bytes, "rw-------");
    files.write(launcher, text, "rwx------");
    AgentCopy.deleteOthers(jar, files);
  }

  private static boolean isAsLarge(Path jar, Path agent) {
    try {
      return TrustedFiles.exists(jar) && Files.size(jar) == Files.size(agent);
    } catch (IOException e) {
      return false;
    }
  }
}
