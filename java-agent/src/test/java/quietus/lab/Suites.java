// SPDX-License-Identifier: GPL-3.0-or-later
package quietus.lab;

import java.util.List;

/**
 * The Debian releases on which the integration tests run, by {@code QUIETUS_SUITES}: by default
 * those with systemd 252 and 257.
 */
public final class Suites {
  private Suites() {}

  /**
   * Their names. Where no engine answers, the calling test is skipped, or fails as with {@link
   * Host#boot}.
   */
  public static List<String> all() {
    Host.requireEngine();
    String chosen = System.getenv("QUIETUS_SUITES");
    return List.of((chosen == null || chosen.isBlank() ? "bookworm,trixie" : chosen).split(","));
  }
}
