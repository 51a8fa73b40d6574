package org.deuterium.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.deuterium.replication.LogShape;
import org.deuterium.replication.ReplicaState;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one replica: a log of records of which a crash loses what was not synced (all, or its end, as a torn
 * tail does), and an H2 of which a crash leaves the last checkpoint.
 */
final class SimulatedDisk {

    /** One record of the log: a promise, an entry, a discard, or the beginning of a log after a snapshot. */
    private record LogRecord(
            @Nullable Term promise, @Nullable LogEntry entry, long discardAfter, long baseIndex, long baseTerm) {}

    final StorageId storage;
    private final List<LogRecord> records = new ArrayList<>();
    private int synced;
    private int syncing;
    private long cutThrough;

    /** The log as it reads now, whether synced or not. */
    final TreeMap<Long, LogEntry> entries = new TreeMap<>();

    /** What H2 shows: the entries applied, from index 1. */
    final List<LogEntry> applied = new ArrayList<>();

    private int checkpointed;

    SimulatedDisk(StorageId storage) {
        this.storage = storage;
    }

    void writePromise(Term term) {
        records.add(new LogRecord(term, null, -1, -1, 0));
    }

    void writeDiscard(long after) {
        records.add(new LogRecord(null, null, after, -1, 0));
        entries.tailMap(after, false).clear();
    }

    void writeEntry(LogEntry entry) {
        records.add(new LogRecord(null, entry, -1, -1, 0));
        entries.put(entry.index().position(), entry);
    }

    /** Everything written so far will be durable when {@link #endSync} is called. */
    void beginSync() {
        syncing = records.size();
    }

    void endSync() {
        synced = syncing;
    }

    /** Replaces H2 and log by a snapshot; durable at once, as the host makes it. */
    void installSnapshot(List<LogEntry> content, Term lastTerm) {
        applied.clear();
        applied.addAll(content);
        checkpointed = content.size();
        entries.clear();
        records.add(new LogRecord(null, null, -1, content.size(), lastTerm.number()));
        synced = records.size();
        cutThrough = 0;
    }

    void checkpoint() {
        checkpointed = applied.size();
    }

    int checkpointed() {
        return checkpointed;
    }

    void cut(long through) {
        cutThrough = through;
        entries.headMap(through, true).clear();
    }

    void crash(Random random) {
        int unsynced = records.size() - synced;
        int kept = synced + (unsynced == 0 ? 0 : random.nextInt(unsynced + 1));
        records.subList(kept, records.size()).clear();
        synced = kept;
        applied.subList(checkpointed, applied.size()).clear();
    }

    /** What a replica finds when it starts on this disk. */
    ReplicaState open(PartitionId partition, NodeId node) {
        LogShape shape = new LogShape();
        Term promised = Term.NONE;
        Timestamp lastTimestamp = Timestamp.ZERO;
        entries.clear();
        for (LogRecord one : records) {
            if (one.promise() != null) {
                promised = one.promise();
            } else if (one.entry() != null) {
                shape.append(one.entry().index().position(), one.entry().term().number());
                entries.put(one.entry().index().position(), one.entry());
                lastTimestamp = lastTimestamp.max(one.entry().timestamp());
            } else if (one.baseIndex() >= 0) {
                shape.startAfter(one.baseIndex(), one.baseTerm());
                entries.clear();
            } else {
                shape.discardAfter(one.discardAfter());
                entries.tailMap(one.discardAfter(), false).clear();
            }
        }
        if (!applied.isEmpty()) {
            lastTimestamp = lastTimestamp.max(applied.get(applied.size() - 1).timestamp());
        }
        shape.cutThrough(cutThrough);
        entries.headMap(cutThrough, true).clear();
        return new ReplicaState(partition, node, storage, promised, shape, lastTimestamp, new LogIndex(applied.size()));
    }
}
