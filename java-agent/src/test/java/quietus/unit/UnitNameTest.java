// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitNameTest {
  @ParameterizedTest
  @CsvSource({
    "myapi, myapi.service",
    "myapi.service, myapi.service",
    "a.socket, a.socket",
    "foo@bar, foo@bar.service",
    "foo@.service, foo@.service",
    "a.b.c, a.b.c.service",
    "x\\x2dy.mount, x\\x2dy.mount",
    "foo@*, foo@*.service",
    "-.mount-like, "
  })
  void aNameWithoutASuffixMeansAService(String written, String name) {
    if (name == null) {
      assertThrows(IllegalArgumentException.class, () -> UnitName.parse(written));
    } else {
      assertEquals(name, UnitName.parse(written).text());
    }
  }

  @Test
  void aGlobWithTwoAtSignsIsRefusedForThat() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> UnitName.parse("a@b@*.service"))
            .getMessage();
    assertTrue(message.contains("more than one '@'"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "../../etc/passwd",
        "-H root@elsewhere",
        "-Hroot@elsewhere",
        "a b",
        "a\nb",
        "a\u0000b",
        "a\u001b[31m",
        "caf\u00e9",
        "a;reboot",
        "$(reboot)",
        "@x.service",
        ".service",
        "a/b",
        "a%n"
      })
  void whatSystemdCouldNotHaveIsRefusedWithASentence(String written) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> UnitName.parse(written)).getMessage();
    assertTrue(
        message.length() > 20 && message.chars().noneMatch(Character::isISOControl), message);
  }

  @Test
  void aNameTooLongToHoldIsRefusedAndNotRepeatedWhole() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> UnitName.parse("x".repeat(300)))
            .getMessage();
    assertTrue(message.contains("too long") && message.length() < 200, message);
  }

  @Test
  void templatesInstancesAndGlobsAreToldApart() {
    assertTrue(UnitName.isTemplate("foo@.service"));
    assertFalse(UnitName.isTemplate("foo@a.service"));
    assertEquals("foo@.service", UnitName.templateOf("foo@a.service"));
    assertEquals("foo@.service", UnitName.templateOf("foo@1-127.0.0.1:80.service"));
    assertNull(UnitName.templateOf("foo@.service"));
    assertNull(UnitName.templateOf("foo.service"));
    assertTrue(UnitName.parse("foo@*").isGlob());
    assertFalse(UnitName.parse("foo@x").isGlob());
  }

  @Test
  void theNameOfAFileIsShownInAsciiAlone() {
    assertEquals("a.service", UnitName.ascii("a.service"));
    assertEquals(
        "x?[2J?gr??e~.service", UnitName.ascii("x\u001b[2J\u007fgr\u00f6\ufffde~.service"));
  }
}
