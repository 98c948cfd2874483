// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.protocol;

import java.time.Duration;

/** To bring a state about. */
public sealed interface VerbRequest extends Request permits QuiesceRequest, RunningRequest {
  /** The word for the state. */
  String state();

  Claim claim();

  Limits limits();

  /** How long to watch what was stopped, or what was started, afterwards. */
  Duration settle();

  /** Predict, touch nothing. */
  default boolean check() {
    return limits().check();
  }

  /** How long to wait for all stops, or all starts. */
  default Duration timeout() {
    return limits().timeout();
  }
}
