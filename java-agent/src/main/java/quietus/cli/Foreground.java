// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import quietus.error.AgentException;

/**
 * A program in the foreground: it has this process's terminal, process group and standard streams,
 * so what is typed at the terminal, Ctrl-C too, reaches it directly.
 */
final class Foreground {
  /** The exit status that a shell reports for a program that SIGTERM ended. */
  private static final int TERMINATED = 128 + 15;

  private final Program program;
  private final Consumer<String> say;
  private final List<ProcessHandle> told = new ArrayList<>();
  private Process process;
  private boolean stopped;

  /**
   * @param say takes a sentence for the person at the shell
   */
  Foreground(Program program, Consumer<String> say) {
    this.program = program;
    this.say = say;
  }

  /**
   * Runs the program to its end. After a signal, to the end of all processes that were told of it.
   *
   * @param pause how long to wait between two calls of {@code meanwhile}; zero for no call
   * @return its exit status, as a shell has it
   */
  int run(Duration pause, Runnable meanwhile) {
    if (!start()) {
      return TERMINATED;
    }
    try {
      while (!process.waitFor(
          pause.isZero() ? Long.MAX_VALUE : pause.toMillis(), TimeUnit.MILLISECONDS)) {
        meanwhile.run();
      }
      for (ProcessHandle handle : told()) {
        handle.onExit().join();
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e); // nobody interrupts the main thread
    }
  }

  private synchronized boolean start() {
    if (stopped) {
      return false;
    }
    ProcessBuilder builder = new ProcessBuilder(program.words()).inheritIO();
    if (program.directory() != null) {
      builder.directory(program.directory().toFile());
    }
    Program.restore(builder.environment());
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new AgentException("'" + program.name() + "' could not be started: " + e.getMessage());
    }
    return true;
  }

  private synchronized List<ProcessHandle> told() {
    return List.copyOf(told);
  }

  /**
   * A signal came that is to end this process.
   *
   * @param interrupt it is SIGINT, which the program has too when it was typed at the terminal
   */
  synchronized void stop(boolean interrupt) {
    boolean again = stopped && !told.isEmpty();
    if (process == null && !stopped) {
      say.accept(
          "a signal came: '" + program.name() + "' is not started, and the units are released");
    }
    stopped = true;
    if (process == null || interrupt && isForeground()) {
      return;
    }
    if (process.isAlive()) {
      process.descendants().forEach(told::add);
      told.add(process.toHandle());
    }
    for (ProcessHandle handle : told) {
      if (again) {
        handle.destroyForcibly();
      } else {
        handle.destroy();
      }
    }
  }

  /** Whether this process's group is the one that the terminal's keys send signals to. */
  private static boolean isForeground() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return fields[2].equals(fields[5]); // pgrp, tpgid; see proc(5)
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
