// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.hold;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import quietus.family.Door;
import quietus.family.Role;
import quietus.unit.State;

class HoldTest {
  private static final Instant SINCE = Instant.parse("2026-11-22T03:02:11Z");

  private static HeldMember member(String unit, String cover, boolean masked) {
    return new HeldMember(
        unit,
        Role.INSTANCE,
        "a reason",
        List.of("w.socket"),
        cover,
        masked,
        new State("loaded", "active", "running", 0),
        true,
        "",
        List.of(),
        List.of(),
        List.of());
  }

  private static Hold hold(HeldMember... members) {
    return new Hold(
        "w@.service",
        List.of("w@.service", "alias@.service"),
        Until.REBOOT,
        SINCE,
        new Holder("admin", null, null),
        "",
        null,
        List.of(members),
        List.of(new Door(Door.Kind.BOOT, "w@.service", "a text", Door.Closed.GATE)),
        List.of(new Hold.Inexact("w@1.service", "a text")));
  }

  @Test
  void gatesAndMasksAreListedOnceForEachCover() {
    Hold hold =
        hold(
            member("w@1.service", "w@.service", true),
            member("w@2.service", "w@.service", true),
            member("run-1.service", "run-1.service", false));
    assertEquals(List.of("w@.service", "run-1.service"), List.copyOf(hold.covers()));
    assertEquals(List.of("w@.service"), List.copyOf(hold.masks()));
  }

  @Test
  void aMemberIsFoundByItsNameAlone() {
    HeldMember one = member("w@1.service", "w@.service", true);
    assertEquals(one, hold(one).member("w@1.service"));
    assertNull(hold(one).member("w@.service"));
  }

  @Test
  void aHoldAnswersToItsSubjectAndToEachOfItsNames() {
    assertTrue(hold().answersTo("w@.service"));
    assertTrue(hold().answersTo("alias@.service"));
    assertFalse(hold().answersTo("other.service"));
  }

  @Test
  void membersThatJoinLaterKeepWhatWasThere() {
    Hold more =
        hold(member("w@1.service", "w@.service", true))
            .withMore(
                List.of(member("w@2.service", "w@.service", true)),
                List.of("alias@.service", "new.service"),
                List.of(new Hold.Inexact("w@2.service", "another")));
    assertEquals(2, more.members().size());
    assertEquals(List.of("w@.service", "alias@.service", "new.service"), more.names());
    assertEquals(2, more.inexact().size());
    assertEquals(SINCE, more.since());
    assertEquals("admin", more.by());
  }

  @Test
  void otherTermsLeaveTheSnapshotAlone() {
    Hold old = hold(member("w@1.service", "w@.service", true));
    Holder ben = new Holder("ben", "ben", "token");
    Lease lease = new Lease(SINCE, "boot", 1, 60);
    Hold hold = old.withTerms(Until.RELEASED, ben, "another", lease);
    assertEquals(Until.RELEASED, hold.until());
    assertEquals(ben, hold.holder());
    assertEquals("another", hold.reason());
    assertEquals(lease, hold.lease());
    assertEquals(old.members(), hold.members());
    assertEquals(old.inexact(), hold.inexact());
    assertEquals(List.of(), hold.withoutMembers().members());
    assertEquals(List.of(), hold.withoutMembers().inexact());
    assertEquals(hold.doors(), hold.withoutMembers().doors());
  }

  @Test
  void anOwnerWithAnotherTokenIsNotTheSame() {
    Holder ann = new Holder("Ann", "ann", "t1");
    assertTrue(ann.isSame(new Holder("somebody", "ann", "t1")));
    assertFalse(ann.isSame(new Holder("Ann", "ann", "t2")));
    assertFalse(ann.isSame(new Holder("Ann", "ben", "t1")));
    assertFalse(ann.isSame(new Holder("Ann", "ann", null)));
  }

  @Test
  void wordsAreReadAsTheyAreWritten() {
    for (Until until : Until.values()) {
      assertEquals(until, Until.of(until.word()));
    }
    assertEquals("releasing", Phase.RELEASING.word());
    assertEquals("held", Phase.HELD.word());
    assertThrows(IllegalArgumentException.class, () -> Until.of("tomorrow"));
  }

  @Test
  void anEmptyHolderLeaseAndListsAreReadAsTheyWere() {
    Hold hold = hold(member("w@1.service", "w@.service", false));
    assertEquals(hold, HoldJson.read(HoldJson.write(hold)));
  }

  @Test
  void aFieldThatIsNotKnownIsRefusedInEachPart() {
    String whole =
        new String(
            HoldJson.write(hold(member("w@1.service", "w@.service", true))),
            StandardCharsets.UTF_8);
    for (String start :
        List.of(
            "{\"version\"",
            "{\"unit\":\"w@1.service\",\"role\"",
            "{\"kind\"",
            "{\"unit\":\"w@1.service\",\"text\"")) {
      assertTrue(whole.contains(start), start + " in " + whole);
      byte[] more =
          whole
              .replace(start, "{\"colour\":\"red\"," + start.substring(1))
              .getBytes(StandardCharsets.UTF_8);
      assertThrows(IllegalArgumentException.class, () -> HoldJson.read(more), () -> start);
    }
  }

  @Test
  void aRecordThatSomebodyEditedIsRefused() {
    String whole =
        new String(
            HoldJson.write(hold(member("w@1.service", "w@.service", true))),
            StandardCharsets.UTF_8);
    Map<String, String> edits =
        new TreeMap<>(
            Map.of(
                "\"until\":\"reboot\"", "\"until\":\"never\"",
                "\"since\":\"2026", "\"since\":\"x2026",
                "\"role\":\"instance\"", "\"role\":\"guest\"",
                "\"kind\":\"boot\"", "\"kind\":\"window\"",
                "\"closed_by\":\"gate\"", "\"closed_by\":\"hand\"",
                "\"masked\":true", "\"masked\":\"yes\"",
                "\"by\":\"admin\"", "\"by\":7",
                "\"reason\":\"\"", "\"reasons\":\"\""));
    for (Map.Entry<String, String> edit : edits.entrySet()) {
      assertTrue(whole.contains(edit.getKey()), edit.getKey() + " in " + whole);
      byte[] edited =
          whole.replace(edit.getKey(), edit.getValue()).getBytes(StandardCharsets.UTF_8);
      assertThrows(
          IllegalArgumentException.class, () -> HoldJson.read(edited), () -> edit.getValue());
    }
  }
}
