package org.deuterium.simulation.invariant;

import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * Under SYNC and CHAIN a leader commits a client's write only when at least MIN_IN_SYNC replicas hold it fsynced, or all if
 * there are fewer, however small the in-sync set has become. The entry its term begins with may be committed by fewer, so
 * that reads go on, and with it what was found before it; nobody waits for that there.
 */
public final class CommittedOnEnoughDisks {

    private final DiskCount count;

    CommittedOnEnoughDisks(DiskCount count) {
        this.count = count;
    }

    void check(NodeId leader, PartitionReplica core, @Nullable LogEntry last) {
        ReplicaGroup read = core.group();
        if (!core.isLeader()
                || read == null
                || last == null
                || !read.ackRule().countsInSync()
                || last.transaction().equals(TransactionId.NONE)) {
            return;
        }
        int wanted = Math.min(read.ackRule().minInSync(), read.replicas().size());
        int copies = count.copies(read, last);
        if (copies < wanted) {
            throw new InvariantBroken(
                    getClass(),
                    leader + " commits " + last + ", which " + copies + " disks hold, where " + read + " wants "
                            + wanted);
        }
    }
}
