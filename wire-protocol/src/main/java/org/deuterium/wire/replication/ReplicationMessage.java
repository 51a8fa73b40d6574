package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;

/**
 * What one replica of a partition, or the controller, says to another replica. Each carries the sender's term; one of
 * an older term changes nothing.
 */
public interface ReplicationMessage extends Message {

    PartitionId partition();

    Term term();

    /** What kind of message this is, so that receivers can switch over all of them. */
    Kind kind();

    /** The kinds of message between replicas. */
    enum Kind {
        PROMISE_REQUEST,
        PROMISE,
        APPEND_ENTRIES,
        APPEND_ANSWER,
        TAIL_LEASE
    }
}
