// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.run;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import quietus.disk.BusServices;
import quietus.evidence.StartAttempts;
import quietus.evidence.UnitEvidence;
import quietus.systemd.SystemdQuestions;
import quietus.why.Answer;
import quietus.why.Attempts;
import quietus.why.Chain;
import quietus.why.Facts;

/** The past of the host that this process runs on. */
final class HostPast implements Past {
  private static final Path ROOT = Path.of("/");

  private final SystemdQuestions systemd;
  private final boolean user;
  private UnitEvidence evidence;

  /**
   * @param user whether systemd is the calling user's manager
   */
  HostPast(SystemdQuestions systemd, boolean user) {
    this.systemd = systemd;
    this.user = user;
  }

  @Override
  public Answer startedBy(String unit) {
    if (evidence == null) {
      evidence = evidence(systemd, user);
    }
    Facts facts = evidence.facts(unit);
    return facts.isUp() ? new Chain(evidence).of(facts) : null;
  }

  @Override
  public Attempts attempts(Map<String, String> names, long since, long until) {
    return new StartAttempts(ROOT, user, Session.uid()).of(names, since, until);
  }

  /** What tells why a unit of this host is up or down. */
  static UnitEvidence evidence(SystemdQuestions systemd, boolean user) {
    return new UnitEvidence(systemd, names -> busName(names, user), ROOT, user, Session.uid());
  }

  /** The first bus name whose service file names one of a unit's names; empty for none. */
  private static String busName(Set<String> names, boolean user) {
    for (BusServices.Service service : new BusServices(ROOT, user).all()) {
      if (names.contains(service.unit())) {
        return service.name();
      }
    }
    return "";
  }
}
