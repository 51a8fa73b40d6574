package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A router is about to ask several partitions for one cut: the leader is to close the moment, and to keep every later entry
 * from being shown until the cut is asked for there, at most 100 ms. When all leaders have answered, no partition can
 * show anything of after the moment while another one still commits before it. Answered by a {@link PositionedAnswer} around
 * Done, or around CUT_MISSED if the log is past the moment.
 *
 * @param at the moment; never ZERO
 * @param letGo true if the cut will not be asked for: the leader need not wait any longer
 */
public record HoldMoment(PartitionId partition, Timestamp at, boolean letGo) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.HOLD_MOMENT;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(at.value()).writeBoolean(letGo);
    }

    static HoldMoment decode(WireReader in) {
        return new HoldMoment(new PartitionId(in.readVInt()), new Timestamp(in.readVLong()), in.readBoolean());
    }
}
