// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.hold.AllHolds;
import quietus.hold.DamagedHold;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.hold.Lease;
import quietus.hold.Now;
import quietus.hold.Phase;
import quietus.hold.Until;

class MetricsTest {
  private static final Instant SINCE = Instant.parse("2026-11-22T03:02:11Z");
  private static final Now THEN = new Now(SINCE, "boot", 100);

  private static FoundHold hold(String subject, String reason, Lease lease, Phase phase) {
    return new FoundHold(
        new Hold(
            subject,
            List.of(subject),
            Until.RELEASED,
            SINCE,
            new Holder("root", "root", null),
            reason,
            lease,
            List.of(),
            List.of(),
            List.of()),
        phase);
  }

  @Test
  void eachHoldHasItsSamples() {
    Lease lease = Lease.of(Duration.ofSeconds(60), THEN);
    Now later = new Now(SINCE.plusSeconds(90), "boot", 190);
    String text =
        MetricsText.of(
            new AllHolds(
                List.of(
                    hold("a.service", "new disks", lease, Phase.HELD),
                    hold("dev\\x2db.mount", "say \"yes\"\\", null, Phase.RELEASING)),
                List.of(new DamagedHold("c.service", Until.RELEASED, "it is damaged"))),
            later);
    List<String> samples = new ArrayList<>();
    for (String line : text.split("\n")) {
      if (!line.startsWith("#")) {
        samples.add(line);
      }
    }
    assertEquals(
        List.of(
            "quietus_holds 2",
            "quietus_damaged_records 1",
            "quietus_hold_info{unit=\"a.service\",phase=\"held\",until=\"released\",by=\"root\",reason=\"new"
                + " disks\"} 1",
            "quietus_hold_info{unit=\"dev\\\\x2db.mount\",phase=\"releasing\",until=\"released\",by=\"root\",reason=\"say"
                + " \\\"yes\\\"\\\\\"} 1",
            "quietus_hold_since_seconds{unit=\"a.service\",phase=\"held\"} "
                + SINCE.getEpochSecond(),
            "quietus_hold_since_seconds{unit=\"dev\\\\x2db.mount\",phase=\"releasing\"} "
                + SINCE.getEpochSecond(),
            "quietus_hold_units{unit=\"a.service\",phase=\"held\"} 0",
            "quietus_hold_units{unit=\"dev\\\\x2db.mount\",phase=\"releasing\"} 0",
            "quietus_hold_lease_seconds{unit=\"a.service\",phase=\"held\"} -30",
            "quietus_hold_overdue{unit=\"a.service\",phase=\"held\"} 1",
            "quietus_hold_overdue{unit=\"dev\\\\x2db.mount\",phase=\"releasing\"} 0"),
        samples);
  }

  @Test
  void everySampleHasATypeAndAHelp() {
    String text = MetricsText.of(new AllHolds(List.of(), List.of()), THEN);
    assertTrue(text.endsWith("\n"), text);
    int types = 0;
    for (String line : text.split("\n")) {
      if (line.startsWith("# TYPE ")) {
        types++;
        String name = line.split(" ")[2];
        assertTrue(text.contains("# HELP " + name + " "), name);
      }
    }
    assertEquals(7, types);
  }
}
