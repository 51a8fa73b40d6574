package org.deuterium.simulation.invariant;

import org.deuterium.wire.NodeId;

/**
 * A linearizable read shows every write that was acknowledged, by whomever, before the read began, and all that a read
 * showed which was over by then. A group written under ASYNC begins an era: what was known before it may be lost, and a
 * read that was under way then promises nothing.
 */
public final class ReadsMissNothing {

    private long acknowledged;
    private int era;

    /** A read under way. */
    public record Begun(long mustShow, int era) {}

    Begun begins() {
        return new Begun(acknowledged, era);
    }

    /** Reads that begin from now on may miss what was acknowledged before; those under way may as well. */
    void forget() {
        acknowledged = 0;
        era++;
    }

    void onAcknowledged(long index) {
        acknowledged = Math.max(acknowledged, index);
    }

    void check(NodeId at, Begun read, long shown) {
        if (read.era() != era) {
            return;
        }
        if (shown < read.mustShow()) {
            throw new InvariantBroken(
                    getClass(),
                    at + " answers a read that shows i" + shown + ", though i" + read.mustShow()
                            + " was acknowledged or shown before it began");
        }
        acknowledged = Math.max(acknowledged, shown);
    }
}
