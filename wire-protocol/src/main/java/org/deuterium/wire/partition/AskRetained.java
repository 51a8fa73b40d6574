package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** A router asks a leader which states of the past it keeps for transactions AS OF; answered by {@link RetainedMoments}. */
public record AskRetained(PartitionId partition) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.ASK_RETAINED;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number());
    }

    static AskRetained decode(WireReader in) {
        return new AskRetained(new PartitionId(in.readVInt()));
    }
}
