package org.deuterium.replica.log;

import java.util.zip.CRC32C;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.LogEntry;

/**
 * The records of a batch: {@code int length, byte kind, vint partition}, and what the kind says.
 *
 * <table>
 * <caption>Kinds</caption>
 * <tr><td>ENTRY</td><td>an entry of the partition's replicated log</td></tr>
 * <tr><td>PROMISE</td><td>no older term is obeyed any more</td></tr>
 * <tr><td>DISCARD_AFTER</td><td>entries after an index never count again</td></tr>
 * <tr><td>CHECKPOINT</td><td>entries up to an index are in the synced H2 file</td></tr>
 * <tr><td>SNAPSHOT</td><td>the H2 file was replaced by a snapshot of an index; the log starts after it</td></tr>
 * <tr><td>CREATED</td><td>a replica with an empty directory; whatever the log says of the partition before is void</td></tr>
 * <tr><td>DROPPED</td><td>the replica is no more</td></tr>
 * <tr><td>SUMMARY</td><td>the state of the partition at the start of a segment, so that older segments can go</td></tr>
 * </table>
 */
final class LogRecords {

    static final int ENTRY = 1;
    static final int PROMISE = 2;
    static final int DISCARD_AFTER = 3;
    static final int CHECKPOINT = 4;
    static final int SNAPSHOT = 5;
    static final int CREATED = 6;
    static final int DROPPED = 7;
    static final int SUMMARY = 8;

    private static final int ENTRY_OVERHEAD_BYTES = 160;

    private LogRecords() {}

    /** What an entry costs while it is held in memory. */
    static int heapBytes(LogEntry entry) {
        return ENTRY_OVERHEAD_BYTES + entry.payload().length;
    }

    /** Of one record as it lies in the log: held against it when it is read again, without the rest of its batch. */
    static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private static int begin(WireWriter batch, int kind, PartitionId partition) {
        int start = batch.size();
        batch.writeInt(0).writeByte(kind).writeVInt(partition.number());
        return start;
    }

    private static void end(WireWriter batch, int start) {
        batch.putInt(start, batch.size() - start - Integer.BYTES);
    }

    static void entry(WireWriter batch, PartitionId partition, LogEntry entry) {
        int start = begin(batch, ENTRY, partition);
        entry.encode(batch);
        end(batch, start);
    }

    static void promise(WireWriter batch, PartitionId partition, Term term) {
        int start = begin(batch, PROMISE, partition);
        batch.writeVLong(term.number());
        end(batch, start);
    }

    static void discardAfter(WireWriter batch, PartitionId partition, LogIndex index) {
        int start = begin(batch, DISCARD_AFTER, partition);
        batch.writeVLong(index.position());
        end(batch, start);
    }

    static void checkpoint(WireWriter batch, PartitionId partition, LogIndex index, Term term) {
        int start = begin(batch, CHECKPOINT, partition);
        batch.writeVLong(index.position()).writeVLong(term.number());
        end(batch, start);
    }

    static void snapshot(WireWriter batch, PartitionId partition, LogIndex index, Term term, Timestamp last) {
        int start = begin(batch, SNAPSHOT, partition);
        batch.writeVLong(index.position()).writeVLong(term.number()).writeLong(last.value());
        end(batch, start);
    }

    static void created(WireWriter batch, PartitionId partition, StorageId storage) {
        int start = begin(batch, CREATED, partition);
        batch.writeString(storage.value());
        end(batch, start);
    }

    static void dropped(WireWriter batch, PartitionId partition) {
        end(batch, begin(batch, DROPPED, partition));
    }

    static void summary(WireWriter batch, PartitionLog log) {
        int start = begin(batch, SUMMARY, log.partition());
        batch.writeString(log.storage().value()).writeVLong(log.promised().number());
        batch.writeVLong(log.checkpointIndex().position())
                .writeVLong(log.checkpointTerm().number());
        batch.writeVLong(log.lastIndex().position()).writeVLong(log.lastTerm().number());
        batch.writeLong(log.lastTimestamp().value()).writeNullableString(log.damage());
        end(batch, start);
    }

    /** Reads an entry record, from its length on. */
    static LogEntry readEntry(WireReader in) {
        in.readInt();
        int kind = in.readByte();
        if (kind != ENTRY) {
            throw new MalformedMessageException("record kind " + kind + " where an entry was written");
        }
        in.readVInt();
        return LogEntry.decode(in);
    }

    static LogIndex readIndex(WireReader in) {
        return new LogIndex(in.readVLong());
    }

    static Term readTerm(WireReader in) {
        return new Term(in.readVLong());
    }
}
