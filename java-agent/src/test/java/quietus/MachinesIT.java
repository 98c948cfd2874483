// SPDX-License-Identifier: GPL-3.0-or-later
package quietus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import quietus.lab.Host;

/** Portable services, and containers of systemd-nspawn: docs/guide.md, "Other hosts". */
@ParameterizedClass
@MethodSource("quietus.lab.Suites#all")
class MachinesIT {
  private static Host host;

  @Parameter String suite;

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = Host.boot("machines:" + suite);
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  /**
   * A directory with sleep and a shell, of files that the host has, that systemd takes for a
   * system.
   */
  private static void tree(String directory) {
    host.sh(
            "mkdir -p "
                + directory
                + " && cd "
                + directory
                + " && tar -C / -chf - usr/bin/sleep usr/bin/dash usr/lib64/ld-linux-x86-64.so.2"
                + " usr/lib/x86_64-linux-gnu/libc.so.6 --transform 's,^usr/lib64,lib64,' | tar -xf"
                + " - && mkdir -p proc sys dev run tmp var/tmp root etc sbin usr/lib/systemd/system"
                + " && touch etc/resolv.conf etc/machine-id && echo ID=tiny >usr/lib/os-release")
        .ok();
  }

  private static String state(String unit) {
    return host.show(unit, "LoadState") + " " + host.show(unit, "ActiveState");
  }

  /** The processes of the service's program that run in the directory. */
  private static String sleeping(String directory) {
    return host.sh(
            "for p in $(pgrep -x sleep); do [ \"$(stat -Lc %d:%i /proc/$p/root)\" != \"$(stat -c"
                + " %d:%i "
                + directory
                + ")\" ] || echo up; done")
        .ok();
  }

  /** A container counts as started before its init runs. */
  private static void awaitSleeping(String directory) {
    for (int i = 0; i < 600 && sleeping(directory).isEmpty(); i++) {
      host.sh("sleep 0.1").ok();
    }
    assertEquals("up", sleeping(directory));
  }

  private static String left() {
    return host.sh("find /etc/systemd/system.control -not -type d 2>/dev/null").out();
  }

  private static void attachShop() {
    tree("/var/lib/portables/shop");
    host.write(
        "/var/lib/portables/shop/usr/lib/systemd/system/shop.service",
        "[Service]\nExecStart=/usr/bin/sleep infinity\nRestart=always\n"
            + "[Install]\nWantedBy=multi-user.target\n",
        0644);
    host.sh("portablectl attach --enable --now shop && systemctl daemon-reload").ok();
    assertEquals(
        "/etc/systemd/system.attached/shop.service", host.show("shop.service", "FragmentPath"));
    awaitSleeping("/var/lib/portables/shop");
  }

  @Test
  void aPortableServiceIsHeldOverABootAndRunsAgain() {
    attachShop();
    host.quiesce("shop").ok();
    assertEquals("", sleeping("/var/lib/portables/shop"));
    host.sh("systemctl daemon-reload; systemctl start multi-user.target");
    assertNotEquals(0, host.sh("systemctl start shop.service").status());
    assertEquals("masked inactive", state("shop.service"));
    host.reboot();
    host.sh("systemctl start multi-user.target").ok();
    assertEquals("masked inactive", state("shop.service"));
    assertFalse(host.quiesce("shop").ok().changed());
    host.release("shop").ok();
    assertEquals("loaded active", state("shop.service"));
    awaitSleeping("/var/lib/portables/shop");
    assertEquals("", left());
    host.sh("portablectl detach --enable --now shop").ok();
  }

  @Test
  void aPortableServiceThatIsDetachedMeanwhileIsNotStartedByTheRelease() {
    attachShop();
    host.quiesce("shop").ok();
    host.sh("portablectl detach --enable shop").ok();
    Host.Result again = host.sh("portablectl attach shop");
    assertNotEquals(0, again.status());
    Cases.assertSays(again.err(), "Unit file 'shop.service' exists on the host already, refusing");
    assertFalse(host.quiesce("shop").ok().changed());
    Host.Answer released = host.release("shop").ok();
    Cases.assertSays(
        Cases.warnings(released),
        "shop.service was up when the hold began and is not on this host any more");
    assertEquals("not-found inactive", state("shop.service"));
    assertEquals("", left());
  }

  /** It detaches, and then cannot attach, because the mask of the hold is in the way. */
  @Test
  void aPortableServiceThatIsReattachedMeanwhileHasToBeAttachedAfterTheRelease() {
    attachShop();
    host.quiesce("shop").ok();
    assertNotEquals(0, host.sh("portablectl reattach --enable --now shop").status());
    assertEquals("", sleeping("/var/lib/portables/shop"));
    assertEquals("detached", host.sh("portablectl is-attached shop").out().strip());
    host.release("shop").ok();
    host.sh("portablectl attach --enable --now shop").ok();
    assertEquals("loaded active", state("shop.service"));
    host.sh("portablectl detach --enable --now shop").ok();
  }

  @Test
  void aContainerOfNspawnIsHeldByTheNameOfItsServiceAndByItsTemplate() {
    tree("/var/lib/machines/box");
    host.sh("mkdir -p /etc/systemd/nspawn").ok();
    host.write(
        "/etc/systemd/nspawn/box.nspawn",
        "[Exec]\nPrivateUsers=no\n[Network]\nPrivate=no\nVirtualEthernet=no\n",
        0644);
    host.write( // signal 37 is SIGRTMIN+3, by which systemd-nspawn asks an init to end
        "/var/lib/machines/box/sbin/init",
        "#!/usr/bin/dash\ntrap 'exit 0' 37\nsleep infinity &\nwait\n",
        0755);
    host.sh("machinectl enable box && machinectl start box").ok();
    for (String name : new String[] {"systemd-nspawn@box", "systemd-nspawn@.service"}) {
      assertEquals("box", machines());
      awaitSleeping("/var/lib/machines/box");
      host.quiesce(name).ok();
      assertEquals("", machines());
      assertEquals("", sleeping("/var/lib/machines/box"));
      assertNotEquals(0, host.sh("machinectl start box").status());
      host.sh("systemctl start machines.target").ok();
      assertEquals("inactive", host.show("systemd-nspawn@box.service", "ActiveState"));
      host.reboot();
      assertEquals("masked inactive", state("systemd-nspawn@box.service"));
      assertEquals("", machines());
      assertFalse(host.quiesce(name).ok().changed());
      host.release(name).ok();
      assertEquals("box", machines());
      assertEquals("enabled", host.show("systemd-nspawn@box.service", "UnitFileState"));
      assertEquals("", left());
    }
    host.sh("machinectl disable box && systemctl stop systemd-nspawn@box").ok();
  }

  private static String machines() {
    return host.sh("machinectl list --no-legend | awk '{print $1}'").ok();
  }
}
