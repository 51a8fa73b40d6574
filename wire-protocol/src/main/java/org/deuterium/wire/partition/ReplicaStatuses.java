package org.deuterium.wire.partition;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** The replicas of one node, as it sees them itself. */
public record ReplicaStatuses(NodeId node, List<ReplicaStatus> replicas) implements Message {

    /**
     * One replica.
     *
     * @param role LEADER, FOLLOWER, or what else it is doing (SNAPSHOT, STOPPED: why)
     * @param lastIndex the end of its log
     * @param commitIndex the end of what it knows to be committed
     * @param appliedIndex the end of what its H2 shows
     * @param appliedTimestamp the timestamp of the entry there, or a later one
     */
    public record ReplicaStatus(
            PartitionId partition,
            String role,
            Term term,
            LogIndex lastIndex,
            LogIndex commitIndex,
            LogIndex appliedIndex,
            Timestamp appliedTimestamp,
            long schemaVersion) {}

    @Override
    public int code() {
        return PartitionMessages.REPLICA_STATUSES;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(node.name()).writeVInt(replicas.size());
        for (ReplicaStatus replica : replicas) {
            out.writeVInt(replica.partition().number()).writeString(replica.role());
            out.writeVLong(replica.term().number())
                    .writeVLong(replica.lastIndex().position());
            out.writeVLong(replica.commitIndex().position());
            out.writeVLong(replica.appliedIndex().position())
                    .writeVLong(replica.appliedTimestamp().value());
            out.writeVLong(replica.schemaVersion());
        }
    }

    static ReplicaStatuses decode(WireReader in) {
        NodeId node = new NodeId(in.readString());
        int count = in.readCount();
        List<ReplicaStatus> replicas = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            replicas.add(new ReplicaStatus(
                    new PartitionId(in.readVInt()),
                    in.readString(),
                    new Term(in.readVLong()),
                    new LogIndex(in.readVLong()),
                    new LogIndex(in.readVLong()),
                    new LogIndex(in.readVLong()),
                    new Timestamp(in.readVLong()),
                    in.readVLong()));
        }
        return new ReplicaStatuses(node, replicas);
    }
}
