// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** quietus metrics, on a real host. */
class MetricsIT extends Cases {
  @Test
  void theFileIsWrittenAtOnceAndFollowsNoLink() {
    service("myapi.service");
    start("myapi.service");
    quiesce("myapi", "'reason':'new disks'", "'lease':3600").ok();
    host.sh(
            "mkdir /var/lib/cases/textfile; touch /var/lib/cases/target; ln -s ../target"
                + " /var/lib/cases/textfile/quietus.prom; ln -s ../target"
                + " /var/lib/cases/textfile/.quietus.prom.new")
        .ok();
    quietus("metrics --output /var/lib/cases/textfile/quietus.prom").ok();
    assertEquals(
        "644 regular file\nquietus.prom",
        host.sh("cd /var/lib/cases/textfile && stat -c '%a %F' quietus.prom && ls -A").ok());
    assertEquals("", host.sh("cat /var/lib/cases/target").ok());
    String text = host.sh("cat /var/lib/cases/textfile/quietus.prom").ok();
    assertSays(
        text,
        "quietus_holds 1\n",
        "reason=\"new disks\"",
        "quietus_hold_overdue{unit=\"myapi.service\",phase=\"held\"} 0");
    release("myapi").ok();
    assertSays(quietus("metrics").ok(), "quietus_holds 0\n");
    host.sh("rm -r /var/lib/cases/textfile");
    assertEquals(2, quietus("metrics --output quietus.prom").status());
  }
}
