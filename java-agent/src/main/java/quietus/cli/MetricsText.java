// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import quietus.hold.AllHolds;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Now;
import quietus.hold.Phase;
import quietus.unit.OneLine;

/** Holds in the text format of Prometheus. */
final class MetricsText {
  private final StringBuilder text = new StringBuilder();

  private MetricsText() {}

  static String of(AllHolds holds, Now now) {
    MetricsText metrics = new MetricsText();
    metrics.name("quietus_holds", "Holds on this host.");
    metrics.text.append("quietus_holds ").append(holds.found().size()).append('\n');
    metrics.name("quietus_damaged_records", "Records of holds that cannot be read.");
    metrics.text.append("quietus_damaged_records ").append(holds.damaged().size()).append('\n');
    metrics.name("quietus_hold_info", "A hold, with who made it and why; always 1.");
    for (FoundHold found : holds.found()) {
      Hold hold = found.hold();
      metrics.sample(
          "quietus_hold_info",
          found,
          ",until=\""
              + hold.until().word()
              + "\",by=\""
              + label(hold.by())
              + "\",reason=\""
              + label(hold.reason())
              + '"',
          1);
    }
    metrics.name("quietus_hold_since_seconds", "When a hold was made, in seconds of Unix time.");
    for (FoundHold found : holds.found()) {
      metrics.sample(
          "quietus_hold_since_seconds", found, "", found.hold().since().getEpochSecond());
    }
    metrics.name("quietus_hold_units", "How many units a hold keeps down.");
    for (FoundHold found : holds.found()) {
      metrics.sample("quietus_hold_units", found, "", found.hold().members().size());
    }
    metrics.name(
        "quietus_hold_lease_seconds",
        "What was left of a hold's lease as this was written; below zero it is overdue.");
    for (FoundHold found : holds.found()) {
      if (found.hold().lease() != null) {
        metrics.sample("quietus_hold_lease_seconds", found, "", found.hold().lease().left(now));
      }
    }
    metrics.name(
        "quietus_hold_overdue", "1 when the lease of a hold is over and it is not released.");
    for (FoundHold found : holds.found()) {
      boolean over = found.hold().lease() != null && found.hold().lease().isOver(now);
      metrics.sample("quietus_hold_overdue", found, "", over ? 1 : 0);
    }
    return metrics.text.toString();
  }

  private void name(String name, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(" gauge\n");
  }

  private void sample(String name, FoundHold found, String labels, long value) {
    text.append(name)
        .append("{unit=\"")
        .append(label(found.hold().subject()))
        .append("\",phase=\"")
        .append(found.phase() == Phase.HELD ? "held" : "releasing")
        .append('"')
        .append(labels)
        .append("} ")
        .append(value)
        .append('\n');
  }

  private static String label(String value) {
    return OneLine.visible(value).replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
