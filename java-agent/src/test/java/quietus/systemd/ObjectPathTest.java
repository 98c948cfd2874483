// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectPathTest {
  @ParameterizedTest
  @CsvSource({
    "ssh.service,ssh_2eservice",
    "foo\\x2dbar@a-b.service,foo_5cx2dbar_40a_2db_2eservice",
    "1st.service,_31st_2eservice",
    "a1.b_c:d.socket,a1_2eb_5fc_3ad_2esocket",
    "-.mount,_2d_2emount",
    "ü.service,_c3_bc_2eservice"
  })
  void aUnitsPathEscapesWhatAPathMayNotHold(String unit, String path) {
    assertEquals("/org/freedesktop/systemd1/unit/" + path, ObjectPath.ofUnit(unit));
  }

  @ParameterizedTest
  @CsvSource({
    "/org/freedesktop/systemd1/job/4711,4711",
    "/org/freedesktop/systemd1/job/4294967295,4294967295"
  })
  void aJobsPathTellsItsNumber(String path, long job) {
    assertEquals(job, ObjectPath.job(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/org/freedesktop/systemd1/job/",
        "/org/freedesktop/systemd1/job/x",
        "/org/freedesktop/systemd1/job/-1",
        "/org/freedesktop/systemd1/job/12345678901",
        "/org/freedesktop/systemd1/unit/7"
      })
  void anotherPathIsNoJobs(String path) {
    assertThrows(SystemdException.class, () -> ObjectPath.job(path));
  }
}
