package org.deuterium.simulation.world;

import java.util.ArrayList;
import java.util.List;
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
 * tail does), or leaves what was written in the page cache, still unsynced, if only the process dies; and an H2 of which a
 * crash leaves the last checkpoint.
 */
public final class SimulatedDisk {

    /** One unsynced record of the log: a promise, an entry, or a discard. */
    private record LogRecord(
            @Nullable Term promise, @Nullable LogEntry entry, long discardAfter) {}

    private final StorageId storage;
    private final List<LogRecord> unsynced = new ArrayList<>();
    private int syncing;
    private final EntryArray durable = new EntryArray();
    private Term durablePromise = Term.NONE;

    /** The log as it reads now, whether synced or not. */
    private final EntryArray entries = new EntryArray();

    private Content applied = Content.EMPTY;
    private Content checkpointed = Content.EMPTY;
    private long checkpointedIndex;
    private long damagedIndex;

    public SimulatedDisk(StorageId storage) {
        this.storage = storage;
    }

    public StorageId storage() {
        return storage;
    }

    public void writePromise(Term term) {
        unsynced.add(new LogRecord(term, null, -1));
    }

    public void writeDiscard(long after) {
        unsynced.add(new LogRecord(null, null, after));
        entries.discardAfter(after);
    }

    public void writeEntry(LogEntry entry) {
        unsynced.add(new LogRecord(null, entry, -1));
        entries.append(entry);
    }

    /** Everything written so far will be durable when {@link #endSync} is called. */
    public void beginSync() {
        syncing = unsynced.size();
    }

    public void endSync() {
        makeDurable(syncing);
        syncing = 0;
    }

    private void makeDurable(int records) {
        for (int i = 0; i < records; i++) {
            LogRecord one = unsynced.get(i);
            if (one.promise() != null) {
                durablePromise = one.promise();
            } else if (one.entry() != null) {
                durable.append(one.entry());
            } else {
                durable.discardAfter(one.discardAfter());
            }
        }
        unsynced.subList(0, records).clear();
    }

    /** Replaces H2 and log by a snapshot; durable at once, as the host makes it, and so is what was written before. */
    public void installSnapshot(Content content, LogIndex index, Term termOfIndex) {
        makeDurable(unsynced.size());
        syncing = 0;
        applied = content;
        checkpointed = content;
        checkpointedIndex = index.position();
        entries.startAfter(index.position(), termOfIndex.number());
        durable.startAfter(index.position(), termOfIndex.number());
        damagedIndex = 0;
    }

    /** Replaces H2 alone, by the state of an entry of the log; what was written before is durable, as the host makes it. */
    public void replaceDatabase(Content content, LogIndex index) {
        makeDurable(unsynced.size());
        syncing = 0;
        applied = content;
        checkpointed = content;
        checkpointedIndex = index.position();
    }

    /** The entry at an index as the log reads now; null if it is not there. */
    public @Nullable LogEntry entry(long index) {
        return entries.get(index);
    }

    public Content applied() {
        return applied;
    }

    public void apply(LogEntry entry) {
        applied = applied.with(entry);
    }

    /** Stores H2 as the state of {@code index}. */
    public void checkpoint(long index) {
        checkpointed = applied;
        checkpointedIndex = index;
    }

    public long checkpointedIndex() {
        return checkpointedIndex;
    }

    /** Forgets the entries up to there; H2 has stored what they did. */
    public void cut(long through) {
        entries.cutThrough(through);
        durable.cutThrough(through);
        if (damagedIndex <= through) {
            damagedIndex = 0;
        }
    }

    /**
     * Flips a bit in one of the durable entries; who reads the log at start finds a wrong checksum.
     *
     * @return false if there is nothing that could be damaged
     */
    public boolean damage(Chance chance) {
        long held = durable.lastIndex() - durable.base();
        if (held == 0 || damagedIndex != 0) {
            return false;
        }
        damagedIndex = durable.base() + 1 + chance.below((int) held);
        return true;
    }

    public boolean isDamaged() {
        return damagedIndex != 0;
    }

    /** The latest promise that is fsynced; entries of a term imply its promise. */
    public Term durablePromise() {
        LogEntry last = durable.get(durable.lastIndex());
        return last != null && durablePromise.isBefore(last.term()) ? last.term() : durablePromise;
    }

    /** The last entry that is fsynced, or that H2 stored before the log begins. */
    public long durableIndex() {
        return durable.lastIndex();
    }

    /** The log holds nothing up to there, because H2 has stored it. */
    public long cutThrough() {
        return entries.base();
    }

    /** True if this very entry is durable here: in the log, or in what H2 stored before the log begins. */
    public boolean holdsDurably(LogEntry entry) {
        long index = entry.index().position();
        if (index <= durable.base()) {
            return true; // committed before it was cut; SamePrefixApplied compares what was applied
        }
        LogEntry held = durable.get(index);
        return held != null && held.term().equals(entry.term());
    }

    /** The power goes: of what was not synced a beginning survives, or nothing, or all. */
    public void crash(Chance chance, RunCounts counts) {
        int written = unsynced.size();
        if (written > 0) {
            int kept = chance.below(written + 1);
            if (kept == 0) {
                counts.count(FaultKind.UNSYNCED_WRITES_LOST);
            } else if (kept < written) {
                counts.count(FaultKind.TORN_TAIL);
            }
            makeDurable(kept);
        }
        unsynced.clear();
        syncing = 0;
        entries.become(durable);
        applied = checkpointed;
    }

    /** True if the log was written to and the fsync did not come to its end. */
    public boolean isSyncing() {
        return syncing > 0;
    }

    /**
     * The process ends between write and fsync: who reads the log next finds what was written, but it is on no disk; what
     * was gathered since in memory is gone.
     */
    public void processEnds() {
        unsynced.subList(syncing, unsynced.size()).clear();
        syncing = 0;
        entries.become(durable);
        for (LogRecord one : unsynced) {
            if (one.entry() != null) {
                entries.append(one.entry());
            } else if (one.promise() == null) {
                entries.discardAfter(one.discardAfter());
            }
        }
        applied = checkpointed;
    }

    /** What a process does that opens the log, before it says anything of what it read there. */
    public void syncWhatIsRead() {
        makeDurable(unsynced.size());
    }

    private Term promiseAsRead() {
        Term promise = durablePromise;
        for (LogRecord one : unsynced) {
            promise = one.promise() == null ? promise : one.promise();
        }
        return promise;
    }

    /** What a replica finds when it starts on this disk. */
    public ReplicaState open(PartitionId partition, NodeId node) {
        LogShape shape = new LogShape();
        Timestamp lastTimestamp = Timestamp.ZERO;
        LogEntry shown = applied.last();
        if (shown != null) {
            lastTimestamp = shown.timestamp();
        }
        if (entries.base() > 0) {
            shape.startAfter(entries.base(), entries.baseTerm());
        }
        for (long index = entries.base() + 1; index <= entries.lastIndex(); index++) {
            LogEntry entry = entries.get(index);
            if (entry == null) {
                throw new IllegalStateException("no entry i" + index + " in " + storage);
            }
            shape.append(index, entry.term().number());
            lastTimestamp = lastTimestamp.max(entry.timestamp());
        }
        return new ReplicaState(
                partition, node, storage, promiseAsRead(), shape, lastTimestamp, new LogIndex(checkpointedIndex));
    }
}
