// SPDX-License-Identifier: GPL-3.0-or-later
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, a line each. */
final class Table {
  private static final List<String> HEADS =
      List.of("#", "measured", "", "against", "", "ratio", "quartiles", "wanted", "reached");

  private final List<List<String>> rows = new ArrayList<>(List.of(HEADS));

  /** Two measurements that were made one after the other. */
  record Pair(double a, double b) {
    double ratio() {
      return a / b;
    }
  }

  /** The median of the pairs' ratios with its quartiles; wanted is 0 where no bound is set. */
  void pairs(String number, String what, String against, List<Pair> pairs, double wanted) {
    double[] ratios = sorted(pairs.stream().mapToDouble(Pair::ratio).toArray());
    double ratio = median(ratios);
    int quarter = ratios.length / 4;
    rows.add(
        List.of(
            number,
            what,
            ms(median(pairs.stream().mapToDouble(Pair::a).toArray())),
            against,
            ms(median(pairs.stream().mapToDouble(Pair::b).toArray())),
            format("%.2f", ratio),
            format("%.2f-%.2f", ratios[quarter], ratios[ratios.length - 1 - quarter]),
            wanted == 0 ? "" : format("<= %.1f", wanted),
            wanted == 0 ? "" : ratio <= wanted ? "yes" : "NO"));
  }

  void ratio(
      String number, String what, String a, String against, String b, double ratio, double wanted) {
    rows.add(
        List.of(
            number,
            what,
            a,
            against,
            b,
            format("%.2f", ratio),
            "",
            wanted == 0 ? "" : format("<= %.1f", wanted),
            wanted == 0 ? "" : ratio <= wanted ? "yes" : "NO"));
  }

  void figure(String number, String what, String value) {
    figure(number, what, value, "", "");
  }

  void figure(String number, String what, String value, String against, String other) {
    rows.add(List.of(number, what, value, against, other, "", "", "", ""));
  }

  static String ms(double value) {
    return format("%.0f ms", value);
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  static double median(double[] values) {
    double[] all = sorted(values);
    int middle = all.length / 2;
    return all.length % 2 == 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
  }

  private static double[] sorted(double[] values) {
    double[] all = values.clone();
    java.util.Arrays.sort(all);
    return all;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int column = i;
        int width = rows.stream().mapToInt(other -> other.get(column).length()).max().orElse(0);
        line.append(row.get(i)).append(" ".repeat(width - row.get(i).length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
