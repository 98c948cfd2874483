// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import quietus.hold.Holder;
import quietus.hold.Until;

class RequestJsonTest {
  private static final Holder SOMEBODY = new Holder("somebody", "somebody@here", null);

  private static QuiesceRequest read(String json) {
    return (QuiesceRequest)
        RequestJson.read(json.getBytes(StandardCharsets.UTF_8), false, SOMEBODY);
  }

  @Test
  void theCallerIsTheOwnerUnlessTheRequestNamesOne() {
    String start = "{\"names\":[\"myapi\"],\"state\":\"quiesced\",";
    assertEquals(new Holder("me", "me", null), read(start + "\"by\":\"me\"}").claim().holder());
    QuiesceRequest full =
        read(start + "\"by\":\"me\",\"owner\":\"ci\",\"token\":\"w-1\",\"takeover\":true}");
    assertEquals(new Holder("me", "ci", "w-1"), full.claim().holder());
    assertTrue(full.claim().takeover());
    assertThrows(IllegalArgumentException.class, () -> read(start + "\"token\":\"a b\"}"));
    assertThrows(IllegalArgumentException.class, () -> read(start + "\"owner\":\"a\\nb\"}"));
  }

  @Test
  void aMissingKeyHasTheDocumentedDefault() {
    QuiesceRequest request = read("{\"names\":[\"myapi\"],\"state\":\"quiesced\"}");
    assertEquals("myapi.service", request.names().get(0).text());
    assertNull(request.terms().until());
    assertNull(request.terms().reason());
    assertEquals(SOMEBODY, request.claim().holder());
    assertFalse(request.claim().takeover());
    assertEquals(Duration.ofSeconds(90), request.timeout());
    assertEquals(Duration.ofSeconds(60), request.limits().lockTimeout());
  }

  @Test
  void everyKeyIsTaken() {
    QuiesceRequest request =
        read(
            "{\"names\":[\"a\",\"b.socket\"],\"state\":\"quiesced\",\"until\":\"reboot\",\"reason\":\"r\",\"by\":\"me\",\"timeout\":1.5,\"lock_timeout\":0,"
                + "\"drain\":3,\"settle\":4,\"lease\":60,\"dependents\":\"refuse\",\"allow_protected\":true,\"scope\":\"user\",\"check\":true}");
    assertEquals(Until.REBOOT, request.terms().until());
    assertEquals(Duration.ofMillis(1500), request.timeout());
    assertEquals(Duration.ofSeconds(60), request.terms().lease());
    assertTrue(
        request.refuseDependents()
            && request.allowProtected()
            && request.user()
            && request.check());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{|not JSON",
        "[]|not a JSON object",
        "{}|at least one unit",
        "{\"names\":[],\"state\":\"quiesced\"}|at least one unit",
        "{\"names\":\"myapi\",\"state\":\"quiesced\"}|a list",
        "{\"names\":[1],\"state\":\"quiesced\"}|a list of strings",
        "{\"names\":[\"a\"]}|'quiesced' or 'running'",
        "{\"names\":[\"a\"],\"state\":\"stopped\"}|'quiesced' or 'running'",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"tiemout\":3}|'tiemout' is not known",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"timeout\":\"3\"}|'timeout'",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"timeout\":0}|from 1 to 86400",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"check\":\"yes\"}|true or false",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"until\":\"never\"}|'released' or 'reboot'",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"reason\":\"a\\nb\"}|control characters",
        "{\"names\":[\"a\"],\"state\":\"quiesced\"} {}|not JSON",
        "{\"names\":[\"a\"],\"names\":[\"b\"],\"state\":\"quiesced\"}|not JSON",
        "{\"names\":[\"a\"],\"state\":\"running\",\"lease\":0}|'lease' in the request goes with"
            + " 'quiesced' only",
        "{\"names\":[\"a\"],\"state\":\"running\",\"drain\":1}|'drain' in the request goes with"
            + " 'quiesced' only",
        "{\"names\":[\"a\"],\"state\":\"quiesced\",\"held_only\":true}|'held_only' in the request"
            + " goes with 'running' only",
        "{\"names\":[\"../../etc/passwd\"],\"state\":\"quiesced\"}|a slash"
      })
  void aBadRequestIsRefusedWithWhatIsWrong(String json, String expected) {
    String message = assertThrows(IllegalArgumentException.class, () -> read(json)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  @Test
  void anInfoRequestWithoutNamesIsAboutAllHolds() {
    assertTrue(
        RequestJson.read("{}".getBytes(StandardCharsets.UTF_8), true, SOMEBODY).names().isEmpty());
  }

  @Test
  void anInfoRequestHasNoState() {
    byte[] json = "{\"names\":[\"a\"],\"state\":\"running\"}".getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> RequestJson.read(json, true, SOMEBODY));
  }

  private static InfoRequest info(String json) {
    return (InfoRequest)
        RequestJson.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), true, SOMEBODY);
  }

  @Test
  void anInfoRequestAsksForMoreOnlyWhereItSaysSo() {
    InfoRequest plain = info("{'names':['a']}");
    assertEquals(new InfoRequest(plain.scope(), false, null, false), plain);
    InfoRequest all = info("{'names':['a'],'started_by':true,'graph':'svg'}");
    assertEquals(new InfoRequest(all.scope(), true, quietus.graph.Format.svg, false), all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'names':['a'],'graph':'png'}",
        "{'names':['a'],'graph':''}",
        "{'names':['a','b'],'graph':'dot'}",
        "{'names':['a*'],'graph':'dot'}",
        "{'graph':'dot'}",
        "{'names':['a'],'started_by':'yes'}",
        "{'names':['a'],'start_attempts':true}"
      })
  void anInfoRequestForTheImpossibleIsRefused(String json) {
    assertThrows(IllegalArgumentException.class, () -> info(json));
  }

  @Test
  void aVerbTakesNoKeyOfAnInfoRequest() {
    assertThrows(
        IllegalArgumentException.class,
        () -> read("{\"names\":[\"a\"],\"state\":\"running\",\"graph\":\"svg\"}"));
  }
}
