// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.graph;

/** The forms of a picture, by the words of the command line and of a request. */
public enum Format {
  tree,
  dot,
  mermaid,
  svg
}
