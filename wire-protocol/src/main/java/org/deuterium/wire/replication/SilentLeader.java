package org.deuterium.wire.replication;

import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A follower tells the controller, again and again, that it has heard nothing of its leader for long, although the board
 * still names it. Not answered.
 *
 * @param term the leader's
 */
public record SilentLeader(PartitionId partition, Term term) implements Message {

    @Override
    public int code() {
        return PeerMessages.SILENT_LEADER;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(term.number());
    }

    static SilentLeader decode(WireReader in) {
        return new SilentLeader(new PartitionId(in.readVInt()), new Term(in.readVLong()));
    }
}
