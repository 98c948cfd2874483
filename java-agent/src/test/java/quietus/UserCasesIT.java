// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/** Holds in a user's own manager, by that user. */
class UserCasesIT extends Cases {
  private static final String UNITS = "/home/admin/.config/systemd/user/";
  private static final String ALL = "mine.service mine.socket mine.timer after-mine.service";

  @BeforeEach
  void aUsersFamily() {
    host.sh(
            "loginctl enable-linger admin; until [ -S /run/user/$(id -u admin)/systemd/private ];"
                + " do sleep 0.05; done; rm -f /home/admin/starts")
        .ok();
    put(
        "mine.service",
        "[Service]\n"
            + "ExecStartPre=/bin/sh -c 'echo x >>/home/admin/starts'\n"
            + "ExecStart=/bin/sleep infinity\n"
            + "Restart=always\n"
            + "[Install]\n"
            + "WantedBy=default.target\n");
    put("mine.socket", "[Socket]\nListenStream=%t/mine.sock\n[Install]\nWantedBy=sockets.target\n");
    put("mine.timer", "[Timer]\nOnActiveSec=0.05\nOnUnitInactiveSec=0.05\nAccuracySec=1ms\n");
    put(
        "after-mine.service",
        "[Unit]\n"
            + "Requires=mine.service\n"
            + "After=mine.service\n"
            + "[Service]\n"
            + "ExecStart=/bin/sleep infinity\n");
    host.sh("chown -R admin: /home/admin/.config").ok();
    admin(
            "systemctl --user daemon-reload && systemctl --user enable --now mine.socket"
                + " mine.service && systemctl --user start mine.timer after-mine.service")
        .ok();
    admin(
            "until [ $(systemctl --user show --value -p SubState mine.timer) = running ]; do sleep"
                + " 0.05; done")
        .ok();
  }

  private static void put(String name, String text) {
    host.write(UNITS + name, text, 0644);
  }

  @AfterEach
  void theUsersFamilyIsGone() {
    admin("java -jar /opt/quietus.jar release --user mine");
    String left =
        admin(
                "find ~/.config/systemd/user.control ~/.config/quietus ~/.local/state/quietus"
                    + " $XDG_RUNTIME_DIR/systemd/user.control $XDG_RUNTIME_DIR/quietus -not -type d"
                    + " -not -name lock -not -path '*/state/quietus/agent/*' -not -path"
                    + " '*/state/quietus/quietus' 2>/dev/null")
            .out();
    admin(
        "systemctl --user disable --now "
            + ALL
            + "; rm -rf ~/.config/systemd ~/.config/quietus $XDG_RUNTIME_DIR/systemd/user.control;"
            + " systemctl --user daemon-reload; systemctl --user reset-failed");
    assertEquals("", left);
  }

  private static Host.Result admin(String script) {
    host.write("/tmp/as-admin", script + "\n", 0755);
    return host.sh(
        "cd /home/admin && runuser -u admin -- env HOME=/home/admin XDG_RUNTIME_DIR=/run/user/$(id"
            + " -u admin) sh /tmp/as-admin");
  }

  private static JsonNode agent(String state, String more) {
    return agent("mine", state, more);
  }

  private static JsonNode agent(String unit, String state, String more) {
    String out =
        admin(
                "echo '{\"names\":[\""
                    + unit
                    + "\"],\"state\":\""
                    + state
                    + "\",\"scope\":\"user\""
                    + more
                    + "}' | java -jar /opt/quietus.jar apply")
            .out();
    try {
      return new JsonMapper().readTree(out);
    } catch (IOException e) {
      throw new AssertionError(out, e);
    }
  }

  private static String states() {
    return admin(
            "for u in "
                + ALL
                + "; do echo $u $(systemctl --user show --value -p LoadState -p ActiveState -p"
                + " SubState -p UnitFileState $u); done")
        .ok();
  }

  private static String starts() {
    return host.sh("wc -l </home/admin/starts").ok();
  }

  private static void attacked() {
    admin(
        "for i in 1 2 3; do systemctl --user start "
            + ALL
            + " default.target sockets.target timers.target; echo | nc -U -w1"
            + " $XDG_RUNTIME_DIR/mine.sock; done");
  }

  @ParameterizedTest
  @ValueSource(strings = {"released", "reboot"})
  void aUsersFamilyIsHeldAndRestored(String until) {
    String before = states();
    JsonNode held = agent("quiesced", ",\"until\":\"" + until + "\"");
    assertFalse(held.get("failed").booleanValue(), held.toPrettyString());
    assertTrue(held.get("changed").booleanValue());
    assertEquals(4, held.get("members").size(), held.toPrettyString());
    String counted = starts();
    attacked();
    assertEquals(counted, starts());
    assertFalse(agent("quiesced", "").get("changed").booleanValue());
    assertTrue(admin("java -jar /opt/quietus.jar holds --user").ok().contains("mine.service"));
    assertFalse(
        quietus("holds").ok().contains("mine.service"), "it is the user's, not the system's");
    String release = held.get("holds").get(0).get("release").textValue();
    assertEquals("/home/admin/.local/state/quietus/quietus release --user 'mine.service'", release);
    assertTrue(admin("java -jar /opt/quietus.jar holds --user").ok().contains(release));
    admin(release).ok();
    JsonNode released = agent("running", "");
    assertFalse(released.get("failed").booleanValue(), released.toPrettyString());
    assertFalse(released.get("changed").booleanValue(), released.toPrettyString());
    admin(
            "until [ $(systemctl --user show --value -p SubState mine.timer) = running ]; do sleep"
                + " 0.05; done")
        .ok();
    assertEquals(before, states());
    assertEquals(Integer.parseInt(counted) + 1, Integer.parseInt(starts()));
  }

  @Test
  void aUsersHoldOutlivesAReboot() {
    agent("quiesced", "");
    String counted = starts();
    host.reboot();
    host.sh("until [ -S /run/user/$(id -u admin)/systemd/private ]; do sleep 0.05; done").ok();
    admin("systemctl --user is-system-running --wait");
    attacked();
    assertEquals(counted, starts());
    JsonNode released = agent("running", "");
    assertFalse(released.get("failed").booleanValue(), released.toPrettyString());
    assertEquals("active", admin("systemctl --user is-active mine.service").out().strip());
    assertEquals("active", admin("systemctl --user is-active mine.socket").out().strip());
  }

  @Test
  void aUsersLeaseReleasesByItself() {
    JsonNode held = agent("quiesced", ",\"lease\":1");
    assertFalse(held.get("failed").booleanValue(), held.toPrettyString());
    admin(
            "for i in $(seq 200); do systemctl --user is-active -q mine.service && [ ! -e"
                + " ~/.config/quietus/holds/mine.service -a ! -e"
                + " ~/.config/quietus/releasing/mine.service ] && exit 0; sleep 0.05; done; exit 1")
        .ok();
  }

  @Test
  void aUnitThatTheSessionDependsOnIsRefused() {
    JsonNode refused = agent("basic.target", "quiesced", "");
    assertTrue(
        refused.get("failed").booleanValue() && !refused.get("changed").booleanValue(),
        refused.toPrettyString());
    assertSays(refused.get("msg").textValue(), "allow_protected");
  }
}
