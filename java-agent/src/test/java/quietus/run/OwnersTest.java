// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import quietus.disk.Disk;
import quietus.disk.Layout;
import quietus.hold.Hold;
import quietus.hold.Holder;
import quietus.model.ModelSystemd;
import quietus.protocol.Report;
import quietus.protocol.VerbRequest;

/** A hold belongs to somebody, and nobody else joins it or ends it without saying so. */
class OwnersTest {
  private static final Holder ANN = new Holder("ansible from ann@one", "ann@one", null);
  private static final Holder ANNS_WINDOW = new Holder("ansible from ann@one", "ann@one", "w1");
  private static final Holder BEN = new Holder("ansible from ben@two", "ben@two", null);
  private static final String UNIT = "a.service";

  @TempDir private Path root;
  private ModelSystemd systemd;
  private ModelHost host;

  @BeforeEach
  void boot() throws IOException {
    Files.writeString(root.resolve("quietus.jar"), "no jar");
    Path unit = root.resolve("etc/systemd/system/" + UNIT);
    Files.createDirectories(unit.getParent());
    Files.writeString(unit, "[Service]\nExecStart=/bin/sleep infinity\n");
    systemd = ModelSystemd.boot(root, 252);
    systemd.await(systemd.start(List.of(UNIT)).values(), Duration.ofSeconds(5));
    host = new ModelHost(root, systemd);
  }

  private Report quiesce(Holder holder, boolean takeover) {
    return host.run(ModelHost.by(holder, takeover, ModelHost.quiesce(UNIT)));
  }

  private Report release(Holder holder, boolean takeover) {
    return host.run(ModelHost.by(holder, takeover, ModelHost.release(UNIT)));
  }

  private Hold hold() {
    return new Disk(Layout.system(root)).holds().all().found().get(0).hold();
  }

  private void assertRefused(Report report, Holder owner) {
    assertTrue(report.failed(), report.msg());
    assertFalse(report.changed());
    for (String said :
        List.of(owner.by(), "why", "since 2026", "Nothing was touched", "takeover")) {
      assertTrue(report.msg().contains(said), said + " is not in: " + report.msg());
    }
    assertEquals(1, report.holds().size());
    assertFalse(systemd.peek(UNIT).isUp());
  }

  @Test
  void somebodyElseNeitherJoinsAHoldNorEndsIt() {
    assertFalse(quiesce(ANN, false).failed());
    assertRefused(quiesce(BEN, false), ANN);
    assertRefused(release(BEN, false), ANN);
    assertEquals(ANN, hold().holder());
  }

  @Test
  void aCheckRefusesTheSame() {
    quiesce(ANN, false);
    for (VerbRequest request : List.of(ModelHost.quiesce(UNIT), ModelHost.release(UNIT))) {
      VerbRequest foreign = ModelHost.by(BEN, false, request);
      assertEquals(host.run(foreign).msg(), host.run(ModelHost.checked(foreign)).msg());
    }
  }

  @Test
  void theSameOwnerHoldsInOneRunAndReleasesInAnother() {
    quiesce(ANN, false);
    assertFalse(quiesce(new Holder("another play", "ann@one", null), false).changed());
    Report released = release(new Holder("a third play", "ann@one", null), false);
    assertFalse(released.failed(), released.msg());
    assertEquals(List.of(), released.warnings());
    assertTrue(systemd.peek(UNIT).isUp());
  }

  @Test
  void anotherWindowOfTheSameOwnerIsForeignToo() {
    quiesce(ANNS_WINDOW, false);
    assertRefused(release(ANN, false), ANN);
    assertRefused(quiesce(new Holder("x", "ann@one", "w2"), false), ANN);
    assertFalse(release(ANNS_WINDOW, false).failed());
  }

  @Test
  void whoTakesAHoldOverHasAllOfIt() {
    quiesce(ANN, false);
    Report taken =
        host.run(ModelHost.by(BEN, true, ModelHost.reason("mine now", ModelHost.quiesce(UNIT))));
    assertFalse(taken.failed(), taken.msg());
    assertTrue(taken.changed());
    assertTrue(taken.warnings().get(0).contains(ANN.by()), taken.warnings().toString());
    assertEquals(BEN, hold().holder());
    assertEquals("mine now", hold().reason());
    assertRefusedTo(release(ANN, false));
    Report back = release(ANN, true);
    assertFalse(back.failed(), back.msg());
    assertTrue(back.warnings().get(0).contains(BEN.by()), back.warnings().toString());
  }

  private void assertRefusedTo(Report report) {
    assertTrue(report.failed() && report.msg().contains(BEN.by()), report.msg());
  }

  @Test
  void aReasonOfNobodyElseIsKeptByATakeover() {
    quiesce(ANN, false);
    host.run(ModelHost.by(BEN, true, ModelHost.reason(null, ModelHost.quiesce(UNIT))));
    assertEquals("", hold().reason());
  }

  @Test
  void aRecordWithoutAnOwnerIsForAnybody() {
    quiesce(new Holder("an older agent", null, null), false);
    assertFalse(quiesce(BEN, false).failed());
    assertFalse(release(ANN, false).failed());
  }

  /** Random runs by three owners: the record says at every time who of them may do what. */
  @Test
  @Tag("long")
  void inAnyOrderOfRunsOnlyTheOwnerOrATakeoverMovesTheUnit() {
    Random random = new Random(11);
    List<Holder> all = List.of(ANN, ANNS_WINDOW, BEN);
    Holder owner = null;
    int refused = 0;
    int runs = 600;
    for (int i = 0; i < runs; i++) {
      Holder holder = all.get(random.nextInt(all.size()));
      boolean takeover = random.nextInt(5) == 0;
      boolean quiesces = random.nextBoolean();
      Report report = quiesces ? quiesce(holder, takeover) : release(holder, takeover);
      boolean may = owner == null || owner.equals(holder) || takeover;
      assertEquals(!may, report.failed(), i + ": " + report.msg());
      refused += may ? 0 : 1;
      if (may) {
        owner = quiesces ? holder : null;
      }
      assertEquals(owner == null, systemd.peek(UNIT).isUp(), "run " + i);
      assertEquals(owner, owner == null ? null : hold().holder());
    }
    System.out.println("owners: " + runs + " runs compared, " + refused + " refused");
    assertTrue(refused > 100 && refused < 400, refused + " refused");
  }
}
