// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import quietus.fuzz.Inputs;
import quietus.hold.Holder;
import quietus.unit.UnitName;

/** Requests, as anybody may send them. */
class RequestJsonFuzzTest {
  private static final Holder ASKING = new Holder("somebody", "somebody@here", null);

  @FuzzTest
  void aRequestIsWithinItsBoundsOrRefused(byte[] json) {
    for (boolean readOnly : new boolean[] {false, true}) {
      Inputs.take(
          IllegalArgumentException.class, () -> check(RequestJson.read(json, readOnly, ASKING)));
    }
  }

  private static void check(Request request) {
    assertTrue(request instanceof InfoRequest || !request.names().isEmpty());
    assertTrue(request.names().size() <= 1000);
    if (request instanceof VerbRequest verb) {
      assertTrue(verb.timeout().toSeconds() <= 86_400 && !verb.timeout().isNegative());
      assertFalse(verb.settle().isNegative() || verb.limits().lockTimeout().isNegative());
      line(verb.claim().holder().by(), Terms.LONGEST_BY);
      line(verb.claim().holder().owner(), Terms.LONGEST_BY);
      line(verb.claim().holder().token(), Terms.LONGEST_TOKEN);
    }
    if (request instanceof QuiesceRequest quiesce) {
      assertTrue(quiesce.drain().toSeconds() <= 86_400 && !quiesce.drain().isNegative());
      line(quiesce.terms().reason(), Terms.LONGEST_REASON);
    }
  }

  private static void line(String text, int longest) {
    assertTrue(text == null || text.length() <= longest);
    for (int i = 0; text != null && i < text.length(); i++) {
      assertFalse(UnitName.isUnprintable(text.charAt(i)), text);
    }
  }
}
