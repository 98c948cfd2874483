// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A long-running process in a container: we write to its input and read its output. An exec costs
 * 80 ms; a line to this process costs nothing.
 */
final class Attached implements AutoCloseable {
  private final Input input = new Input();
  private final Output output = new Output();

  Attached(DockerClient engine, String container, String... command) {
    String exec =
        engine
            .execCreateCmd(container)
            .withCmd(command)
            .withAttachStdin(true)
            .withAttachStdout(true)
            .withAttachStderr(true)
            .exec()
            .getId();
    engine.execStartCmd(exec).withDetach(false).withStdIn(input).exec(output);
  }

  void write(String text) {
    input.bytes.add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The next line that the process prints, without its end. */
  String line(long deadline) {
    return new String(output.take(-1, deadline), StandardCharsets.UTF_8);
  }

  /** The next bytes that the process prints. */
  byte[] bytes(int count, long deadline) {
    return output.take(count, deadline);
  }

  @Override
  public void close() {
    input.bytes.add(new byte[0]);
    try {
      output.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** When a wait that begins now is over. */
  static long deadline(Duration limit) {
    return System.nanoTime() + limit.toNanos();
  }

  /** What was written and not yet sent; an empty piece is the end of the input. */
  private static final class Input extends InputStream {
    private final LinkedBlockingQueue<byte[]> bytes = new LinkedBlockingQueue<>();
    private byte[] piece = {};
    private int at;
    private boolean ended;

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) {
      try {
        if (at == piece.length && !ended) {
          piece = bytes.take();
          at = 0;
          ended = piece.length == 0;
        }
      } catch (InterruptedException e) {
        ended = true;
      }
      if (ended) {
        return -1;
      }
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, target, from, count);
      at += count;
      return count;
    }
  }

  private static final class Output extends ResultCallback.Adapter<Frame> {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private boolean ended;

    @Override
    public synchronized void onNext(Frame frame) {
      (frame.getStreamType() == StreamType.STDERR ? errors : printed)
          .writeBytes(frame.getPayload());
      notifyAll();
    }

    @Override
    public synchronized void onComplete() {
      super.onComplete();
      ended = true;
      notifyAll();
    }

    @Override
    public synchronized void onError(Throwable error) {
      super.onError(error);
      ended = true;
      notifyAll();
    }

    /** Takes a number of bytes, or a line when the number is negative. */
    synchronized byte[] take(int wanted, long deadline) {
      while (true) {
        byte[] all = printed.toByteArray();
        int end = wanted;
        int next = wanted;
        if (wanted < 0) {
          while (++end < all.length && all[end] != '\n') {
            // find the end of the line
          }
          next = end + 1;
        }
        if (next <= all.length) {
          printed.reset();
          printed.write(all, next, all.length - next);
          return Arrays.copyOf(all, end);
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (ended || left <= 0) {
          throw new IllegalStateException(
              (ended ? "it ended" : "it does not answer in time")
                  + "; it printed: "
                  + printed.toString(StandardCharsets.UTF_8)
                  + errors.toString(StandardCharsets.UTF_8));
        }
        try {
          wait(left);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
