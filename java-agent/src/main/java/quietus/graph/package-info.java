// SPDX-License-Identifier: GPL-3.0-or-later
/** A family, its doors and what closes each, as a picture. Pure: a graph in, text out. */
package quietus.graph;
