// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import quietus.unit.OneLine;

/**
 * A family as a graph.
 *
 * @param subject the unit that the family is named after
 * @param state how it stands
 * @param nodes its other members, then its doors
 */
public record FamilyGraph(String subject, String state, List<Node> nodes) {
  public FamilyGraph {
    subject = OneLine.visible(Objects.requireNonNull(subject));
    state = OneLine.visible(Objects.requireNonNull(state));
    nodes = List.copyOf(nodes);
  }

  /** The picture in one of its forms. */
  public String draw(Format format) {
    return switch (format) {
      case tree -> tree();
      case dot -> dot();
      case mermaid -> mermaid();
      case svg -> svg();
    };
  }

  /** A tree for a terminal; a door stands below the member that it starts. */
  public String tree() {
    StringBuilder tree = new StringBuilder(subject + " (" + state + ")\n");
    List<Node> below = below(subject);
    for (int i = 0; i < below.size(); i++) {
      Node node = below.get(i);
      boolean last = i + 1 == below.size();
      tree.append(last ? "`-- " : "|-- ").append(line(node)).append('\n');
      List<Node> doors = node.isDoor() ? List.of() : below(node.name());
      for (int j = 0; j < doors.size(); j++) {
        tree.append(last ? "    " : "|   ")
            .append(j + 1 == doors.size() ? "`-- " : "|-- ")
            .append(line(doors.get(j)))
            .append('\n');
      }
    }
    return tree.toString().stripTrailing();
  }

  private static String line(Node node) {
    return node.isDoor()
        ? "door: " + node.label() + " (" + node.state() + ")"
        : node.name() + " (" + node.state() + "): " + node.label();
  }

  /** The members and doors that hang on a unit. */
  private List<Node> below(String unit) {
    List<Node> below = new ArrayList<>();
    for (Node node : nodes) {
      if (unit.equals(subject)
          ? hangsOnSubject(node)
          : node.isDoor() && node.target().equals(unit)) {
        below.add(node);
      }
    }
    return below;
  }

  private boolean hangsOnSubject(Node node) {
    if (!node.isDoor()) {
      return true;
    }
    for (Node other : nodes) {
      if (!other.isDoor() && other.name().equals(node.target())) {
        return false;
      }
    }
    return true;
  }

  /** For Graphviz. */
  public String dot() {
    StringBuilder dot = new StringBuilder("digraph family {\n  rankdir=LR;\n  node [shape=box];\n");
    dot.append("  n0 [label=").append(quoted(subject + "\n" + state)).append(", penwidth=2];\n");
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      dot.append("  n").append(i + 1).append(" [label=").append(quoted(box(node)));
      dot.append(node.isDoor() ? ", style=dashed];\n" : "];\n");
      dot.append("  n").append(i + 1).append(" -> n").append(target(node));
      dot.append(" [label=").append(quoted(node.isDoor() ? node.state() : node.label()));
      dot.append("];\n");
    }
    return dot.append('}').toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  private static String box(Node node) {
    return node.isDoor() ? node.name() + "\n" + node.label() : node.name() + "\n" + node.state();
  }

  /** The number of the node that another points at; the subject is 0. */
  private int target(Node node) {
    for (int i = 0; node.isDoor() && i < nodes.size(); i++) {
      if (!nodes.get(i).isDoor() && nodes.get(i).name().equals(node.target())) {
        return i + 1;
      }
    }
    return 0;
  }

  /** For a wiki or a ticket that draws Mermaid. */
  public String mermaid() {
    StringBuilder mermaid = new StringBuilder("flowchart LR\n");
    mermaid.append("  n0[\"").append(entities(subject + "\n" + state)).append("\"]\n");
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      mermaid.append("  n").append(i + 1).append(node.isDoor() ? "([\"" : "[\"");
      mermaid.append(entities(box(node))).append(node.isDoor() ? "\"])\n" : "\"]\n");
      mermaid.append("  n").append(i + 1).append(node.isDoor() ? " -.->|\"" : " -->|\"");
      mermaid.append(entities(node.isDoor() ? node.state() : node.label()));
      mermaid.append("\"| n").append(target(node)).append('\n');
    }
    return mermaid.toString().stripTrailing();
  }

  private static String entities(String text) {
    return text.replace("#", "#35;")
        .replace("&", "#38;")
        .replace("\"", "#quot;")
        .replace("<", "#lt;")
        .replace(">", "#gt;")
        .replace("\n", "<br/>");
  }

  /** A picture that stands alone. */
  public String svg() {
    int height = 60 * Math.max(1, nodes.size()) + 20;
    int middle = height / 2 - 20;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1180\" height=\"" + height + "\"");
    svg.append(
        " viewBox=\"0 0 1180 " + height + "\" font-family=\"sans-serif\" font-size=\"12\">\n");
    svg.append("<rect width=\"1180\" height=\"" + height + "\" fill=\"white\"/>\n");
    box(svg, 880, middle, 280, subject, state, "2", "");
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      int y = 60 * i + 10;
      String dash = node.isDoor() ? " stroke-dasharray=\"4 3\"" : "";
      box(svg, 20, y, 620, node.name() + ": " + node.label(), node.state(), "1", dash);
      int to = target(node);
      int end = to == 0 ? middle + 20 : 60 * (to - 1) + 30;
      svg.append("<path d=\"M640 " + (y + 20) + " L" + (to == 0 ? 880 : 660) + " " + end + "\"");
      svg.append(" stroke=\"black\" fill=\"none\"" + dash + "/>\n");
    }
    return svg.append("</svg>").toString();
  }

  private static void box(
      StringBuilder svg,
      int x,
      int y,
      int width,
      String first,
      String second,
      String stroke,
      String dash) {
    svg.append("<rect x=\"" + x + "\" y=\"" + y + "\" width=\"" + width + "\" height=\"40\"");
    svg.append(
        " fill=\"#f4f4f4\" stroke=\"black\" stroke-width=\"" + stroke + "\"" + dash + "/>\n");
    text(svg, x + 8, y + 17, first);
    text(svg, x + 8, y + 33, second);
  }

  private static void text(StringBuilder svg, int x, int y, String text) {
    int end = text.length() > 95 ? 92 : text.length();
    end -= end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? 1 : 0;
    String cut = text.substring(0, end) + (text.length() > 95 ? "..." : "");
    svg.append("<text x=\"" + x + "\" y=\"" + y + "\">");
    svg.append(
        cut.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;"));
    svg.append("</text>\n");
  }
}
