// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import quietus.systemd.SystemdException;

/** Counts the operations of a run, and makes one of them fail. */
public final class Faults {
  /** What an operation asks of the file system, or that it is a call of systemd's. */
  public enum Operation {
    READ,
    /** Needs room: a new name, or more bytes. */
    FILL,
    /** Changes what is there, and needs no room. */
    CHANGE,
    FSYNC,
    CALL
  }

  /** How it fails. */
  public enum Kind {
    /** No room, once. */
    ENOSPC,
    /** No room from then on. */
    FULL,
    /** Read-only from then on. */
    EROFS,
    EIO,
    EACCES,
    /** systemd answers this call with an error. */
    REFUSED,
    /** The connection ends; no later call is answered. */
    GONE,
    /** Time passes before the call reaches systemd, or before its answer arrives. */
    LATE,
    /** The agent dies, as by kill -9. */
    DEATH;

    /** Whether an operation can fail so. */
    public boolean fits(Operation operation) {
      return switch (this) {
        case ENOSPC, FULL -> operation == Operation.FILL || operation == Operation.FSYNC;
        case EROFS -> operation == Operation.FILL || operation == Operation.CHANGE;
        case EIO -> operation != Operation.CALL;
        case EACCES -> operation != Operation.CALL && operation != Operation.FSYNC;
        case REFUSED, GONE, LATE -> operation == Operation.CALL;
        case DEATH -> operation != Operation.READ;
      };
    }

    boolean isLasting() {
      return this == FULL || this == EROFS || this == GONE || this == DEATH;
    }
  }

  /** The end of the agent: no later operation of it is carried out. */
  public static final class Death extends Error {
    private static final long serialVersionUID = 1L;

    Death() {
      super("the agent died", null, false, false);
    }
  }

  /** An operation. */
  interface Work<T> {
    T run() throws IOException;
  }

  private final List<Operation> seen = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<Channel> open = new ArrayList<>();
  private int at = -1;
  private Kind kind;
  private boolean isCarriedOut;

  /**
   * Arms it for the operations to come.
   *
   * @param at which of them fails, from 0; -1 for none
   * @param isCarriedOut the operation is carried out before it fails
   */
  public void arm(int at, Kind kind, boolean isCarriedOut) {
    seen.clear();
    names.clear();
    this.at = at;
    this.kind = kind;
    this.isCarriedOut = isCarriedOut;
  }

  /** Nothing fails any more; what a run that died had open is closed, as the kernel does. */
  public void heal() {
    at = -1;
    for (Channel channel : open) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    open.clear();
  }

  <T extends Channel> T opened(T channel) {
    open.add(channel);
    return channel;
  }

  /** The operations since it was armed. */
  public List<Operation> operations() {
    return List.copyOf(seen);
  }

  /** What an operation was. */
  public String name(int operation) {
    return operation < names.size() ? names.get(operation) : "no operation";
  }

  <T> T file(Operation operation, String what, Path path, Work<T> work) throws IOException {
    if (!fails(operation, what + " " + path)) {
      return work.run();
    }
    if (isCarriedOut && kind != Kind.FULL && seen.size() == at + 1) {
      work.run();
    }
    String file = path.toString();
    throw switch (kind) {
      case ENOSPC, FULL -> new FileSystemException(file, null, "No space left on device");
      case EROFS -> new FileSystemException(file, null, "Read-only file system");
      case EACCES -> new AccessDeniedException(file);
      case EIO -> new FileSystemException(file, null, "Input/output error");
      default -> throw new Death();
    };
  }

  /** A call of systemd's. */
  interface Question {
    Object run() throws Throwable;
  }

  /**
   * @param late lets time pass on the host
   */
  Object call(String what, Question call, Runnable late) throws Throwable {
    if (!fails(Operation.CALL, what)) {
      return call.run();
    }
    if (kind == Kind.LATE) {
      if (isCarriedOut) {
        Object answer = call.run();
        late.run();
        return answer;
      }
      late.run();
      return call.run();
    }
    if (isCarriedOut && seen.size() == at + 1) {
      call.run();
    }
    if (kind == Kind.DEATH) {
      throw new Death();
    }
    throw kind == Kind.GONE
        ? new SystemdException("the connection to systemd ended", new IOException("end of stream"))
        : new SystemdException("org.freedesktop.DBus.Error.NoMemory", what + ": not enough memory");
  }

  private boolean fails(Operation operation, String what) {
    int number = seen.size();
    seen.add(operation);
    names.add(what);
    if (at < 0 || number < at) {
      return false;
    }
    return number == at || kind == Kind.DEATH || kind.isLasting() && kind.fits(operation);
  }
}
