package org.deuterium.router.execute;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.statement.Failure;

/**
 * What follows from a partition that has gone past the moment it was asked for: the next moment comes after it, unless that
 * would be too far ahead. Then only who asks this partition is refused; a router that took it over could name no moment any more
 * that any other partition closes.
 */
final class MissedMoment {

    private MissedMoment() {}

    /** What the asker is told. */
    static Failure heard(HybridClock clock, PartitionId partition, Timestamp at, Failure missed) {
        long nowMillis = System.currentTimeMillis();
        if (!HybridClock.isTooFarAhead(at, nowMillis)) {
            clock.hear(at);
            return missed;
        }
        return Failure.of(
                ErrorCode.CLOCK_AHEAD,
                "Partition " + partition + " has entries whose timestamps are " + (at.millis() - nowMillis)
                        + " ms ahead of this node's clock, more than the " + HybridClock.MAX_AHEAD_MILLIS
                        + " ms that are allowed: the clock of a node that led it was ahead, or this one's is behind;"
                        + " set the clocks of the machines (NTP), and try again when that time has come");
    }
}
