// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

/**
 * Is told when a step has ended. A test can end the process here, to show that each step can be the
 * last.
 */
public interface StepListener {
  void ended(String step);
}
