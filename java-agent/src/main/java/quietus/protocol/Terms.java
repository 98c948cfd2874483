package quietus.protocol;

import java.time.Duration;
import quietus.hold.Until;

/**
 * The terms of a hold, as asked for.
 *
 * @param until null to keep a present hold's own
 * @param by who asks
 * @param reason null to keep a present hold's own
 * @param lease null to keep a present hold's own, zero to take it away
 */
public record Terms(Until until, String by, String reason, Duration lease) {}
