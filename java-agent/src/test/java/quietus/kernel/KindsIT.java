// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Kinds of units that need a kernel of their own: mounts, swap, devices. */
@ParameterizedClass
@MethodSource("quietus.kernel.KernelHost#suites")
class KindsIT {
  private static final String COUNTED =
      "[Service]\n"
          + "ExecStartPre=/bin/sh -c 'echo %n >>/run/started'\n"
          + "ExecStart=/bin/sleep infinity\n";

  private static final String STORE =
      """
      import array, os, socket, time
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.connect(os.environ['NOTIFY_SOCKET'])
      given = os.environ.get('LISTEN_FDS')
      open('/run/given', 'a').write('%s\\n' % given)
      if not given:
          f = [os.memfd_create('kept')]
          s.sendmsg([b'FDSTORE=1\\nFDNAME=kept'],
                    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', f))])
      s.send(b'READY=1')
      time.sleep(99999)
      """;

  private static final String BY_HAND = "set up by hand";

  private static KernelHost host;

  @Parameter private String suite;

  @BeforeParameterizedClassInvocation
  static void boot(String suite) {
    host = KernelHost.boot(suite, "512M");
    modules();
  }

  @AfterParameterizedClassInvocation
  static void remove() {
    host.close();
  }

  private static void modules() {
    host.sh("modprobe -a loop autofs4; mkdir -p /srv; [ -b /dev/loop0 ]").ok();
  }

  private static void reboot() {
    host.reboot();
    modules();
  }

  private static void rebootAndAwait(String up) {
    reboot();
    host.await(up);
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals("", host.traces());
  }

  private static String started() {
    return host.sh("cat /run/started 2>/dev/null | sort | uniq -c").out();
  }

  private static void start(String units) {
    host.sh("systemctl daemon-reload && systemctl start " + units).ok();
  }

  private static void areDown(String units, String when) {
    for (String unit : units.split(" ")) {
      assertTrue(
          host.active(unit).matches("inactive|failed"), unit + " " + host.active(unit) + when);
    }
  }

  private static String inexact(KernelHost.Answer answer) {
    return answer.report().get("inexact").toString();
  }

  /** Shows that an attack works: without a hold it starts the unit again after a stop. */
  private static void isADoor(String attack, String unit) {
    host.sh("systemctl stop " + unit).ok();
    host.sh(attack);
    host.await("systemctl is-active -q " + unit);
  }

  /**
   * Quiesces a unit, runs an attack, and releases it.
   *
   * @param units all that is up before and after
   * @param attack what would bring one of them up, without a start by name
   * @param down what must be true while it is held
   * @return the report of the quiesce
   */
  private KernelHost.Answer isHeldAndRestored(
      String unit, String units, String attack, String down) {
    String before = host.states(units);
    KernelHost.Answer answer = host.quiesce(unit).ok();
    String starts = started();
    for (String member : units.split(" ")) {
      assertTrue(answer.report().get("members").toString().contains(member), member);
    }
    areDown(units, " after the quiesce");
    host.sh(
        attack + "\nfor u in " + units + "; do systemctl start $u; done; systemctl daemon-reload");
    areDown(units, " after the attack");
    assertEquals(starts, started(), "starts while held");
    host.sh(down).ok();
    assertFalse(host.quiesce(unit).ok().changed());
    host.release(unit).ok();
    assertEquals(before, host.states(units));
    assertEquals("", host.traces());
    assertFalse(host.release(unit).ok().changed());
    host.sh("systemctl stop " + units).ok();
    System.out.println(suite + ": held and restored: " + units);
    return answer;
  }

  private static void image(String name, String directory) {
    host.sh(
            "truncate -s 16M /srv/%1$s && mkfs.ext4 -qF /srv/%1$s && mkdir -p %2$s"
                .formatted(name, directory))
        .ok();
  }

  /** The unit srv-NAME.mount, which mounts a new image on /srv/NAME. */
  private static void loopMount(String image, String name) {
    image(image, "/srv/" + name);
    host.unit(
        "srv-" + name + ".mount",
        "[Mount]\nWhat=/srv/%s\nWhere=/srv/%s\nType=ext4\nOptions=loop\n".formatted(image, name));
  }

  @Test
  void aMountOnALoopDeviceIsHeldWithItsAutomountAndTheUnitThatRequiresIt() {
    loopMount("image", "data");
    host.unit("srv-data.automount", "[Automount]\nWhere=/srv/data\n");
    host.unit("reader.service", "[Unit]\nRequiresMountsFor=/srv/data\n" + COUNTED);
    start("srv-data.automount");
    String look = "timeout 20 ls /srv/data/lost+found";
    isADoor(look, "srv-data.mount");
    start("reader.service");
    isHeldAndRestored(
        "srv-data.mount",
        "srv-data.mount srv-data.automount reader.service",
        look,
        "! findmnt /srv/data");
  }

