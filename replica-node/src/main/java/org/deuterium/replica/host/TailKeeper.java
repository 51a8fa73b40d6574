package org.deuterium.replica.host;

import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;

/** Keeps what is taken out of a log because a later leader's log went on without it, so that people can look at it. */
@FunctionalInterface
public interface TailKeeper {

    /**
     * Keeps a copy, durable when it returns. Called on the node loop.
     *
     * @param goneFor the term whose leader does not have them
     * @param entries consecutive, at least one
     */
    void keep(PartitionId partition, Term goneFor, List<LogEntry> entries);
}
