package org.deuterium.replica.host;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** What a SCHEMA_CHANGE entry carries: one version of the schema log, as partitions run it. */
public record SchemaChangePayload(long version, String sql) {

    public byte[] encode() {
        return new WireWriter().writeVLong(version).writeString(sql).toByteArray();
    }

    public static SchemaChangePayload decode(byte[] payload) {
        WireReader in = new WireReader(payload);
        return new SchemaChangePayload(in.readVLong(), in.readString());
    }
}
