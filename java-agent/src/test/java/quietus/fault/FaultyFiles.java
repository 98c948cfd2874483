// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fault;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import quietus.fault.Faults.Operation;

/** The default file system, but every operation on a path of {@link #path} can fail. */
public final class FaultyFiles extends FileSystemProvider {
  private final Faults faults;
  private final FileSystemProvider below;
  private final FileSystem fileSystem;

  public FaultyFiles(Faults faults, Path root) {
    this.faults = faults;
    this.below = root.getFileSystem().provider();
    this.fileSystem = new FaultyFileSystem(this, root.getFileSystem());
  }

  /** A path that names the same file, and whose operations can fail. */
  public Path path(Path path) {
    return path == null ? null : new FaultyPath(fileSystem, this, path);
  }

  private static Path plain(Path path) {
    return path instanceof FaultyPath faulty ? faulty.plain() : path;
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    boolean creates =
        options.contains(StandardOpenOption.CREATE)
            || options.contains(StandardOpenOption.CREATE_NEW);
    FileChannel channel =
        faults.file(
            creates ? Operation.FILL : Operation.READ,
            "open",
            plain(path),
            () -> faults.opened(below.newFileChannel(plain(path), options, attributes)));
    return new FaultyChannel(channel, faults, plain(path));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path dir, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> entries =
        faults.file(
            Operation.READ,
            "list",
            plain(dir),
            () -> below.newDirectoryStream(plain(dir), entry -> filter.accept(path(entry))));
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> all = entries.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public Path next() {
            return path(all.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        entries.close();
      }
    };
  }

  private void change(Operation operation, String what, Path path, Change change)
      throws IOException {
    faults.file(
        operation,
        what,
        plain(path),
        () -> {
          change.run();
          return null;
        });
  }

  private interface Change {
    void run() throws IOException;
  }

  @Override
  public void createDirectory(Path dir, FileAttribute<?>... attributes) throws IOException {
    change(Operation.FILL, "mkdir", dir, () -> below.createDirectory(plain(dir), attributes));
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
      throws IOException {
    change(
        Operation.FILL,
        "symlink",
        link,
        () -> below.createSymbolicLink(plain(link), plain(target), attributes));
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    change(Operation.FILL, "link", link, () -> below.createLink(plain(link), plain(existing)));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    // the target as the product compares it: a path of the default file system
    return faults.file(
        Operation.READ, "readlink", plain(link), () -> below.readSymbolicLink(plain(link)));
  }

  @Override
  public void delete(Path path) throws IOException {
    change(Operation.CHANGE, "unlink", path, () -> below.delete(plain(path)));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    change(Operation.FILL, "copy", target, () -> below.copy(plain(source), plain(target), options));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    change(
        Operation.CHANGE,
        "rename to",
        target,
        () -> below.move(plain(source), plain(target), options));
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return below.isSameFile(plain(path), plain(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return below.isHidden(plain(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return below.getFileStore(plain(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    change(Operation.READ, "access", path, () -> below.checkAccess(plain(path), modes));
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    V view = below.getFileAttributeView(plain(path), type, options);
    return view == null
        ? null
        : type.cast(
            Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> {
                  Faults.Work<Object> work =
                      () -> {
                        try {
                          return method.invoke(view, arguments);
                        } catch (InvocationTargetException e) {
                          if (e.getCause() instanceof IOException cause) {
                            throw cause;
                          }
                          throw new IllegalStateException(e);
                        } catch (IllegalAccessException e) {
                          throw new IllegalStateException(e);
                        }
                      };
                  return faults.file(
                      method.getName().startsWith("set") ? Operation.CHANGE : Operation.READ,
                      method.getName(),
                      plain(path),
                      work);
                }));
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return faults.file(
        Operation.READ,
        "stat",
        plain(path),
        () -> below.readAttributes(plain(path), type, options));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return faults.file(
        Operation.READ,
        "stat",
        plain(path),
        () -> below.readAttributes(plain(path), attributes, options));
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
      throws IOException {
    change(
        Operation.CHANGE,
        "set " + attribute,
        path,
        () -> below.setAttribute(plain(path), attribute, value, options));
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return fileSystem;
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }
}
