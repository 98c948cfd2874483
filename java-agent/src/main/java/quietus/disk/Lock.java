package quietus.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/** One run at a time on a host: a lock on a file that the kernel drops with the process. */
public final class Lock implements AutoCloseable {
  private static final int LONGEST = 400;

  private final FileChannel channel;

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
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE,
                  LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      if (channel.tryLock() != null || await(channel, limit)) {
        return new Lock(channel);
      }
      channel.close();
    } catch (IOException e) {
      throw TrustedFiles.failed("lock", file, e);
    }
    byte[] who = files.read(file);
    String other =
        who == null || who.length == 0
            ? "it did not say what it does"
            : new String(who, StandardCharsets.UTF_8).trim();
    throw new DiskException(
        "another run of Quietus has been at work on this host for the "
            + limit.toSeconds()
            + " s that this one waited ("
            + other
            + "); nothing was touched. Run again when it is done, or give a longer lock_timeout");
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

  /** Leaves word for those who wait. */
  public void say(String what) {
    byte[] text =
        (what.length() > LONGEST ? what.substring(0, LONGEST) : what)
            .getBytes(StandardCharsets.UTF_8);
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(text), 0);
    } catch (IOException e) {
      throw new DiskException("could not write to the lock file: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new DiskException("could not give the lock back: " + e.getMessage(), e);
    }
  }
}
