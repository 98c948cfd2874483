// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import java.util.Objects;

/**
 * How the last run of a unit ended, and how often systemd restarted it by itself.
 *
 * @param result systemd's Result, such as {@code success}, {@code exit-code} or {@code timeout};
 *     empty when it was not told
 * @param code a service's ExecMainCode: 1 when its main process exited, 2 when a signal killed it,
 *     3 when that made a core dump, 0 when it has not ended
 * @param status a service's ExecMainStatus: the exit status or the signal
 * @param restarts a service's NRestarts, since somebody started it
 */
public record Ending(String result, int code, int status, long restarts) {
  private static final int EXITED = 1;
  private static final int DUMPED = 3;

  /** Of a unit that systemd tells nothing about. */
  public static final Ending NONE = new Ending("", 0, 0, 0);

  public Ending {
    Objects.requireNonNull(result);
  }

  /** {@code Result=exit-code, exit status 3}; empty when there is nothing to tell. */
  public String text() {
    String how =
        switch (code) {
          case 0 -> "";
          case EXITED -> "exit status " + status;
          case DUMPED -> "killed by signal " + status + ", core dumped";
          default -> "killed by signal " + status;
        };
    String why = result.isEmpty() ? "" : "Result=" + result;
    return why + (why.isEmpty() || how.isEmpty() ? "" : ", ") + how;
  }
}
