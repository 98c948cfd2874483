// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.time.Clock;
import java.util.List;
import quietus.evidence.UnitEvidence;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.json.Moment;
import quietus.plan.HoldsOnHost;
import quietus.systemd.DbusSystemd;
import quietus.systemd.Systemd;
import quietus.why.Answer;
import quietus.why.Chain;
import quietus.why.Ending;
import quietus.why.Facts;
import quietus.why.Held;
import quietus.why.Next;
import quietus.why.WhyDown;
import quietus.why.WhyJson;
import quietus.why.WhyPage;

/** Why a unit of this host is up or down. */
public final class Why {
  private final boolean found;
  private final String page;
  private final byte[] json;

  private Why(boolean found, String page, byte[] json) {
    this.found = found;
    this.page = page;
    this.json = json;
  }

  /**
   * @param user of the calling user's systemd
   */
  public static Why of(String unit, boolean user) {
    try (Systemd systemd = user ? DbusSystemd.user() : DbusSystemd.system()) {
      UnitEvidence host = HostPast.evidence(systemd, user);
      Facts facts = host.facts(unit);
      if (facts.text("LoadState").equals("not-found")) {
        String msg = "there is no unit " + unit + " on this host";
        return new Why(false, msg, WhyJson.notFound(unit, msg));
      }
      if (facts.isUp()) {
        Answer answer = new Chain(host).of(facts);
        return new Why(true, WhyPage.of(answer), WhyJson.write(answer));
      }
      Hold hold = null;
      Held how = Held.NOT;
      String held = "";
      try {
        hold = hold(facts, user);
      } catch (quietus.disk.DiskException e) {
        how = Held.NOT_READABLE;
        held = "Whether something holds it is not known: only root may read the records of holds.";
      }
      if (hold != null) {
        how = new Held(Moment.micros(hold.since()), wasUp(hold, facts), true);
        held = sentence(hold, user);
      }
      Ending ending =
          WhyDown.of(
              facts,
              host.end(facts),
              host.activators(facts),
              how,
              Moment.micros(Clock.systemUTC().instant()));
      return new Why(true, WhyPage.of(ending, held), WhyJson.write(ending, held));
    }
  }

  /** What would start a unit that is down; empty for nothing that is known. */
  public static List<String> next(String unit, boolean user) {
    try (Systemd systemd = user ? DbusSystemd.user() : DbusSystemd.system()) {
      UnitEvidence host = HostPast.evidence(systemd, user);
      Facts facts = host.facts(unit);
      return Next.of(facts, host.activators(facts), Moment.micros(Clock.systemUTC().instant()));
    }
  }

  private static String sentence(Hold hold, boolean user) {
    return "It is held with "
        + hold.subject()
        + " since "
        + hold.since()
        + " by "
        + hold.by()
        + (hold.reason().isEmpty() ? "" : ": \"" + hold.reason() + "\"")
        + ". Release: "
        + Session.command(user)
        + (user ? " release --user '" : " release '")
        + hold.subject()
        + "'";
  }

  /** The hold on a unit; null when there is none. */
  private static Hold hold(Facts unit, boolean user) {
    for (FoundHold found : new HoldsOnHost(Session.disk(user)).all()) {
      for (String name : unit.names()) {
        if (found.hold().member(name) != null) {
          return found.hold();
        }
      }
    }
    return null;
  }

  private static boolean wasUp(Hold hold, Facts unit) {
    for (String name : unit.names()) {
      if (hold.member(name) != null) {
        return hold.member(name).was().isUp();
      }
    }
    return false;
  }

  public boolean isFound() {
    return found;
  }

  public String page() {
    return page;
  }

  public byte[] json() {
    return json;
  }
}
