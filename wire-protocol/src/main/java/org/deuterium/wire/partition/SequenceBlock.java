package org.deuterium.wire.partition;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Values of a sequence that nobody else gets: first, first + increment, ...
 *
 * @param count how many; may be less than asked for (at the end of the sequence, or before it cycles)
 */
public record SequenceBlock(long first, long increment, int count) implements Message {

    @Override
    public int code() {
        return PartitionMessages.SEQUENCE_BLOCK;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeZLong(first).writeZLong(increment).writeVInt(count);
    }

    static SequenceBlock decode(WireReader in) {
        return new SequenceBlock(in.readZLong(), in.readZLong(), in.readVInt());
    }
}