  @Test
  void aUnitThatRequiresAMountLeavesTheMountAlone() {
    loopMount("image2", "more");
    host.unit(
        "writer.service",
        "[Unit]\nRequiresMountsFor=/srv/more\n" + COUNTED + "[Install]\nWantedBy=srv-more.mount\n");
    host.sh("systemctl daemon-reload; systemctl enable writer").ok();
    start("srv-more.mount");
    String mount = "systemctl restart srv-more.mount";
    isADoor(mount, "writer.service");
    isHeldAndRestored("writer", "writer.service", mount, "findmnt /srv/more");
    host.sh("systemctl disable writer; systemctl stop srv-more.mount").ok();
  }

  @Test
  void aMountOfFstabIsHeldOverABootAndOneThatTheBootNeedsIsRefused() {
    image("image3", "/srv/tab");
    host.sh(
            "cp /etc/fstab /root/fstab; echo '/srv/image3 /srv/tab ext4 loop,nofail 0 0'"
                + " >>/etc/fstab")
        .ok();
    start("srv-tab.mount");
    String before = host.states("srv-tab.mount");
    host.quiesce("srv-tab.mount").ok();
    reboot();
    areDown("srv-tab.mount", " after a boot");
    host.sh("systemctl start local-fs.target srv-tab.mount");
    areDown("srv-tab.mount", " after a boot and a start");
    assertEquals("running", host.sh("systemctl is-system-running --wait").out().strip());
    host.release("srv-tab.mount").ok();
    assertEquals(before, host.states("srv-tab.mount"));
    assertEquals("", host.traces());

    host.sh("sed -i s/,nofail// /etc/fstab; systemctl daemon-reload").ok();
    KernelHost.Answer refused = host.quiesce("srv-tab.mount");
    assertFalse(refused.succeeded());
    assertTrue(
        refused.report().get("msg").textValue().contains("would stop local-fs.target"),
        refused.toString());
    assertEquals("active", host.active("srv-tab.mount"));
    host.sh("systemctl stop srv-tab.mount; cp /root/fstab /etc/fstab; systemctl daemon-reload")
        .ok();
  }

  /** systemd knows it only from the kernel's table of mounts, and cannot mount it again. */
  @Test
  void aManualMountIsStoppedAndReportedAsNotRestorable() {
    loopMount("image4", "hand");
    start("srv-hand.mount");
    image("image5", "/srv/hand/below");
    String mount = "mount -o loop /srv/image5 /srv/hand/below";
    host.sh(mount).ok();
    host.await("systemctl is-active -q srv-hand-below.mount");
    KernelHost.Answer held = host.quiesce("srv-hand.mount").ok();
    assertTrue(inexact(held).contains("srv-hand-below.mount"), inexact(held));
    assertTrue(inexact(held).contains(BY_HAND), inexact(held));
    areDown("srv-hand.mount srv-hand-below.mount", " after the quiesce");

    // mount(8) does not ask systemd: this door stays open, and the next run closes it again
    host.sh("mount -o loop /srv/image4 /srv/hand").ok();
    host.await("systemctl is-active -q srv-hand.mount");
    KernelHost.Answer again = host.quiesce("srv-hand.mount").ok();
    assertTrue(
        again.report().get("warnings").toString().contains("srv-hand.mount was up though"),
        again.toString());
    areDown("srv-hand.mount", " after the second quiesce");
    host.sh("! findmnt /srv/hand").ok();

    KernelHost.Answer released = host.release("srv-hand.mount").ok();
    assertEquals("[]", released.report().get("warnings").toString());
    assertEquals("active", host.active("srv-hand.mount"));
    host.sh(mount + "; systemctl stop srv-hand.mount").ok();
  }

  @Test
  void aSwapFileIsHeldAndAManualSwapIsReportedAsNotRestorable() {
    host.sh("fallocate -l 16M /srv/swapfile && chmod 600 /srv/swapfile && mkswap -q /srv/swapfile")
        .ok();
    Assumptions.assumeTrue(
        host.sh("swapon /srv/swapfile").status() == 0, "this kernel has no swap on files");
    host.await("systemctl is-active -q srv-swapfile.swap");
    KernelHost.Answer held = host.quiesce("srv-swapfile.swap").ok();
    assertTrue(inexact(held).contains(BY_HAND), inexact(held));
    host.sh("[ -z \"$(swapon --show --noheadings)\" ]").ok();
    assertEquals("[]", host.release("srv-swapfile.swap").ok().report().get("warnings").toString());

    host.unit("srv-swapfile.swap", "[Swap]\nWhat=/srv/swapfile\n[Install]\nWantedBy=swap.target\n");
    host.sh("systemctl daemon-reload; systemctl enable --now srv-swapfile.swap").ok();
    String target = "systemctl start swap.target";
    isADoor(target, "srv-swapfile.swap");
    isHeldAndRestored(
        "srv-swapfile.swap",
        "srv-swapfile.swap",
        target,
        "[ -z \"$(swapon --show --noheadings)\" ]");
    host.sh("systemctl disable srv-swapfile.swap").ok();
  }

