// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import quietus.json.Tree;

/** Against the tables of docs/why.md, as written. */
class WhyJsonTest {
  private static final long AT = 1_795_532_317_123_456L;

  private static JsonNode read(byte[] json) throws Exception {
    return Tree.read(json);
  }

  @Test
  void aUnitThatIsUpHasItsCauseAndTheChain() throws Exception {
    Cause timer =
        new Cause(
            Kind.TIMER,
            "w.timer",
            Certainty.KNOWN,
            "was started by \"w\"\n",
            List.of("a", "b"),
            "");
    Cause sudo =
        new Cause(Kind.REQUEST, "", Certainty.INFERRED, "was asked for", List.of(), "deploy");
    Answer answer =
        new Answer("w.service", timer, List.of(), AT, null)
            .with(new Answer("w.timer", sudo, List.of(), 0, null));
    JsonNode json = read(WhyJson.write(answer));
    assertEquals(
        read(
            ("{'unit':'w.service','up':true,'started_by':{'kind':'timer','unit':'w.timer','at':'2026-11-24T14:58:37.123Z','certainty':'known','text':'w.service"
                 + " was started by \\\"w\\\"\\n"
                 + "','who':null,'evidence':['a','b'],'candidates':[],"
                 + "'by':{'kind':'request','unit':null,'at':null,'certainty':'inferred','text':'w.timer"
                 + " was asked for','who':'deploy','evidence':[],'candidates':[],'by':null}},"
                 + "'chain':[{'unit':'w.service','kind':'timer','by':'w.timer','certainty':'known'},"
                 + "{'unit':'w.timer','kind':'request','by':null,'certainty':'inferred'}]}")
                .replace('\'', '"')
                .getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        json);
  }

  @Test
  void anUnknownCauseHasItsCandidates() throws Exception {
    Cause unknown = Cause.of(Kind.UNKNOWN, "", Certainty.UNKNOWN, "was started by something");
    Cause socket = Cause.of(Kind.SOCKET, "w.socket", Certainty.UNKNOWN, "may have been", "e");
    JsonNode by =
        read(WhyJson.write(new Answer("w.service", unknown, List.of(socket), AT, null)))
            .get("started_by");
    assertEquals("unknown", by.get("kind").textValue());
    assertTrue(by.get("unit").isNull());
    assertEquals(
        "{\"kind\":\"socket\",\"unit\":\"w.socket\",\"text\":\"w.service may have been\","
            + "\"evidence\":[\"e\"]}",
        by.get("candidates").get(0).toString());
  }

  @Test
  void aUnitThatIsDownHasItsEndItsHoldAndWhatComesNext() throws Exception {
    Ending ending =
        new Ending("w.service", AT, Certainty.KNOWN, "was stopped", List.of("e"), "", List.of("n"));
    assertEquals(
        "{\"unit\":\"w.service\",\"up\":false,\"ended\":{\"at\":\"2026-11-24T14:58:37.123Z\","
            + "\"certainty\":\"known\",\"text\":\"w.service was stopped\",\"who\":null,"
            + "\"evidence\":[\"e\"]},\"held\":null,\"next\":[\"n\"]}",
        read(WhyJson.write(ending, "")).toString());
    assertEquals("It is.", read(WhyJson.write(ending, "It is.")).get("held").textValue());
  }

  @Test
  void aNameWithABackslashIsStillJson() throws Exception {
    JsonNode json = read(WhyJson.notFound("dev-a\\x2db.device", "there is none"));
    assertEquals("dev-a\\x2db.device", json.get("unit").textValue());
    assertEquals("there is none", json.get("msg").textValue());
  }
}
