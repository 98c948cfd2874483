// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Who or what started a unit, or ended it: decided from the evidence that systemd and the journal
 * keep. Pure: evidence in, answer out. A wrong answer is worse than none, so what the evidence does
 * not settle is {@link quietus.why.Certainty#UNKNOWN}.
 */
package quietus.why;
