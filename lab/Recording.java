// SPDX-License-Identifier: GPL-3.0-or-later
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes its input on and records it as a picture of a terminal: an SVG in which each line appears
 * when it did, and which starts again at its end. Usage: {@code COMMAND | java Recording.java FILE}
 */
public final class Recording {
  private static final int COLUMNS = 120;
  private static final int ROWS = 34;
  private static final int LINE = 17;
  private static final double LETTER = 7.3;
  private static final int MARGIN = 14;

  /** Waiting is cut to this, in ms; the last lines stay that long. */
  private static final long LONGEST_WAIT = 2_500;

  private static final long LAST = 6_000;

  /** What a line looks like: a class of the style sheet, empty for none. */
  private record Line(long at, String text, String kind) {}

  public static void main(String[] args) throws IOException {
    List<Line> lines = new ArrayList<>();
    long at = 0;
    long before = System.nanoTime();
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        System.out.println(text);
        long now = System.nanoTime();
        at += Math.min(LONGEST_WAIT, (now - before) / 1_000_000);
        before = now;
        for (int from = 0; from == 0 || from < text.length(); from += COLUMNS) {
          lines.add(
              new Line(
                  at,
                  text.substring(from, Math.min(text.length(), from + COLUMNS)),
                  from == 0 ? kind(text) : ""));
        }
      }
    }
    Files.writeString(Path.of(args[0]), svg(lines));
  }

  private static String svg(List<Line> lines) {
    int width = (int) (COLUMNS * LETTER) + 2 * MARGIN;
    int height = ROWS * LINE + 2 * MARGIN;
    long end = lines.get(lines.size() - 1).at() + LAST;
    StringBuilder svg = new StringBuilder();
    svg.append(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" width=\""
                + width
                + "\" height=\"")
        .append(height + "\" viewBox=\"0 0 " + width + " " + height + "\">\n<style>\n")
        .append("text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #d6deeb;")
        .append(" white-space: pre }\n.title { fill: #ffffff; font-weight: bold }\n")
        .append(".typed { fill: #7fdbca }\n")
        .append("#page { animation: scroll " + end / 1000.0 + "s step-end infinite }\n")
        .append("@keyframes scroll {\n");
    for (int i = 0; i < lines.size(); i++) {
      boolean isLast = i == lines.size() - 1 || lines.get(i + 1).at() > lines.get(i).at();
      if (isLast) {
        svg.append(percent(lines.get(i).at(), end))
            .append(" { transform: translateY(" + (ROWS - i - 1) * LINE + "px) }\n");
      }
    }
    svg.append("100% { transform: translateY(" + (ROWS - lines.size()) * LINE + "px) }\n}\n")
        .append("@media (prefers-reduced-motion) { #page { animation: none; transform:")
        .append(" translateY(" + (ROWS - lines.size()) * LINE + "px) } }\n</style>\n")
        .append("<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0b2239\"/>\n")
        .append("<svg x=\"" + MARGIN + "\" y=\"" + MARGIN + "\" width=\"" + (width - 2 * MARGIN))
        .append("\" height=\"" + ROWS * LINE + "\">\n<g id=\"page\">\n");
    for (int i = 0; i < lines.size(); i++) {
      String text = lines.get(i).text();
      if (!text.isBlank()) {
        String kind = lines.get(i).kind();
        svg.append("<text y=\"" + ((i + 1) * LINE - 4) + "\"")
            .append(kind.isEmpty() ? ">" : " class=\"" + kind + "\">")
            .append(escaped(text))
            .append("</text>\n");
      }
    }
    return svg.append("</g>\n</svg>\n</svg>\n").toString();
  }

  private static String kind(String line) {
    return line.startsWith(" ") ? line.matches("    (host#|ctl\\$) .*") ? "typed" : "" : "title";
  }

  private static String percent(long at, long end) {
    long thousandths = at * 100_000 / end;
    return thousandths / 1000 + "." + String.valueOf(1000 + thousandths % 1000).substring(1) + "%";
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      escaped.append(
          switch (c) {
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '&' -> "&amp;";
            default -> c < ' ' ? " " : String.valueOf(c);
          });
    }
    return escaped.toString();
  }
}
