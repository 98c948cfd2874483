// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which paths can be trusted: every directory below the root and the file itself must belong to the
 * calling user (or root), be no link, and be writable by nobody else.
 */
final class PathTrust {
  private static final int WRITABLE_BY_OTHERS = 022;

  private final Path root;
  private final int uid;

  PathTrust(Path root) {
    this.root = root;
    this.uid = ownUid();
  }

  /** The effective user: /proc/self belongs to it (proc(5)). */
  static int ownUid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new DiskException(
          "/proc/self cannot be read, so the calling user is not known: " + e.getMessage(), e);
    }
  }

  /**
   * @return false when there is no such directory
   * @throws DiskException when there is something that cannot be trusted
   */
  boolean isDirectory(Path dir) {
    if (dir.equals(root)) {
      return true;
    }
    Map<String, Object> found = attributes(dir);
    if (found == null) {
      return false;
    }
    isDirectory(dir.getParent());
    if (!(Boolean) found.get("isDirectory")) {
      throw new DiskException(
          dir
              + " is not a directory"
              + ((Boolean) found.get("isSymbolicLink") ? " but a link" : "")
              + ", so nothing below it is used; move it away and run again");
    }
    owned(dir, found);
    return true;
  }

  /**
   * A file's attributes.
   *
   * @return null when there is no such file
   * @throws DiskException when there is something that cannot be trusted, or no regular file, or
   *     one larger than any of ours
   */
  Map<String, Object> regularFile(Path file) {
    Map<String, Object> found = attributes(file);
    if (found == null) {
      return null;
    }
    isDirectory(file.getParent());
    if (!(Boolean) found.get("isRegularFile")) {
      throw new DiskException(
          file
              + " is not a regular file, so it is not read; look at it, then move it away and run"
              + " again");
    }
    owned(file, found);
    long size = (Long) found.get("size");
    if (size > TrustedFiles.LARGEST) {
      throw new DiskException(
          file
              + " has "
              + size
              + " bytes, more than any of ours can have; look at it, then move it away and run"
              + " again");
    }
    return found;
  }

  private void owned(Path path, Map<String, Object> found) {
    int owner = (Integer) found.get("uid");
    if (owner != uid && owner != 0) {
      throw new DiskException(
          path
              + " belongs to user "
              + owner
              + ", so what is in it cannot be trusted; look at it, then chown it to user "
              + uid
              + " or remove it, and run again");
    }
    if (((Integer) found.get("mode") & WRITABLE_BY_OTHERS) != 0) {
      throw new DiskException(
          path
              + " can be written by others, so what is in it cannot be trusted; look at it, then"
              + " run: chmod go-w "
              + path);
    }
  }

  private static Map<String, Object> attributes(Path path) {
    try {
      return Files.readAttributes(
          path,
          "unix:uid,mode,size,isDirectory,isRegularFile,isSymbolicLink",
          LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      if (e.getMessage() != null && e.getMessage().contains("Not a directory")) {
        return null;
      }
      throw DiskException.failed("look at", path, e);
    }
  }
}
