package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A follower asks its leader how far it is (Raft's ReadIndex: Ongaro 2014, 6.4); answered by a {@link PositionedAnswer}
 * around Done. A follower that shows the log up to the answer's index shows everything that was committed when it asked.
 *
 * @param closing a moment that the leader is to close, or ZERO: every entry after the answer's index then has a later
 *     timestamp, whoever leads, so a follower knows what a cut at that moment shows. The index is then that of the log's last
 *     entry, committed or not
 */
public record AskPosition(PartitionId partition, Timestamp closing) implements PartitionRequest {

    /** How far the leader is, and no more. */
    public AskPosition(PartitionId partition) {
        this(partition, Timestamp.ZERO);
    }

    public boolean closes() {
        return closing.value() != 0;
    }

    @Override
    public int code() {
        return PartitionMessages.ASK_POSITION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(closing.value());
    }

    static AskPosition decode(WireReader in) {
        return new AskPosition(new PartitionId(in.readVInt()), new Timestamp(in.readVLong()));
    }
}
