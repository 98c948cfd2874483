// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import quietus.graph.Format;
import quietus.hold.Holder;
import quietus.hold.Until;
import quietus.json.Fields;
import quietus.unit.UnitName;

/** A request, as the collection sends it (docs/agent-protocol.md). */
public final class RequestJson {
  /** A request has at most this many bytes. */
  public static final int LARGEST = 1 << 20;

  private static final int MANY = 1000;

  private RequestJson() {}

  /**
   * @param asking who asks, when the request does not say
   * @throws IllegalArgumentException with a sentence that says what is wrong with it
   */
  public static Request read(byte[] json, boolean readOnly, Holder asking) {
    if (json.length > LARGEST) {
      throw new IllegalArgumentException("the request has more than " + LARGEST + " bytes");
    }
    Fields fields = Fields.parse(json, "the request");
    List<UnitName> names = new ArrayList<>();
    List<String> written = fields.strings("names", MANY);
    if (written.isEmpty() && !readOnly) {
      throw new IllegalArgumentException("'names' in the request must name at least one unit");
    }
    for (String name : written) {
      UnitName parsed = UnitName.parse(name);
      if (!names.contains(parsed)) {
        names.add(parsed);
      }
    }
    Scope scope = new Scope(names, oneOf(fields, "scope", "system", "user"));
    if (readOnly) {
      return info(fields, scope);
    }
    String state = fields.string("state", "", 20);
    Claim claim = new Claim(holder(fields, asking), fields.bool("takeover", false));
    Limits limits =
        new Limits(
            seconds(fields.number("timeout", 90.0, 1, 86_400)),
            seconds(fields.number("lock_timeout", 60.0, 0, 86_400)),
            fields.bool("check", false));
    Duration settle = seconds(fields.number("settle", 0.0, 0, 3600));
    String until = fields.string("until", null, 20);
    Double lease = fields.number("lease", null, 0, 31_536_000);
    Terms terms =
        new Terms(
            until == null ? null : Until.of(until),
            fields.string("reason", null, Terms.LONGEST_REASON),
            lease == null ? null : seconds(lease));
    Duration drain = seconds(fields.number("drain", 0.0, 0, 86_400));
    boolean refuseDependents = oneOf(fields, "dependents", "hold", "refuse");
    boolean allowProtected = fields.bool("allow_protected", false);
    boolean heldOnly = fields.bool("held_only", false);
    fields.end();
    if (state.equals("quiesced")) {
      if (heldOnly) {
        throw new IllegalArgumentException(
            "'held_only' in the request goes with 'running' only, and the state is 'quiesced'");
      }
      return new QuiesceRequest(
          scope, limits, claim, terms, drain, settle, refuseDependents, allowProtected);
    }
    if (!state.equals("running")) {
      throw new IllegalArgumentException("'state' in the request must be 'quiesced' or 'running'");
    }
    if (lease != null || !drain.isZero()) {
      throw new IllegalArgumentException(
          "'"
              + (lease != null ? "lease" : "drain")
              + "' in the request goes with 'quiesced' only, and the state is 'running'");
    }
    return new RunningRequest(scope, limits, claim, settle, heldOnly, /* expiredOnly= */ false);
  }

  private static Request info(Fields fields, Scope scope) {
    if (fields.string("state", null, 20) != null) {
      throw new IllegalArgumentException(
          "'state' in the request does not go with info, which changes nothing");
    }
    boolean startedBy = fields.bool("started_by", false);
    String word = fields.string("graph", null, 20);
    fields.end();
    Format graph = null;
    for (Format one : Format.values()) {
      graph = one.name().equals(word) ? one : graph;
    }
    if (word != null && graph == null) {
      throw new IllegalArgumentException(
          "'graph' in the request must be 'tree', 'dot', 'mermaid' or 'svg'");
    }
    if (graph != null && (scope.names().size() != 1 || scope.names().get(0).isGlob())) {
      throw new IllegalArgumentException(
          "'graph' in the request goes with one unit: name one, such as myapi.service");
    }
    return new InfoRequest(scope, startedBy, graph, /* attempts= */ false);
  }

  /** Who asks: by name alone, the name stands for the owner. */
  private static Holder holder(Fields fields, Holder asking) {
    String by = fields.string("by", null, 200);
    String owner = fields.string("owner", by == null ? asking.owner() : by, 200);
    String token = fields.string("token", null, 100);
    for (int i = 0; token != null && i < token.length(); i++) {
      char c = token.charAt(i);
      if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')
          && "._-".indexOf(c) < 0) {
        throw new IllegalArgumentException(
            "'token' in the request may have letters, digits, dot, underscore and hyphen only");
      }
    }
    return new Holder(by == null ? asking.by() : by, owner, token);
  }

  /**
   * @return true when the second word was given
   */
  private static boolean oneOf(Fields fields, String key, String first, String second) {
    String word = fields.string(key, first, 20);
    if (!word.equals(first) && !word.equals(second)) {
      throw new IllegalArgumentException(
          "'" + key + "' in the request must be '" + first + "' or '" + second + "'");
    }
    return word.equals(second);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
