// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

/**
 * A systemd manager, PID 1 or a user's: its questions and its commands. One instance is one
 * connection, used by one thread.
 */
public interface Systemd extends SystemdQuestions, SystemdCommands, AutoCloseable {
  @Override
  void close();
}
