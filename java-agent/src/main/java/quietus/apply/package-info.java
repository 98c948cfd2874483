// SPDX-License-Identifier: GPL-3.0-or-later
/** Acts: the steps of a run, in the order that a crash at any point can be mended from. */
package quietus.apply;
