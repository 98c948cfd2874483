// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * An in-memory systemd for tests: it reads real unit files below a root directory and behaves as
 * systemd.unit(5), systemd's source and docs/systemd-facts.md say. {@link
 * quietus.model.ModelSystemd} is the entry; {@link quietus.model.Outside} is the rest of the host.
 * {@link quietus.model.RandomUnits} makes unit files to play on it, or on a real systemd.
 */
package quietus.model;
