package org.deuterium.simulation.invariant;

import org.deuterium.wire.NodeId;

/**
 * A linearizable read shows every write that was acknowledged, by whomever, before the read began, and all that a read
 * showed which was over by then.
 */
public final class ReadsMissNothing {

    private long acknowledged;
    private boolean forgotten;

    long acknowledgedSoFar() {
        return acknowledged;
    }

    /** Reads that begin from now on may miss what was acknowledged before; those under way may as well. */
    void forget() {
        acknowledged = 0;
        forgotten = true;
    }

    void onAcknowledged(long index) {
        acknowledged = Math.max(acknowledged, index);
    }

    void check(NodeId at, long mustShow, long shown) {
        if (!forgotten && shown < mustShow) {
            throw new InvariantBroken(
                    getClass(),
                    at + " answers a read that shows i" + shown + ", though i" + mustShow
                            + " was acknowledged or shown before it began");
        }
        acknowledged = Math.max(acknowledged, shown);
    }
}
