// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import quietus.fault.Faults.Operation;

/** An open file whose operations can fail. A lock is the kernel's and does not. */
final class FaultyChannel extends FileChannel {
  private final FileChannel below;
  private final Faults faults;
  private final Path path;

  FaultyChannel(FileChannel below, Faults faults, Path path) {
    this.below = below;
    this.faults = faults;
    this.path = path;
  }

  private <T> T op(Operation operation, String what, Faults.Work<T> work) throws IOException {
    return faults.file(operation, what, path, work);
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return op(Operation.READ, "read", () -> below.read(to));
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    return op(Operation.READ, "read", () -> below.read(to, offset, length));
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    return op(Operation.READ, "read", () -> below.read(to, position));
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return op(Operation.FILL, "write", () -> below.write(from));
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return op(Operation.FILL, "write", () -> below.write(from, offset, length));
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    return op(Operation.FILL, "write", () -> below.write(from, position));
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    op(Operation.CHANGE, "truncate", () -> below.truncate(size));
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    op(
        Operation.FSYNC,
        "fsync",
        () -> {
          below.force(metaData);
          return null;
        });
  }

  @Override
  public long position() throws IOException {
    return below.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    below.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return below.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return op(Operation.READ, "read", () -> below.transferTo(position, count, target));
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    return op(Operation.FILL, "write", () -> below.transferFrom(source, position, count));
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return below.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean isShared) throws IOException {
    return below.lock(position, size, isShared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean isShared) throws IOException {
    return below.tryLock(position, size, isShared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    below.close();
  }
}
