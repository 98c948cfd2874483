// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import quietus.lab.Host;

/**
 * An ordinary user sends forged and malformed signals to root's run. Root asks PID 1 on its own
 * socket, where nobody else can send. It uses the system bus only if that socket is missing, so
 * this test moves the socket away.
 */
class BusSignalsIT extends Cases {
  private static final String MANAGER = "org.freedesktop.systemd1.Manager";

  /**
   * Tells every run of the agent on the bus, again and again, that each job has ended; and sends it
   * signals that cannot be parsed. What was sent is written to a file.
   */
  private static final String FORGER =
      """
      while [ -e /tmp/forger/on ]; do
        for name in $(busctl --no-pager --no-legend list | awk '$3 == "java" && $1 ~ /^:/ {print $1}'); do
          signal="dbus-send --system --type=signal --dest=$name /org/freedesktop/systemd1"
          $signal MANAGER.JobRemoved string:nonsense
          $signal MANAGER.JobNew
          $signal MANAGER.JobRemoved uint32:1
          for job in $(systemctl --no-legend list-jobs | awk '{print $1}'); do
            $signal MANAGER.JobRemoved uint32:$job objpath:/org/freedesktop/systemd1/job/$job \\
              string:slow.service string:done && echo "$name $job" >>/tmp/forger/sent
          done
        done
      done
      """
          .replace("MANAGER", MANAGER);

  @AfterEach
  void theSocketIsBack() {
    host.sh(
        "rm -f /tmp/forger/on /tmp/fail; touch /tmp/go; [ ! -e /run/systemd/private.away ] || mv"
            + " /run/systemd/private.away /run/systemd/private");
  }

  @Test
  void aStrangersSignalsNeitherEndAWaitNorARun() {
    String waits = "/bin/sh -c 'until [ -e /tmp/go ]; do sleep 0.1; done";
    unit(
        "slow.service",
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart="
            + waits
            + "; test ! -e /tmp/fail'\nExecStop="
            + waits
            + "'\n");
    host.sh("touch /tmp/go; mkdir -m 777 -p /tmp/forger; touch /tmp/forger/on").ok();
    start("slow");
    host.write("/opt/forger", FORGER, 0644);
    host.sh(
            "mv /run/systemd/private /run/systemd/private.away; rm /tmp/go; (runuser -u admin -- sh"
                + " /opt/forger >/tmp/forger.log 2>&1 &)")
        .ok();

    CompletableFuture<Host.Answer> quiesce =
        CompletableFuture.supplyAsync(() -> quiesce("slow.service"));
    forge();
    assertFalse(quiesce.isDone(), "the stop has not ended");
    host.run("touch", "/tmp/go").ok();
    Host.Answer held = quiesce.join().ok();
    assertEquals("inactive", held.member("slow.service").get("after").get("active").textValue());

    host.sh("rm -f /tmp/go /tmp/forger/sent; touch /tmp/fail").ok();
    CompletableFuture<Host.Answer> release =
        CompletableFuture.supplyAsync(() -> release("slow.service"));
    forge();
    host.run("touch", "/tmp/go").ok();
    Host.Answer failed = release.join();
    assertTrue(failed.failed(), "a start that failed was taken for one that is done");
    assertSays(failed.msg(), "slow.service did not come up");
    host.run("rm", "/tmp/fail").ok();
    Host.Answer back = release("slow.service").ok();
    assertEquals("active", back.member("slow.service").get("after").get("active").textValue());
  }

  /** Waits until a run on the bus was told several times that its job has ended. */
  private static void forge() {
    String sent =
        host.sh(
                "for i in $(seq 600); do [ $(cat /tmp/forger/sent 2>/dev/null | wc -l) -ge 5 ] &&"
                    + " break; sleep 0.1;"
                    + " done; cat /tmp/forger/sent; cat /tmp/forger.log >&2")
            .out();
    assertTrue(sent.lines().count() >= 5, "no run on the bus was found to forge for: " + sent);
  }
}
