// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import quietus.error.AgentException;

/**
 * A file could not be trusted, read or written. The message names it, what is wrong and what to do.
 */
public final class DiskException extends AgentException {
  private static final long serialVersionUID = 1L;

  public DiskException(String message) {
    super(message);
  }

  public DiskException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What went wrong with a path, and what to do where the reason tells it. */
  static DiskException failed(String what, Path path, IOException e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (e instanceof FileSystemException one
        && one.getReason() != null
        && why.equals(path + ": " + one.getReason())) {
      why = one.getReason();
    }
    String advice =
        why.contains("No space left")
            ? "; make room on that file system and run again"
            : why.contains("Read-only")
                ? "; that file system is mounted read-only: with until=reboot nothing is written"
                    + " outside /run"
                : "";
    return new DiskException("could not " + what + " " + path + ": " + why + advice, e);
  }
}
