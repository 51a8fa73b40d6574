package org.deuterium.replica.host;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** What a SEQUENCE_RESERVE entry carries: of which sequence how many values are taken. */
public record SequenceReservePayload(String sequence, int count) {

    public byte[] encode() {
        return new WireWriter().writeString(sequence).writeVInt(count).toByteArray();
    }

    public static SequenceReservePayload decode(byte[] payload) {
        WireReader in = new WireReader(payload);
        return new SequenceReservePayload(in.readString(), in.readVInt());
    }
}
