// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.apply;

import quietus.error.AgentException;

/**
 * Leaves the command on the host that messages, gates and the journal name, before the first of
 * these is written. A host where it cannot be written is held all the same.
 */
final class LeaveLauncher {
  private final Host host;

  LeaveLauncher(Host host) {
    this.host = host;
  }

  void apply(Findings findings) {
    try {
      host.disk().launcher().write(host.agent(), host.java());
    } catch (AgentException e) {
      findings
          .warnings()
          .add(
              "the command that releases the hold could not be left on this host, so release it"
                  + " from elsewhere, or with java -jar "
                  + host.agent()
                  + ": "
                  + e.getMessage());
    }
  }
}
