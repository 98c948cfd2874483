// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.lab.Host;

/**
 * Debian's packages as their maintainers ship them, and with an administrator's full copy of each
 * unit file in /etc.
 */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class PackagesIT {
  /**
   * systemd's message IDs for a unit that starts and for one that has started
   * (systemd.journal-fields(7), sd-messages.h).
   */
  private static final String STARTING = "MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5";

  private static final String STARTED = "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf";

  private static Host host;

  @Parameter
  @SuppressWarnings("UnusedVariable") // JUnit wants a place for the parameter of boot()
  private String suite;

  /**
   * A package.
   *
   * @param subject what is quiesced
   * @param files the units that it ships, as far as an administrator may override them
   * @param members what must be in the family
   * @param client the real client; it succeeds when the service serves
   * @param attacks further ways by which the service starts
   * @param program its process while it runs
   */
  record Package(
      String subject,
      List<String> files,
      List<String> members,
      String client,
      List<String> attacks,
      String program) {
    @Override
    public String toString() {
      return subject;
    }
  }

  static Stream<Package> packages() {
    return Stream.of(
        new Package(
            "cups",
            List.of("cups.service", "cups.socket", "cups.path", "cups-browsed.service"),
            List.of("cups.service", "cups.socket", "cups.path", "cups-browsed.service"),
            "LC_ALL=C lpstat -r | grep -q 'is running'",
            List.of(
                "curl -s --max-time 2 --unix-socket /run/cups/cups.sock http://localhost/",
                "curl -s --max-time 2 http://localhost:631/",
                "touch /var/cache/cups/org.cups.cupsd"),
            "cupsd"),
        new Package(
            "rpcbind",
            List.of("rpcbind.service", "rpcbind.socket"),
            List.of("rpcbind.service", "rpcbind.socket"),
            "timeout 3 rpcinfo -p >/dev/null",
            List.of(
                "systemctl start portmap.service",
                "echo | nc -w1 127.0.0.1 111",
                "echo | nc -U -w1 /run/rpcbind.sock",
                "systemctl start rpcbind.target"),
            "rpcbind"),
        new Package(
            "avahi-daemon",
            List.of("avahi-daemon.service", "avahi-daemon.socket"),
            List.of("avahi-daemon.service", "avahi-daemon.socket"),
            "timeout 3 busctl call org.freedesktop.Avahi / org.freedesktop.Avahi.Server"
                + " GetVersionString >/dev/null",
            List.of(
                "echo HELP | nc -U -w1 /run/avahi-daemon/socket",
                "systemctl start dbus-org.freedesktop.Avahi.service",
                "timeout 3 avahi-browse -at"),
            "avahi-daemon"),
        new Package(
            "postgresql",
            List.of("postgresql.service", "postgresql@.service"),
            List.of("postgresql.service", "postgresql@VERSION-main.service"),
            "runuser -u postgres -- psql -Atc 'select 1' >/dev/null 2>&1",
            List.of(
                "pg_ctlcluster VERSION main start",
                "systemctl restart postgresql@VERSION-main",
                "service postgresql start"),
            "postgres"),
        new Package(
            "postgresql@.service",
            List.of("postgresql.service", "postgresql@.service"),
            List.of("postgresql@.service", "postgresql@VERSION-main.service"),
            "runuser -u postgres -- psql -Atc 'select 1' >/dev/null 2>&1",
            List.of("pg_ctlcluster VERSION main start", "systemctl restart postgresql"),
            "postgres"),
        new Package(
            "podman.socket",
            List.of("podman.service", "podman.socket"),
            List.of("podman.service", "podman.socket"),
            "curl -sf --max-time 10 --unix-socket /run/podman/podman.sock http://d/_ping | grep -q"
                + " OK",
            List.of("systemctl start podman.service"),
            "podman"));
  }

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot("packages:" + suite);
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  @AfterEach
  void asShipped() {
    host.sh(
        "for hold in $(ls /etc/quietus/holds /etc/quietus/releasing 2>/dev/null | grep"
            + " '[.][a-z]*$'); do java -jar /opt/quietus.jar release \"$hold\"; done");
    for (Package one : packages().toList()) {
      host.sh(
          "cd /etc/systemd/system && for u in "
              + String.join(" ", one.files())
              + "; do [ -L $u ] || rm -f $u; done");
    }
    host.sh(
            "systemctl daemon-reload; systemctl reset-failed; systemctl start cups.socket cups.path"
                + " cups cups-browsed rpcbind.socket rpcbind avahi-daemon.socket avahi-daemon"
                + " postgresql podman.socket")
        .ok();
  }

  private static String version() {
    return host.sh("ls /etc/postgresql").ok();
  }

  private static List<String> here(List<String> texts) {
    String version = version();
    return texts.stream().map(text -> text.replace("VERSION", version)).toList();
  }

  /**
   * Every unit of the host that is not just absent or down; without podman's proxy, which ends by
   * itself some time after the boot.
   */
  private static String everything() {
    return host.allUnits()
        .lines()
        .filter(
            line -> !line.matches("\\S+ (loaded|not-found) inactive dead|netavark-dhcp-proxy.*"))
        .collect(Collectors.joining("\n"));
  }

  /** podman.service ends by itself when nobody calls; what is compared is the host at rest. */
  private static String atRest() {
    host.sh(
            "LC_ALL=C lpstat -r; until [ $(systemctl show --value -p ActiveState podman.service) ="
                + " inactive ]; do sleep 0.1; done; until [ -z \"$(systemctl list-jobs"
                + " --no-legend)\" ]; do sleep 0.05; done")
        .ok();
    return everything();
  }

  private static String cursor() {
    return host.sh(
            "journalctl --sync; journalctl -q -n0 --show-cursor -b | sed -n 's/-- cursor: //p'")
        .ok();
  }

  /** Which of some units began to start since then, a line for each start. */
  private static List<String> starts(String cursor, List<String> units) {
    String out =
        host.sh(
                "journalctl --sync; journalctl -q -b _PID=1 --after-cursor='"
                    + cursor
                    + "' -o json --output-fields=UNIT "
                    + STARTING
                    + " "
                    + STARTED)
            .ok();
    return out.lines()
        .filter(line -> units.stream().anyMatch(unit -> line.contains("\"" + unit + "\"")))
        .toList();
  }

  private void override(Package one) {
    for (String file : one.files()) {
      host.sh("cp \"$(ls /lib/systemd/system/" + file + ")\" /etc/systemd/system/" + file).ok();
    }
    host.sh("systemctl daemon-reload").ok();
  }

  private static void attacked(Package one, List<String> units) {
    for (String attack : here(one.attacks())) {
      host.sh(attack);
    }
    host.sh(one.client());
    for (String unit : units) {
      if (!unit.contains("@.")) {
        host.sh("systemctl start " + unit + "; deb-systemd-invoke start " + unit);
      }
    }
    host.sh(
        "systemctl start multi-user.target; systemctl start sockets.target; systemctl start"
            + " timers.target; systemctl start paths.target");
  }

  private void heldThroughTheStormAndRestored(Package one) {
    host.sh(one.client()).ok();
    String before = atRest();
    Host.Answer held = host.quiesce(one.subject(), "\"reason\":\"a test\"").ok();
    assertTrue(held.changed());
    List<String> units = held.units();
    assertTrue(units.containsAll(here(one.members())), units.toString());
    String cursor = cursor();
    attacked(one, units);
    assertTrue(
        host.sh(one.client()).status() != 0, "the client is served though the service is quiesced");
    assertEquals(List.of(), starts(cursor, units), "starts while it was held");
    assertEquals(
        "0", host.sh("pgrep -xc " + one.program() + "; true").ok(), "processes while it is held");
    assertFalse(host.quiesce(one.subject()).ok().changed());
    host.release(one.subject()).ok();
    assertFalse(starts(cursor, units).isEmpty(), "the starts of the release are seen");
    assertEquals(before, atRest(), "every unit of the host");
    host.sh(one.client()).ok();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageIsHeldAndRestoredAsItIsShipped(Package one) {
    heldThroughTheStormAndRestored(one);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageIsHeldAndRestoredUnderAnAdministratorsCopyOfItsUnitFiles(Package one) {
    override(one);
    heldThroughTheStormAndRestored(one);
    assertEquals(
        one.files().size() + "",
        host.sh("cd /etc/systemd/system && ls -d " + String.join(" ", one.files()) + " | wc -l")
            .ok(),
        "the administrator's files");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cups cups-daemon", "rpcbind rpcbind"})
  void anUpgradeOfAHeldPackageSucceedsAndStartsNothing(String which) {
    String subject = which.split(" ")[0];
    Package one =
        packages().filter(each -> each.subject().equals(subject)).findFirst().orElseThrow();
    host.sh(one.client()).ok();
    String before = atRest();
    List<String> units = host.quiesce(subject).ok().units();
    String cursor = cursor();
    host.sh(
            "DEBIAN_FRONTEND=noninteractive apt-get install --reinstall --no-download -y "
                + which.split(" ")[1])
        .ok();
    assertEquals(List.of(), starts(cursor, units), "starts by the package's scripts");
    assertTrue(host.sh(one.client()).status() != 0);
    assertFalse(host.quiesce(subject).ok().changed(), "the hold is as it was");
    attacked(one, units);
    assertEquals(List.of(), starts(cursor, units), "starts after the upgrade");
    host.release(subject).ok();
    assertEquals(before, atRest());
    host.sh(one.client()).ok();
  }
}
