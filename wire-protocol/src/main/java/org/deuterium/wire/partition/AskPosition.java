package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A follower asks its leader how far it is (Raft's ReadIndex: Ongaro 2014, 6.4); answered by a {@link PositionedAnswer}
 * around Done. A follower that shows the log up to the answer's index shows everything that was committed when it asked.
 */
public record AskPosition(PartitionId partition) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.ASK_POSITION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number());
    }

    static AskPosition decode(WireReader in) {
        return new AskPosition(new PartitionId(in.readVInt()));
    }
}
