// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Tests on hosts with a kernel, a disk, a memory and a clock of their own ({@code lab/kernel}):
 * what a power cut, a full disk, a jump of the clock or a real boot leaves. Only {@code make
 * test-kernel} and {@code make test-faults} run them.
 */
package quietus.kernel;
