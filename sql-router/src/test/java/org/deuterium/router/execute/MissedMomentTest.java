package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.Test;

/** One partition whose entries are of a wrong clock does not take the router's clock along, and so all the others. */
class MissedMomentTest {

    private static final PartitionId P = new PartitionId(4);
    private static final Failure MISSED = Failure.of(ErrorCode.CUT_MISSED, "gone past it");

    private final HybridClock clock = new HybridClock();
    private final long nowMillis = System.currentTimeMillis();

    private Timestamp next() {
        return clock.ahead(1_000 * nowMillis, 2_000);
    }

    @Test
    void theNextMomentComesAfterAPartitionThatIsALittleAhead() {
        Timestamp ahead = Timestamp.ofMillis(nowMillis + 300);
        assertSame(MISSED, MissedMoment.heard(clock, P, ahead, MISSED));
        assertTrue(next().compareTo(ahead) > 0);
    }

    @Test
    void oneThatIsFarAheadIsNotFollowed() {
        Timestamp ahead = Timestamp.ofMillis(nowMillis + 50_000);
        Failure told = MissedMoment.heard(clock, P, ahead, MISSED);
        assertEquals(ErrorCode.CLOCK_AHEAD, told.error());
        assertTrue(told.message().contains(P.toString()), told.message());
        assertTrue(next().compareTo(Timestamp.ofMillis(nowMillis + 1_000)) < 0, "others are asked for the present");
    }
}
