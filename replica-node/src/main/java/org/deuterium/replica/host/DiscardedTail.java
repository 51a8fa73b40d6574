package org.deuterium.replica.host;

import java.util.List;
import org.deuterium.replica.log.DamagedEntryException;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a log that is about to be discarded and must not vanish silently. */
final class DiscardedTail {

    private static final Logger LOG = LoggerFactory.getLogger(DiscardedTail.class);

    private DiscardedTail() {}

    /** Gives the entries after this index to the node's {@link TailKeeper}. */
    static void setAside(HostServices services, PartitionId partition, Term goneFor, LogIndex after) {
        try {
            List<LogEntry> tail = services.log().entries(partition, after.plus(1), Integer.MAX_VALUE);
            if (!tail.isEmpty()) {
                services.tails().keep(partition, goneFor, tail);
            }
        } catch (DamagedEntryException e) {
            LOG.error("{}: the entries after {} are damaged and cannot be set aside", partition, after, e);
        }
    }
}
