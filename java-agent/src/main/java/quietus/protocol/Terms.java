package quietus.protocol;

import java.time.Duration;
import quietus.hold.Holder;
import quietus.hold.Until;

/**
 * The terms of a hold, as asked for.
 *
 * @param until null to keep a present hold's own
 * @param holder who asks, and for which window
 * @param reason null to keep a present hold's own
 * @param lease null to keep a present hold's own, zero to take it away
 * @param takeover take over, or release, what somebody else holds
 */
public record Terms(Until until, Holder holder, String reason, Duration lease, boolean takeover) {}
