// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import quietus.unit.UnitName;

class TreeTest {
  @Test
  void eachCharacterIsReadBackAndNoneIsACommandForATerminal() throws Exception {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    ObjectNode object = Tree.object();
    object.put("all", all.toString());
    for (int c = 0; c < 0x2100; c++) {
      object.put("c" + c, "\"\\" + (char) c);
    }
    byte[] bytes = Tree.bytes(object);
    String json = new String(bytes, StandardCharsets.UTF_8);
    for (int i = 0; i < json.length(); i++) {
      assertFalse(UnitName.isUnprintable(json.charAt(i)), "character " + (int) json.charAt(i));
    }
    assertEquals(object, Tree.read(bytes));
  }

  @Test
  void aTextOfAnotherLanguageStaysReadable() {
    ObjectNode object = Tree.object().put("reason", "größer 大");
    assertEquals(
        "{\"reason\":\"größer 大\"}", new String(Tree.bytes(object), StandardCharsets.UTF_8));
  }
}
