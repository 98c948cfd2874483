// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fault;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/** A path of {@link FaultyFiles}. */
final class FaultyPath implements Path {
  private final FileSystem fileSystem;
  private final FaultyFiles files;
  private final Path plain;

  FaultyPath(FileSystem fileSystem, FaultyFiles files, Path plain) {
    this.fileSystem = fileSystem;
    this.files = files;
    this.plain = plain;
  }

  Path plain() {
    return plain;
  }

  private static Path plain(Path other) {
    return other instanceof FaultyPath faulty ? faulty.plain : other;
  }

  @Override
  public FileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return plain.isAbsolute();
  }

  @Override
  public Path getRoot() {
    return files.path(plain.getRoot());
  }

  @Override
  public Path getFileName() {
    return files.path(plain.getFileName());
  }

  @Override
  public Path getParent() {
    return files.path(plain.getParent());
  }

  @Override
  public int getNameCount() {
    return plain.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return files.path(plain.getName(index));
  }

  @Override
  public Path subpath(int begin, int end) {
    return files.path(plain.subpath(begin, end));
  }

  @Override
  public boolean startsWith(Path other) {
    return plain.startsWith(plain(other));
  }

  @Override
  public boolean endsWith(Path other) {
    return plain.endsWith(plain(other));
  }

  @Override
  public Path normalize() {
    return files.path(plain.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return files.path(plain.resolve(plain(other)));
  }

  @Override
  public Path relativize(Path other) {
    return files.path(plain.relativize(plain(other)));
  }

  @Override
  public URI toUri() {
    return plain.toUri();
  }

  @Override
  public Path toAbsolutePath() {
    return files.path(plain.toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    return files.path(plain.toRealPath(options));
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int compareTo(Path other) {
    return plain.compareTo(plain(other));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FaultyPath faulty && plain.equals(faulty.plain);
  }

  @Override
  public int hashCode() {
    return plain.hashCode();
  }

  @Override
  public String toString() {
    return plain.toString();
  }
}
