package org.deuterium.wire.replication;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** The controller asks a voter to promise a term: to refuse every older one from now on, and to say how far its log goes. */
public record PromiseRequest(PartitionId partition, Term term) implements ReplicationMessage {

    @Override
    public Kind kind() {
        return Kind.PROMISE_REQUEST;
    }

    @Override
    public int code() {
        return ReplicationMessages.PROMISE_REQUEST;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number());
    }

    static PromiseRequest decode(WireReader in) {
        return new PromiseRequest(ReplicationMessages.readPartition(in), ReplicationMessages.readTerm(in));
    }
}
