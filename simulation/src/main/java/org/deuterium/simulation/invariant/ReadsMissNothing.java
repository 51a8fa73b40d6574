package org.deuterium.simulation.invariant;

import org.deuterium.wire.NodeId;

/** A linearizable read shows every write that was acknowledged, by whomever, before the read began. */
public final class ReadsMissNothing {

    private long acknowledged;

    long acknowledgedSoFar() {
        return acknowledged;
    }

    void onAcknowledged(long index) {
        acknowledged = Math.max(acknowledged, index);
    }

    void check(NodeId at, long mustShow, long shown) {
        if (shown < mustShow) {
            throw new InvariantBroken(
                    getClass(),
                    at + " answers a read that shows i" + shown + ", though i" + mustShow
                            + " was acknowledged before it began");
        }
    }
}
