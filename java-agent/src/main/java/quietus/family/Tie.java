package quietus.family;

import java.util.List;

/**
 * A bond that a hold remembers. A masked unit no longer shows what it triggers or requires, so what was known before the mask counts.
 *
 * @param from the member that pulled the other in
 * @param to the unit that was pulled in
 */
public record Tie(List<String> from, String to, Role role, String reason, String cover) {
  public Tie {
    from = List.copyOf(from);
  }
}
