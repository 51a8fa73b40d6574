package org.deuterium.simulation.invariant;

import org.deuterium.simulation.world.Content;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.LogEntry;

/** Timestamps of entries rise strictly along the log, across leaders whose clocks disagree too. */
public final class TimestampsRise {

    void check(NodeId at, Content before, LogEntry entry) {
        LogEntry last = before.last();
        if (last != null && entry.timestamp().compareTo(last.timestamp()) <= 0) {
            throw new InvariantBroken(
                    getClass(),
                    at + ": the timestamp " + entry.timestamp() + " of " + entry + " does not rise after "
                            + last.timestamp() + " of " + last);
        }
    }
}
