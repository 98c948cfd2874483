// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import quietus.unit.UnitName;

/**
 * Reads and writes files in directories that {@link PathTrust} accepts, where no other user can
 * swap a name between a check and its use. What is written is on the disk whole, or not there.
 */
class TrustedFiles {
  static final int LARGEST = 8 << 20;

  private final Path root;
  private final PathTrust trust;
  final Unfinished unfinished = new Unfinished();
  private boolean changed;

  TrustedFiles(Path root) {
    this.root = root;
    this.trust = new PathTrust(root);
  }

  /** True when a file was written, moved or deleted through this. */
  boolean isChanged() {
    return changed;
  }

  /** Makes a directory, and those above it, with a mode; checks each that is there. */
  void directory(Path dir, String mode) {
    if (unflushedDirectory(dir, mode)) {
      flushDirectory(dir.getParent());
    }
  }

  /**
   * As {@link #directory}, but the caller fsyncs the directory above it. @return true when it was
   * made
   */
  boolean unflushedDirectory(Path dir, String mode) {
    if (!dir.equals(root) && !isTrustedDirectory(dir)) {
      directory(dir.getParent(), "rwxr-xr-x");
      try {
        Files.createDirectory(
            dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString(mode));
        return true;
      } catch (FileAlreadyExistsException e) {
        isTrustedDirectory(dir);
      } catch (IOException e) {
        throw DiskException.failed("make the directory", dir, e);
      }
    }
    return false;
  }

  /** See {@link PathTrust#isDirectory}. */
  boolean isTrustedDirectory(Path dir) {
    return trust.isDirectory(dir);
  }

  static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** The file's bytes, or null when there is none. */
  byte[] read(Path file) {
    Map<String, Object> found = trust.regularFile(file);
    if (found == null) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(((Long) found.get("size")).intValue());
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // read() may return less than asked for
      }
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw DiskException.failed("read", file, e);
    }
    return bytes.hasRemaining() ? Arrays.copyOf(bytes.array(), bytes.position()) : bytes.array();
  }

  /**
   * Writes a file so that it is there whole and on the disk, or not at all; its directory must be
   * there.
   */
  void write(Path file, byte[] bytes, String mode) {
    write(Map.of(file, bytes), mode);
  }

  /**
   * As {@link #write(Path, byte[], String)}, for several files: all are on the disk under other
   * names before the first gets its own, so that they appear together.
   */
  void write(Map<Path, byte[]> files, String mode) {
    Map<Path, Path> ready = new LinkedHashMap<>();
    Path at = null;
    try {
      for (Map.Entry<Path, byte[]> one : files.entrySet()) {
        at = one.getKey();
        Path fresh = Unfinished.beside(at, ready.size());
        isTrustedDirectory(at.getParent());
        ready.put(fresh, at);
        flushed(fresh, one.getValue(), mode);
      }
      Set<Path> directories = new LinkedHashSet<>();
      for (Map.Entry<Path, Path> one : ready.entrySet()) {
        at = one.getValue();
        Files.move(one.getKey(), at, StandardCopyOption.ATOMIC_MOVE);
        changed = true;
        directories.add(at.getParent());
      }
      for (Path directory : directories) {
        flushDirectory(directory);
      }
    } catch (IOException e) {
      for (Path fresh : ready.keySet()) {
        try {
          Files.deleteIfExists(fresh);
        } catch (IOException also) {
          e.addSuppressed(also);
        }
      }
      throw DiskException.failed("write", at, e);
    }
  }

  private static void flushed(Path file, byte[] bytes, String mode) throws IOException {
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
    Files.deleteIfExists(file);
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(permissions))) {
      ByteBuffer all = ByteBuffer.wrap(bytes);
      while (all.hasRemaining()) {
        channel.write(all);
      }
      Files.setPosixFilePermissions(file, permissions);
      channel.force(true);
    }
  }

  /**
   * Gives a file that is on the disk a second name and replaces what has that name; the caller
   * fsyncs the directory. @return false where the file system cannot do that
   */
  boolean link(Path file, Path name) {
    Path fresh = Unfinished.beside(name, 0);
    isTrustedDirectory(name.getParent());
    try {
      Files.deleteIfExists(fresh);
      Files.createLink(fresh, file);
      Files.move(fresh, name, StandardCopyOption.ATOMIC_MOVE);
      changed = true;
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    } finally {
      delete(fresh);
    }
  }

  /**
   * Makes a symbolic link; the caller fsyncs the directory. @return false when something has that
   * name already
   */
  boolean symbolicLink(Path link, Path target) {
    try {
      Files.createSymbolicLink(link, target);
      changed = true;
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw DiskException.failed("make the link", link, e);
    }
  }

  /**
   * Renames within one file system, on the disk when it returns; the directory of the new name must
   * be there.
   */
  void rename(Path from, Path to) {
    isTrustedDirectory(from.getParent());
    isTrustedDirectory(to.getParent());
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      changed = true;
      flushDirectory(to.getParent());
      flushDirectory(from.getParent());
    } catch (IOException e) {
      throw DiskException.failed("rename", from, e);
    }
  }

  /**
   * @return true when there was something to delete
   */
  boolean delete(Path file) {
    try {
      boolean deleted = Files.deleteIfExists(file);
      changed |= deleted;
      return deleted;
    } catch (IOException e) {
      throw DiskException.failed("delete", file, e);
    }
  }

  /** Deletes a directory when nothing is in it. */
  void deleteEmpty(Path dir) {
    try {
      Files.deleteIfExists(dir);
    } catch (java.nio.file.DirectoryNotEmptyException e) {
      // somebody else's files are in it
    } catch (IOException e) {
      throw DiskException.failed("delete", dir, e);
    }
  }

  /** Fsyncs a directory. */
  void flushDirectory(Path dir) {
    try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw DiskException.failed("flush", dir, e);
    }
  }

  /** The names in a directory, sorted, without unfinished files; empty when it is not there. */
  List<String> list(Path dir) {
    return list(dir, Integer.MAX_VALUE, new ArrayList<>());
  }

  /**
   * As {@link #list(Path)}; refuses a directory that has more than so many.
   *
   * @param strange where the names go that no unit can have, as a message can have them in any
   *     locale
   */
  List<String> list(Path dir, int most, List<String> strange) {
    if (!isTrustedDirectory(dir)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.startsWith(".")) {
          boolean plain = UnitName.isAscii(name);
          (plain ? names : strange).add(plain ? name : UnitName.ascii(name));
        } else {
          unfinished.look(entry, name);
        }
        if (names.size() + strange.size() > most) {
          throw new DiskException(
              "there are more than "
                  + most
                  + " files in "
                  + dir
                  + ", so it is not read and nothing is done; move away what is no record of a"
                  + " hold, and run again");
        }
      }
    } catch (NotDirectoryException | NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw DiskException.failed("list", dir, e);
    }
    Collections.sort(names);
    return names;
  }
}
