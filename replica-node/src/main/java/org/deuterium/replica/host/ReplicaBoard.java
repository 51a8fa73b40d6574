package org.deuterium.replica.host;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.ReplicaGroup;

/** What a host writes to the board; what it reads comes through {@link NodeHost#onGroup}. No method blocks. */
public interface ReplicaBoard {

    /** Says that this node made the directory of a replica. */
    void registerStorage(PartitionId partition, StorageId storage);

    /** What entries of this partition's log are to be. Any thread. */
    LogKind logKind(PartitionId partition);

    /** False while the board cannot be reached, as far as this node knows: nobody can be elected then. Any thread. */
    boolean isReached();

    /** Tries to write a changed group; whatever comes of it, the group is read again and given to the host. */
    void compareAndSet(ReplicaGroup changed);
}
