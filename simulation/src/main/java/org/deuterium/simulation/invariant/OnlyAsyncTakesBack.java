package org.deuterium.simulation.invariant;

import org.deuterium.replication.Effects;
import org.deuterium.wire.NodeId;

/**
 * No replica ever applied what its leader's log does not have: only ASYNC lets that happen.
 */
public final class OnlyAsyncTakesBack {

    void check(NodeId at, Effects effects) {
        if (effects.parted()) {
            throw new InvariantBroken(getClass(), at + " has applied entries that its leader does not have");
        }
    }
}
