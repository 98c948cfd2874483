// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.time.Duration;

/**
 * To hold some families.
 *
 * @param terms what the record of the hold says besides whose it is
 * @param drain how long work in flight may go on
 * @param refuseDependents fail when an active unit would be stopped along with the family
 * @param allowProtected permit what Ansible, the bus or the boot stand on
 */
public record QuiesceRequest(
    Scope scope,
    Limits limits,
    Claim claim,
    Terms terms,
    Duration drain,
    Duration settle,
    boolean refuseDependents,
    boolean allowProtected)
    implements VerbRequest {
  @Override
  public String state() {
    return "quiesced";
  }
}
