package org.deuterium.simulation.invariant;

import org.deuterium.simulation.world.Content;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;

/** Each H2 is changed by each entry once and in order: after the entry at i, exactly i entries were applied to it. */
public final class AppliedExactlyOnce {

    void check(NodeId at, Content content, LogEntry entry) {
        if (content.size() != entry.index().position()) {
            throw new InvariantBroken(
                    getClass(), at + " applies " + entry + " as number " + content.size() + " of what its H2 holds");
        }
    }
}
