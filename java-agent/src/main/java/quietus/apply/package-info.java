// SPDX-License-Identifier: GPL-3.0-or-later
/** Acts: the steps of a run, in an order in which a crash at any point can be recovered from. */
package quietus.apply;
