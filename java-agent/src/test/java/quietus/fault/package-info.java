// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Faults that are made on purpose: a file system on top of the default one and a systemd on top of
 * another, of which the k-th operation fails, is carried out and fails all the same, or is the last
 * that the agent lives to see.
 */
package quietus.fault;
