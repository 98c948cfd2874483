package quietus.lab;

import java.util.List;

/**
 * The Debian releases on which the integration tests run, by {@code QUIETUS_SUITES}: those of
 * systemd 252 and 257 unless it says otherwise.
 */
public final class Suites {
  private Suites() {}

  /**
   * Their names. Where no engine answers, whoever asks is skipped, or fails as {@link Host#boot}
   * says.
   */
  public static List<String> all() {
    Host.requireEngine();
    String chosen = System.getenv("QUIETUS_SUITES");
    return List.of((chosen == null || chosen.isBlank() ? "bookworm,trixie" : chosen).split(","));
  }
}
