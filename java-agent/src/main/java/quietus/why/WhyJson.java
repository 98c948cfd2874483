// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.why;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import quietus.json.Tree;

/** Answers as JSON: docs/why.md has each field. */
public final class WhyJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private WhyJson() {}

  /** Why a unit is up, as one line. */
  public static byte[] write(Answer answer) {
    ObjectNode json = NODES.objectNode();
    json.put("unit", answer.subject());
    json.put("up", true);
    json.set("started_by", startedBy(answer));
    ArrayNode chain = json.putArray("chain");
    for (Answer one = answer; one != null; one = one.by()) {
      ObjectNode link = chain.addObject();
      link.put("unit", one.subject());
      link.put("kind", one.cause().kind().word());
      link.put("by", one.cause().unit().isEmpty() ? null : one.cause().unit());
      link.put("certainty", one.cause().certainty().word());
    }
    return Tree.bytes(json);
  }

  /** Why a unit is down, as one line. */
  public static byte[] write(Ending ending, String hold) {
    ObjectNode json = NODES.objectNode();
    json.put("unit", ending.subject());
    json.put("up", false);
    ObjectNode ended = json.putObject("ended");
    time(ended, ending.at());
    ended.put("certainty", ending.certainty().word());
    ended.put("text", ending.subject() + " " + ending.text());
    who(ended, ending.who());
    strings(ended.putArray("evidence"), ending.evidence());
    json.put("held", hold.isEmpty() ? null : hold);
    strings(json.putArray("next"), ending.next());
    return Tree.bytes(json);
  }

  /** Attempts to start what is held. */
  public static void attempts(ArrayNode into, Attempts attempts) {
    for (Attempt attempt : attempts.list()) {
      ObjectNode one = into.addObject();
      one.put("unit", attempt.unit());
      one.put("how", attempt.how().word());
      one.put("by", attempt.by().isEmpty() ? null : attempt.by());
      one.put("count", attempt.count());
      one.put("last", Words.time(attempt.last()));
      one.put("text", attempt.text());
    }
  }

  /** That there is no such unit. */
  public static byte[] notFound(String unit, String msg) {
    ObjectNode json = NODES.objectNode();
    json.put("unit", unit);
    json.put("msg", msg);
    return Tree.bytes(json);
  }

  /** What started a unit, with what started that in turn. */
  public static ObjectNode startedBy(Answer answer) {
    ObjectNode json = NODES.objectNode();
    Cause cause = answer.cause();
    json.put("kind", cause.kind().word());
    json.put("unit", cause.unit().isEmpty() ? null : cause.unit());
    time(json, answer.at());
    json.put("certainty", cause.certainty().word());
    json.put("text", answer.subject() + " " + cause.text());
    who(json, cause.who());
    strings(json.putArray("evidence"), cause.evidence());
    ArrayNode candidates = json.putArray("candidates");
    for (Cause candidate : answer.candidates()) {
      ObjectNode one = candidates.addObject();
      one.put("kind", candidate.kind().word());
      one.put("unit", candidate.unit().isEmpty() ? null : candidate.unit());
      one.put("text", answer.subject() + " " + candidate.text());
      strings(one.putArray("evidence"), candidate.evidence());
    }
    if (answer.by() == null) {
      json.putNull("by");
    } else {
      json.set("by", startedBy(answer.by()));
    }
    return json;
  }

  private static void time(ObjectNode json, long at) {
    json.put("at", at == 0 ? null : Words.time(at));
  }

  private static void who(ObjectNode json, String who) {
    json.put("who", who.isEmpty() ? null : who);
  }

  private static void strings(ArrayNode into, List<String> texts) {
    for (String text : texts) {
      into.add(text);
    }
  }
}
