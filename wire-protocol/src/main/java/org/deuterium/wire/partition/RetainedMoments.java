package org.deuterium.wire.partition;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The states of the past that a partition's leader keeps.
 *
 * @param windowMillis how long it keeps each; 0: none are kept
 * @param moments of which it has the state now, in order
 */
public record RetainedMoments(long windowMillis, List<Timestamp> moments) implements Message {

    @Override
    public int code() {
        return PartitionMessages.RETAINED_MOMENTS;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(windowMillis).writeVInt(moments.size());
        moments.forEach(moment -> out.writeVLong(moment.value()));
    }

    static RetainedMoments decode(WireReader in) {
        long windowMillis = in.readVLong();
        int count = in.readVInt();
        List<Timestamp> moments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            moments.add(new Timestamp(in.readVLong()));
        }
        return new RetainedMoments(windowMillis, List.copyOf(moments));
    }
}
