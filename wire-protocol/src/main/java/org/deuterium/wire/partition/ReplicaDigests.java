package org.deuterium.wire.partition;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * What one replica's tables hold, as numbers that are equal where the rows are; compare only replicas with the same
 * applied index.
 *
 * @param appliedIndex what the digests show
 */
public record ReplicaDigests(LogIndex appliedIndex, List<TableDigest> tables) implements Message {

    /**
     * All rows of one table.
     *
     * @param table {@code SCHEMA.TABLE}
     * @param hash of the rows in the order of their keys
     */
    public record TableDigest(String table, long rows, long hash) {}

    @Override
    public int code() {
        return PartitionMessages.REPLICA_DIGESTS;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(appliedIndex.position()).writeVInt(tables.size());
        for (TableDigest table : tables) {
            out.writeString(table.table()).writeVLong(table.rows()).writeLong(table.hash());
        }
    }

    static ReplicaDigests decode(WireReader in) {
        LogIndex appliedIndex = new LogIndex(in.readVLong());
        int count = in.readCount();
        List<TableDigest> tables = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tables.add(new TableDigest(in.readString(), in.readVLong(), in.readLong()));
        }
        return new ReplicaDigests(appliedIndex, tables);
    }
}
