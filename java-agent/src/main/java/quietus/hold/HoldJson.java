// SPDX-License-Identifier: GPL-3.0-or-later
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
import quietus.unit.UnitName;

/** A hold's record. */
public final class HoldJson {
  private static final int VERSION = 1;
  private static final int TEXT = 10_000;
  private static final int MANY = 100_000;
  private static final double SECONDS = 1e15;

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
    String subject = unit(fields, "subject");
    List<String> names = units(fields, "names");
    Until until = Until.of(fields.string("until", TEXT));
    Instant since = Moment.of(fields.string("since", TEXT));
    Holder holder =
        new Holder(
            fields.string("by", "", TEXT),
            fields.string("owner", null, TEXT),
            fields.string("token", null, TEXT));
    String reason = fields.string("reason", "", TEXT);
    Lease lease = lease(fields);
    List<HeldMember> members = new ArrayList<>();
    for (Fields member : fields.objects("members", MANY)) {
      members.add(
          new HeldMember(
              unit(member, "unit"),
              Role.of(member.string("role", TEXT)),
              member.string("reason", TEXT),
              units(member, "because"),
              unit(member, "cover"),
              member.bool("masked", false),
              new State(
                  member.string("load", TEXT),
                  member.string("active", TEXT),
                  member.string("sub", TEXT),
                  0),
              member.bool("restore", false),
              controlGroup(member),
              listens(member),
              units(member, "follows"),
              units(member, "triggers")));
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
    return new Hold(subject, names, until, since, holder, reason, lease, members, doors, inexact);
  }

  private static String unit(Fields fields, String key) {
    return unit(fields.string(key, TEXT), key);
  }

  private static String unit(String name, String key) {
    if (!UnitName.isUnit(name)) {
      throw new IllegalArgumentException(
          "'" + UnitName.printable(name) + "' in '" + key + "' is not the name of a unit");
    }
    return name;
  }

  private static List<String> units(Fields fields, String key) {
    List<String> names = fields.strings(key, MANY);
    for (int i = 0; i < names.size(); i++) {
      unit(names.get(i), key);
    }
    return names;
  }

  private static String controlGroup(Fields member) {
    String group = member.string("control_group", "", TEXT);
    if (!group.isEmpty() && (!group.startsWith("/") || (group + "/").contains("/../"))) {
      throw new IllegalArgumentException("'control_group' in a member is not a path from the root");
    }
    return group;
  }

  private static List<String> listens(Fields member) {
    List<String> listens = member.strings("listens", MANY);
    for (String address : listens) {
      for (int i = 0; i < address.length(); i++) {
        if (UnitName.isUnprintable(address.charAt(i))) {
          throw new IllegalArgumentException("'listens' in a member has a control character");
        }
      }
    }
    return listens;
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
    lease(record, hold.lease());
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

  private static Lease lease(Fields fields) {
    String end = fields.string("lease", null, TEXT);
    String boot = fields.string("lease_boot", "", TEXT);
    long uptime = fields.number("lease_uptime", 0.0, 0, SECONDS).longValue();
    long seconds = fields.number("lease_seconds", 0.0, 0, SECONDS).longValue();
    return end == null ? null : new Lease(Moment.of(end), boot, uptime, seconds);
  }

  private static void lease(ObjectNode record, Lease lease) {
    if (lease == null) {
      record.putNull("lease");
    } else {
      record
          .put("lease", Moment.text(lease.end()))
          .put("lease_boot", lease.boot())
          .put("lease_uptime", lease.uptime())
          .put("lease_seconds", lease.seconds());
    }
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
