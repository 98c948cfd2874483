package quietus.hold;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import quietus.family.Door;
import quietus.family.Role;
import quietus.json.Fields;
import quietus.json.Moment;
import quietus.json.Tree;
import quietus.unit.State;

/** A hold's record. */
public final class HoldJson {
  private static final int VERSION = 1;
  private static final int TEXT = 10_000;
  private static final int MANY = 100_000;

  private HoldJson() {}

  /**
   * @throws IllegalArgumentException with a sentence when this is no record of ours
   */
  public static Hold read(byte[] json) {
    Fields fields = Fields.parse(json, "the record");
    Double version = fields.number("version", 0.0, 0, 1_000_000);
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "it is of version "
              + version.longValue()
              + ", and this agent reads version "
              + VERSION
              + "; use the agent that wrote it, or a newer one");
    }
    String subject = fields.string("subject", TEXT);
    List<String> names = fields.strings("names", MANY);
    Until until = Until.of(fields.string("until", TEXT));
    Instant since = Moment.of(fields.string("since", TEXT));
    Holder holder =
        new Holder(
            fields.string("by", "", TEXT),
            fields.string("owner", null, TEXT),
            fields.string("token", null, TEXT));
    String reason = fields.string("reason", "", TEXT);
    String lease = fields.string("lease", null, TEXT);
    List<HeldMember> members = new ArrayList<>();
    for (Fields member : fields.objects("members", MANY)) {
      members.add(
          new HeldMember(
              member.string("unit", TEXT),
              Role.of(member.string("role", TEXT)),
              member.string("reason", TEXT),
              member.strings("because", MANY),
              member.string("cover", TEXT),
              member.bool("masked", false),
              new State(
                  member.string("load", TEXT),
                  member.string("active", TEXT),
                  member.string("sub", TEXT),
                  0),
              member.bool("restore", false),
              member.string("control_group", "", TEXT),
              member.strings("listens", MANY),
              member.strings("follows", MANY),
              member.strings("triggers", MANY)));
      member.end();
    }
    List<Door> doors = new ArrayList<>();
    for (Fields door : fields.objects("doors", MANY)) {
      doors.add(
          new Door(
              Door.Kind.of(door.string("kind", TEXT)),
              door.string("unit", TEXT),
              door.string("text", TEXT),
              Door.Closed.of(door.string("closed_by", TEXT))));
      door.end();
    }
    List<Hold.Inexact> inexact = new ArrayList<>();
    for (Fields entry : fields.objects("inexact", MANY)) {
      inexact.add(new Hold.Inexact(entry.string("unit", TEXT), entry.string("text", TEXT)));
      entry.end();
    }
    fields.end();
    return new Hold(
        subject,
        names,
        until,
        since,
        holder,
        reason,
        lease == null ? null : Moment.of(lease),
        members,
        doors,
        inexact);
  }

  /** The record as one line. */
  public static byte[] write(Hold hold) {
    ObjectNode record = Tree.object().put("version", VERSION).put("subject", hold.subject());
    Tree.strings(record.putArray("names"), hold.names());
    record
        .put("until", hold.until().word())
        .put("since", Moment.text(hold.since()))
        .put("by", hold.by())
        .put("reason", hold.reason());
    unlessNull(record, "owner", hold.holder().owner());
    unlessNull(record, "token", hold.holder().token());
    record.put("lease", Moment.text(hold.lease()));
    ArrayNode members = record.putArray("members");
    for (HeldMember member : hold.members()) {
      ObjectNode entry =
          members
              .addObject()
              .put("unit", member.unit())
              .put("role", member.role().word())
              .put("reason", member.reason());
      Tree.strings(entry.putArray("because"), member.because());
      entry
          .put("cover", member.cover())
          .put("masked", member.masked())
          .put("load", member.was().load())
          .put("active", member.was().active())
          .put("sub", member.was().sub())
          .put("restore", member.restore())
          .put("control_group", member.controlGroup());
      unlessEmpty(entry, "listens", member.listens());
      unlessEmpty(entry, "follows", member.follows());
      unlessEmpty(entry, "triggers", member.triggers());
    }
    ArrayNode doors = record.putArray("doors");
    for (Door door : hold.doors()) {
      door(doors.addObject(), door);
    }
    ArrayNode inexact = record.putArray("inexact");
    for (Hold.Inexact entry : hold.inexact()) {
      inexact.addObject().put("unit", entry.unit()).put("text", entry.text());
    }
    return Tree.bytes(record);
  }

  private static void unlessNull(ObjectNode entry, String key, String text) {
    if (text != null) {
      entry.put(key, text);
    }
  }

  private static void unlessEmpty(ObjectNode entry, String key, List<String> all) {
    if (!all.isEmpty()) {
      Tree.strings(entry.putArray(key), all);
    }
  }

  /** A door, as records and reports have it. */
  public static void door(ObjectNode entry, Door door) {
    entry
        .put("kind", door.kind().word())
        .put("unit", door.unit())
        .put("text", door.text())
        .put("closed_by", door.closedBy().word());
  }
}
