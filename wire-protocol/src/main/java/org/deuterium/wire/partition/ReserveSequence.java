package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Reserves the next values of a sequence or identity column; answered by a {@link SequenceBlock} once the reservation
 * is a committed entry of the home partition.
 *
 * @param sequence {@code SCHEMA.SEQUENCE}, or {@code SCHEMA.TABLE.COLUMN} for an identity column
 * @param count how many values
 */
public record ReserveSequence(PartitionId partition, long schemaVersion, String sequence, int count)
        implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.RESERVE_SEQUENCE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number())
                .writeVLong(schemaVersion)
                .writeString(sequence)
                .writeVInt(count);
    }

    static ReserveSequence decode(WireReader in) {
        return new ReserveSequence(new PartitionId(in.readVInt()), in.readVLong(), in.readString(), in.readVInt());
    }
}
