// SPDX-License-Identifier: GPL-3.0-or-later
/** What a person is told when a run cannot go on. */
package quietus.error;