  @Test
  void aUdevDeviceIsADoorAndStartsNothingWhileHeld() {
    host.write(
        "/etc/udev/rules.d/90-hot.rules",
        "SUBSYSTEM==\"block\", KERNEL==\"loop5\", TAG+=\"systemd\","
            + " ENV{SYSTEMD_WANTS}+=\"hot.service\"\n");
    host.unit("hot.service", COUNTED);
    host.sh("systemctl daemon-reload; udevadm control --reload; truncate -s 4M /srv/hot").ok();
    String until =
        "; udevadm settle; timeout 20 sh -c 'until %s systemctl is-active -q dev-loop5.device; do"
            + " sleep 0.1; done'";
    String trigger =
        "losetup -d /dev/loop5"
            + until.formatted("!")
            + " && losetup /dev/loop5 /srv/hot"
            + until.formatted("");
    host.sh(trigger).ok();
    host.await("systemctl is-active -q hot.service");
    isADoor(trigger, "hot.service");
    KernelHost.Answer held =
        isHeldAndRestored("hot", "hot.service", trigger, "systemctl is-active -q dev-loop5.device");
    StringBuilder doors = new StringBuilder();
    for (JsonNode door : held.report().get("doors")) {
      doors.append(door.get("kind").textValue()).append(' ');
    }
    assertEquals("device ", doors.toString(), held.report().get("doors").toString());
    host.sh("losetup -d /dev/loop5; rm /etc/udev/rules.d/90-hot.rules; udevadm control --reload")
        .ok();
  }

  @Test
  void aFifoStartsNothing() {
    host.unit("pipe.service", COUNTED.replace("sleep infinity", "sh -c 'cat <&3; sleep infinity'"));
    host.unit("pipe.socket", "[Socket]\nListenFIFO=/run/pipe.fifo\n");
    start("pipe.socket");
    String write = "timeout 2 sh -c 'echo x >/run/pipe.fifo'";
    isADoor(write, "pipe.service");
    isHeldAndRestored("pipe", "pipe.socket pipe.service", write, "true");
  }

  @Test
  void aMessageOfTheKernelsOnANetlinkSocketStartsNothing() {
    host.unit("link.service", COUNTED);
    host.unit("link.socket", "[Socket]\nListenNetlink=kobject-uevent 1\nReceiveBuffer=1M\n");
    start("link.socket");
    String event = "udevadm trigger --settle --action=change /sys/block/loop0";
    isADoor(event, "link.service");
    isHeldAndRestored("link", "link.socket link.service", event, "true");
  }

  @Test
  void connectionsOfAnAcceptingSocketEndAndNoneIsServedWhileHeld() {
    host.unit("each.socket", "[Socket]\nListenStream=/run/each.sock\nAccept=yes\n");
    host.unit(
        "each@.service",
        "[Service]\nExecStartPre=/bin/sh -c 'echo each >>/run/started'\nStandardInput=socket\n"
            + "ExecStart=/bin/cat\n");
    start("each.socket");
    host.sh("systemd-run -q --unit=client sh -c 'sleep 1000 | nc -U /run/each.sock'").ok();
    String served = "systemctl list-units --no-legend 'each@*' | grep -q running";
    host.await(served);
    String starts = started();
    KernelHost.Answer held = host.quiesce("each.socket").ok();
    assertTrue(inexact(held).contains("accepted connection"), inexact(held));
    assertNotEquals(0, host.sh(served).status());
    assertNotEquals(0, host.sh("echo x | timeout 2 nc -U /run/each.sock").status());
    host.sh("systemctl start each.socket each@1.service");
    assertNotEquals(0, host.sh(served).status());
    assertEquals(starts, started());
    assertEquals("inactive", host.active("each.socket"));
    host.release("each.socket").ok();
    assertEquals("active", host.active("each.socket"));
    host.sh(
            "systemctl stop client; systemd-run -q --unit=client2 sh -c 'sleep 1000 | nc -U"
                + " /run/each.sock'")
        .ok();
    host.await(served);
    host.sh("systemctl stop client2 each.socket 'each@*'").ok();
  }

  private static String stored() {
    return host.sh("systemctl show --value -p NFileDescriptorStore store.service").ok();
  }

