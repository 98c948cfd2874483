// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountsTest {
  private static final String HEAD = "36 35 98:0 / ";

  private static boolean isNoexec(String mounts, String path) {
    return new Mounts(mounts).isNoexec(Path.of(path));
  }

  @Test
  void theNearestMountPointDecides() {
    String mounts =
        HEAD
            + "/ rw,relatime - ext4 /dev/sda rw\n"
            + HEAD
            + "/var rw,nosuid,noexec,relatime shared:1 - ext4 /dev/sdb rw\n"
            + HEAD
            + "/var/lib/mysql rw - ext4 /dev/sdc rw\n";
    assertTrue(isNoexec(mounts, "/var/lib/quietus/quietus"));
    assertFalse(isNoexec(mounts, "/var/lib/mysql/x"));
    assertFalse(isNoexec(mounts, "/variable"));
    assertFalse(isNoexec(mounts, "/root/.local"));
  }

  @Test
  void ofTwoMountsAtOnePlaceTheLaterOneCounts() {
    String first = HEAD + "/var rw,noexec - ext4 /dev/sdb rw\n";
    String second = HEAD + "/var rw - ext4 /dev/sdc rw,noexec\n";
    assertFalse(isNoexec(first + second, "/var/x"));
    assertTrue(isNoexec(second + first, "/var/x"));
  }

  @Test
  void textThatIsNoMountinfoIsIgnored() {
    for (String text : new String[] {"", "\n\n", "x", "1 2 3 4", "a b c d / noexec"}) {
      assertEquals(text.endsWith("noexec"), isNoexec(text, "/x"), text);
    }
  }
}
