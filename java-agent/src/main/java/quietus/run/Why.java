// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import quietus.evidence.UnitEvidence;
import quietus.hold.FoundHold;
import quietus.hold.Hold;
import quietus.plan.HoldsOnHost;
import quietus.systemd.DbusSystemd;
import quietus.systemd.Systemd;
import quietus.why.Answer;
import quietus.why.Chain;
import quietus.why.Ending;
import quietus.why.Facts;
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
      UnitEvidence host = new UnitEvidence(systemd, Path.of("/"), user, Session.uid());
      Facts facts = host.facts(unit);
      if (facts.text("LoadState").equals("not-found")) {
        String msg = "there is no unit " + unit + " on this host";
        return new Why(
            false,
            msg,
            ("{\"unit\":\"" + unit + "\",\"msg\":\"" + msg + "\"}")
                .getBytes(StandardCharsets.UTF_8));
      }
      if (facts.isUp()) {
        Answer answer = new Chain(host).of(facts);
        return new Why(true, WhyPage.of(answer), WhyJson.write(answer));
      }
      Hold hold = hold(facts, user);
      Ending ending =
          WhyDown.of(
              facts,
              host.end(facts),
              host.activators(facts),
              hold == null ? 0 : micros(hold.since()),
              micros(Clock.systemUTC().instant()));
      String held =
          hold == null
              ? ""
              : "It is held with "
                  + hold.subject()
                  + " since "
                  + hold.since()
                  + " by "
                  + hold.by()
                  + (hold.reason().isEmpty() ? "" : ": \"" + hold.reason() + "\"")
                  + ". Release: "
                  + Session.command()
                  + " release '"
                  + hold.subject()
                  + "'";
      return new Why(true, WhyPage.of(ending, held), WhyJson.write(ending, held));
    }
  }

  private static long micros(Instant time) {
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1000;
  }

  /** The hold on a unit; null when there is none, or this user may not read it. */
  private static Hold hold(Facts unit, boolean user) {
    try {
      for (FoundHold found : new HoldsOnHost(Session.disk(user)).all()) {
        for (String name : unit.names()) {
          if (found.hold().member(name) != null) {
            return found.hold();
          }
        }
      }
    } catch (quietus.disk.DiskException e) {
      return null; // an ordinary user may not read the records of holds
    }
    return null;
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