  private static void store(String more) {
    host.write("/opt/store.py", STORE);
    host.unit(
        "store.service",
        "[Service]\nType=notify\nFileDescriptorStoreMax=4\n"
            + more
            + "ExecStartPre=/bin/sh -c 'echo %n >>/run/started'\n"
            + "ExecStart=/usr/bin/python3 /opt/store.py\n"
            + "[Install]\nWantedBy=multi-user.target\n");
    host.sh("rm -f /run/given; systemctl daemon-reload; systemctl enable --now store").ok();
    host.await("[ \"$(systemctl show --value -p NFileDescriptorStore store.service)\" = 1 ]");
  }

  @Test
  void aServiceWithStoredDescriptorsComesBackWithoutThemAsReported() {
    store("");
    KernelHost.Answer held =
        isHeldAndRestored("store", "store.service", "systemctl start multi-user.target", "true");
    assertTrue(inexact(held).contains("1 file descriptor for it, which is closed"), inexact(held));
    assertEquals("None\nNone", host.sh("cat /run/given").ok());
    host.sh("systemctl disable store").ok();
  }

  @Test
  void storedDescriptorsAreClosedAndReportedAlsoOfAServiceThatIsDown() {
    int version =
        Integer.parseInt(
            host.sh("systemctl --version | sed -n '1s/systemd \\([0-9]*\\).*/\\1/p'").ok());
    Assumptions.assumeTrue(
        version >= 254,
        "systemd " + version + " has no FileDescriptorStorePreserve=, which came with 254");
    store("FileDescriptorStorePreserve=yes\n");
    host.sh("systemctl stop store").ok();
    assertEquals("1", stored());
    host.sh("systemctl start store").ok();
    assertEquals("None\n1", host.sh("cat /run/given").ok(), "a stop and a start keep it");
    KernelHost.Answer held =
        isHeldAndRestored(
            "store",
            "store.service",
            "systemctl start multi-user.target",
            "[ $(systemctl show --value -p NFileDescriptorStore store.service) = 0 ]");
    assertTrue(inexact(held).contains("1 file descriptor for it, which is closed"), inexact(held));
    assertEquals("None\n1\nNone", host.sh("cat /run/given").ok());

    assertEquals("1", stored());
    assertTrue(host.states("store.service").contains("dead-resources-pinned"));
    held = host.quiesce("store").ok();
    assertEquals("0", stored());
    assertTrue(inexact(held).contains("1 file descriptor for it, which is closed"), inexact(held));
    host.release("store").ok();
    host.sh("systemctl disable store").ok();
  }

  @Test
  void aLingeringUsersUnitIsHeldOverABoot() {
    host.write(
        "/home/deploy/.config/systemd/user/mine.service",
        COUNTED.replace("/run/started", "%t/started") + "[Install]\nWantedBy=default.target\n");
    String user =
        "runuser -u deploy -- env -u XDG_CONFIG_HOME HOME=/home/deploy"
            + " XDG_RUNTIME_DIR=/run/user/$(id -u deploy) ";
    String up = user + "systemctl --user is-active -q default.target";
    String state = user + "systemctl --user is-active mine";
    String starts = "cat /run/user/$(id -u deploy)/started 2>/dev/null | wc -l";
    host.sh(
            "chmod 644 /opt/quietus.*; chown -R deploy: /home/deploy; loginctl enable-linger"
                + " deploy")
        .ok();
    host.await(up);
    host.sh(user + "systemctl --user daemon-reload; " + user + "systemctl --user enable --now mine")
        .ok();
    rebootAndAwait(up);
    assertEquals("active", host.sh(state).out().strip(), "without a hold a boot starts it");
    host.sh(user + KernelHost.quietus("quiesce --user mine --reason boot")).ok();
    assertEquals("inactive", host.sh(state).out().strip());
    rebootAndAwait(up);
    host.sh(user + "systemctl --user start mine default.target");
    assertEquals("inactive", host.sh(state).out().strip());
    assertEquals("0", host.sh(starts).ok());
    assertTrue(host.sh(user + KernelHost.quietus("holds --user")).ok().contains("mine.service"));
    host.sh(user + KernelHost.quietus("release --user mine")).ok();
    assertEquals("active", host.sh(state).out().strip());
    assertEquals("1", host.sh(starts).ok());
    assertEquals(
        "",
        host.sh(
                "find /home/deploy/.config/quietus /home/deploy/.config/systemd/user.control"
                    + " /run/user/$(id -u deploy)/quietus -type f -not -name lock 2>/dev/null")
            .out());
    host.sh("loginctl disable-linger deploy").ok();
    System.out.println(suite + ": a lingering user's unit was held over a boot");
  }
}
