package quietus.lab;

import java.util.List;

/** The Debian releases on which the integration tests run, by {@code QUIETUS_SUITES}: those of systemd 252 and 257 unless it says otherwise. */
public final class Suites {
  private Suites() {}

  public static List<String> all() {
    String chosen = System.getenv("QUIETUS_SUITES");
    return List.of((chosen == null || chosen.isBlank() ? "bookworm,trixie" : chosen).split(","));
  }
}
