// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The message about a file that could not be written. */
class DiskExceptionTest {
  private static final Path PATH = Path.of("/etc/x");

  private static String said(IOException e) {
    return DiskException.failed("write", PATH, e).getMessage();
  }

  @Test
  void thePathIsNamedOnce() {
    assertEquals(
        "could not write /etc/x: No space left on device; make room on that file system and run"
            + " again",
        said(new FileSystemException("/etc/x", null, "No space left on device")));
  }

  @Test
  void anotherPathIsNamedToo() {
    assertEquals(
        "could not write /etc/x: /etc/x -> /etc/y: Input/output error",
        said(new FileSystemException("/etc/x", "/etc/y", "Input/output error")));
    assertEquals(
        "could not write /etc/x: /etc/y: Input/output error",
        said(new FileSystemException("/etc/y", null, "Input/output error")));
  }

  @Test
  void anErrorWithoutAReasonIsNamedByItsKind() {
    assertEquals("could not write /etc/x: IOException", said(new IOException()));
  }
}
