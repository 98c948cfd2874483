// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One run: {@link quietus.run.Agent} takes a request, lets a plan be made, carries it out unless it
 * is only checked, and answers with a report. {@link quietus.run.Session} puts the edges together.
 */
package quietus.run;
