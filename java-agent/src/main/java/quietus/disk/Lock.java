// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/**
 * One run at a time on a host: a lock on a file that the kernel drops with the process.
 *
 * <p>The file may be removed while it is locked. A run that creates it again therefore looks for a
 * process that has the removed one open, and waits for that one too; until it has looked, the file
 * is empty.
 */
public final class Lock implements AutoCloseable {
  private static final int LONGEST = 400;

  private static final byte[] NOBODY = {'\n'};

  private final FileChannel channel;
  private boolean said;

  private Lock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock, waiting for whoever has it.
   *
   * @param limit how long to wait at most
   * @throws DiskException when another run still has it then; the message says which
   */
  static Lock take(Path file, TrustedFiles files, Duration limit) {
    files.directory(file.getParent(), "rwx------");
    long deadline = System.nanoTime() + limit.toNanos();
    FileChannel channel = null;
    try {
      while (true) {
        Object before = inode(file);
        channel = open(file, true);
        if (!lock(channel, deadline)) {
          channel.close();
          throw taken(file, limit);
        }
        Object after = inode(file);
        if (after == null || before != null && !before.equals(after)) {
          channel.close(); // it was removed, or replaced, while this run waited
          continue;
        }
        if (channel.size() == 0) {
          awaitRemoved(file, deadline, limit, channel);
        }
        if (channel.size() != 1) {
          record(channel, NOBODY); // whoever wrote into it was killed
        }
        return new Lock(channel);
      }
    } catch (IOException e) {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw DiskException.failed("lock", file, e);
    }
  }

  private static FileChannel open(Path file, boolean creates) throws IOException {
    return FileChannel.open(
        file,
        creates
            ? Set.of(
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                LinkOption.NOFOLLOW_LINKS)
            : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** Waits for the run that locked a file of this name which is removed. */
  private static void awaitRemoved(Path file, long deadline, Duration limit, FileChannel own)
      throws IOException {
    for (Path removed : LockHolders.ofRemoved(file)) {
      try (FileChannel channel = open(removed, false)) {
        if (!lock(channel, deadline)) {
          own.close();
          throw taken(removed, limit);
        }
      } catch (java.nio.file.NoSuchFileException e) {
        // that process has ended
      }
    }
  }

  private static DiskException taken(Path file, Duration limit) {
    String said = LockHolders.text(file);
    return new DiskException(
        "another run of Quietus has been at work on this host for the "
            + limit.toSeconds()
            + " s that this one waited ("
            + (said.isEmpty() ? LockHolders.process(file) : UnitText.comment(said))
            + "); nothing was touched. Run again when it is done, or give a longer lock_timeout");
  }

  private static boolean lock(FileChannel channel, long deadline) throws IOException {
    return channel.tryLock() != null
        || await(channel, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
  }

  /**
   * The kernel has no lock call with a time limit that Java can reach, so the waiting thread is
   * interrupted.
   */
  private static boolean await(FileChannel channel, Duration limit) throws IOException {
    if (limit.isZero()) {
      return false;
    }
    Thread waiting = Thread.currentThread();
    Thread alarm =
        new Thread("lock-limit") {
          @Override
          public void run() {
            try {
              Thread.sleep(limit.toMillis());
              waiting.interrupt();
            } catch (InterruptedException e) {
              // the lock came in time
            }
          }
        };
    alarm.setDaemon(true);
    alarm.start();
    try {
      FileLock lock = channel.lock();
      return lock.isValid();
    } catch (FileLockInterruptionException e) {
      return false;
    } finally {
      alarm.interrupt();
      Thread.interrupted();
    }
  }

  /** Records who holds the lock and for what, for those who wait. */
  public void say(String what) {
    said = true;
    try {
      record(
          channel,
          (what.length() > LONGEST ? what.substring(0, LONGEST) : what)
              .getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new DiskException("could not write to the lock file: " + e.getMessage(), e);
    }
  }

  private static void record(FileChannel channel, byte[] text) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text), 0);
  }

  /**
   * Releases the lock, after clearing what was recorded. A run that recorded nothing writes
   * nothing.
   */
  @Override
  public void close() {
    try (channel) {
      if (said) {
        record(channel, NOBODY);
      }
    } catch (IOException e) {
      throw new DiskException("could not give the lock back: " + e.getMessage(), e);
    }
  }

  /** What tells a file from every other that is there; null when there is none. */
  private static Object inode(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
