package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The controller asks the leader of a partition to give the replica of a lost node to another one. No answer: the group
 * on the board tells, and the controller asks again while it does not.
 */
public record ReplaceReplica(PartitionId partition, NodeId lost, NodeId fresh) implements Message {

    @Override
    public int code() {
        return ReplicationMessages.REPLACE_REPLICA;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeString(lost.name()).writeString(fresh.name());
    }

    static ReplaceReplica decode(WireReader in) {
        return new ReplaceReplica(
                ReplicationMessages.readPartition(in), new NodeId(in.readString()), new NodeId(in.readString()));
    }
}
