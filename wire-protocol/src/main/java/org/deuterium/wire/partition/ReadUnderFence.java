package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Reads at a leader that holds new work back for a schema change ({@link FenceSchemaChange}): what it shows then can no
 * longer change before the change does. Answered as the query, or by NOT_READY if the leader does not hold its work back
 * for this version (any more).
 *
 * @param version the version the change will have
 * @param query begins and ends, and is planned for the version before
 */
public record ReadUnderFence(long version, ExecuteInBranch query) implements PartitionRequest {

    @Override
    public PartitionId partition() {
        return query.partition();
    }

    @Override
    public int code() {
        return PartitionMessages.READ_UNDER_FENCE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(version);
        query.encode(out);
    }

    static ReadUnderFence decode(WireReader in) {
        return new ReadUnderFence(in.readVLong(), ExecuteInBranch.decode(in));
    }
}
