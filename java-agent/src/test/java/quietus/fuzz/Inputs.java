// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Runs what takes an input from outside, and fails when it does more than refuse it. */
public final class Inputs {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * What one input may cost of this thread's time on a processor, whatever else the machine does.
   */
  private static final long MOST_NANOS = 1_000_000_000L;

  /** What takes an input. */
  public interface Taker {
    void take() throws Exception;
  }

  private Inputs() {}

  /**
   * Every error but the documented one fails; so does an error's text that has a control character
   * or is too long for a person, and an input that costs too much.
   *
   * @return true when the input was taken, false when it was refused
   */
  public static boolean take(Class<? extends Exception> documented, Taker taker) {
    long before = THREADS.getCurrentThreadCpuTime();
    boolean isTaken = true;
    try {
      taker.take();
    } catch (Exception e) {
      if (!documented.isInstance(e)) {
        throw new AssertionError("not the documented error", e);
      }
      if (documented == IllegalArgumentException.class && e.getClass() != documented) {
        throw new AssertionError("not a sentence of ours", e); // such as NumberFormatException
      }
      checkText(e);
      isTaken = false;
    }
    long nanos = THREADS.getCurrentThreadCpuTime() - before;
    if (nanos > MOST_NANOS) {
      throw new AssertionError("it took " + nanos / 1_000_000 + " ms");
    }
    return isTaken;
  }

  private static void checkText(Exception e) {
    String text = e.getMessage();
    if (text == null || text.isEmpty() || text.length() > 2000) {
      throw new AssertionError("not a text for a person", e);
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        throw new AssertionError("control character " + (int) text.charAt(i), e);
      }
    }
  }
}
