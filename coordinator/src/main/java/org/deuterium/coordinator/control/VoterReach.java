package org.deuterium.coordinator.control;

import java.util.concurrent.TimeUnit;
import org.deuterium.wire.NodeId;

/**
 * Whether the elected controller still reaches the nodes that the board shows. One that is cut off from them, but not from the
 * board, stays controller as far as the board is concerned, and could never elect anybody.
 */
final class VoterReach {

    private final NodeId self;
    private final long patienceNanos;
    private boolean unheard;
    private long sinceNanos;

    /** Elections that end together are one try; so it takes a second try, later. */
    VoterReach(NodeId self, ControllerSettings settings) {
        this.self = self;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(settings.promiseTimeoutMillis()) / 2;
    }

    /** True if nobody else has answered in this try and the one before: another controller may have more luck. */
    boolean isLost(PartitionElection.Result result, long nowNanos) {
        if (result instanceof PartitionElection.Named named) {
            unheard &= self.equals(named.state().leader()); // with its own vote alone it may have been enough
        } else if (result instanceof PartitionElection.Failed failed) {
            if (!failed.unheard()) {
                unheard = false;
            } else if (!unheard) {
                unheard = true;
                sinceNanos = nowNanos;
            }
        }
        return unheard && nowNanos - sinceNanos >= patienceNanos;
    }
}
