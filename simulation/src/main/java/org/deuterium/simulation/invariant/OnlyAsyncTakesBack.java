package org.deuterium.simulation.invariant;

import org.deuterium.replication.Effects;
import org.deuterium.simulation.world.Content;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;

/**
 * No replica ever applied what its leader's log does not have: only ASYNC lets that happen, to entries of the terms
 * in which it was the rule and of earlier ones.
 */
public final class OnlyAsyncTakesBack {

    void check(NodeId at, Effects effects, Content applied, Term asyncThrough) {
        LogEntry last = applied.last();
        if (effects.parted() && (last == null || asyncThrough.isBefore(last.term()))) {
            throw new InvariantBroken(
                    getClass(),
                    at + " has applied entries that its leader does not have, the last of them " + last
                            + "; ASYNC was the rule through " + asyncThrough);
        }
    }
}
