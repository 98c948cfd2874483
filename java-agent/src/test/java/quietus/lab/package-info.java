// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Hosts with a real systemd as PID 1, for tests: containers of the lab's images (lab/README.md).
 * {@link quietus.lab.Host#boot} starts one, {@link quietus.lab.Suites#all} names the releases that
 * a test class runs on, as a {@code @ParameterizedClass}.
 */
package quietus.lab;
