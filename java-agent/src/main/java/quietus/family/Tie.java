package quietus.family;

import java.util.List;

/**
 * A bond that a hold remembers. A masked unit no longer shows what it triggers or requires, so what was known before the mask counts.
 *
 * @param from the members that pull the other in
 * @param to the unit that is pulled in
 * @param role what it is then
 * @param reason a sentence: why
 */
public record Tie(List<String> from, String to, Role role, String reason) {
  public Tie {
    from = List.copyOf(from);
  }
}
