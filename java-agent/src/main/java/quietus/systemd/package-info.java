// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * The connection to a running systemd: questions and commands for its manager, and the D-Bus
 * protocol. {@link quietus.systemd.Systemd} is the entry; the in-memory systemd of the tests
 * implements the same interface.
 */
package quietus.systemd;
