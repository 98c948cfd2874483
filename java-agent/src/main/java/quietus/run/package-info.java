// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * One run: {@link quietus.run.Agent} takes a request, has a plan made, carries it out unless it is
 * a check, and returns a report. {@link quietus.run.Session} connects it with the host.
 */
package quietus.run;
