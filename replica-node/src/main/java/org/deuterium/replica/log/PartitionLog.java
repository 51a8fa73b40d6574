package org.deuterium.replica.log;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** What the log holds of one partition: its promise, its checkpoint, and the entries that are still there. */
public final class PartitionLog {

    private final PartitionId partition;
    private final StorageId storage;
    private final EntryRing ring;
    private final EntriesBehindDamage behindDamage = new EntriesBehindDamage();
    private final List<TermRun> runs = new ArrayList<>();
    private Term promised = Term.NONE;
    private LogIndex checkpointIndex = LogIndex.NONE;
    private Term checkpointTerm = Term.NONE;
    private Timestamp lastTimestamp = Timestamp.ZERO;
    private @Nullable String damage;
    private long lastBatch = -1;

    /** From {@code first} on, entries are of {@code term}. */
    private record TermRun(long first, Term term) {}

    PartitionLog(PartitionId partition, StorageId storage) {
        this.partition = partition;
        this.storage = storage;
        this.ring = new EntryRing(1);
    }

    public PartitionId partition() {
        return partition;
    }

    /** The directory this log belongs to; a replica rebuilt in another one starts a log of its own. */
    public StorageId storage() {
        return storage;
    }

    /** The greatest term this replica has promised or seen. */
    public Term promised() {
        return promised;
    }

    /** Everything up to here is in the replica's H2 file, committed and synced. */
    public LogIndex checkpointIndex() {
        return checkpointIndex;
    }

    public Term checkpointTerm() {
        return checkpointTerm;
    }

    /** The oldest entry that can still be read; after {@link #lastIndex} if there is none. */
    public LogIndex firstIndex() {
        return new LogIndex(ring.first());
    }

    public LogIndex lastIndex() {
        return new LogIndex(ring.end() - 1);
    }

    public Term lastTerm() {
        @Nullable Term term = termAt(lastIndex());
        return term == null ? Term.NONE : term;
    }

    /** The term of an entry, also of the one before {@link #firstIndex}; null if it is not known any more. */
    public @Nullable Term termAt(LogIndex index) {
        if (index.position() == 0) {
            return Term.NONE;
        }
        if (index.position() >= ring.end()) {
            return null;
        }
        for (int i = runs.size() - 1; i >= 0; i--) {
            if (runs.get(i).first <= index.position()) {
                return runs.get(i).term;
            }
        }
        return index.equals(checkpointIndex) ? checkpointTerm : null;
    }

    /** No entry here, nor one of those cut off or in the snapshot it began with, has a later timestamp. */
    public Timestamp lastTimestamp() {
        return lastTimestamp;
    }

    void timestamp(Timestamp timestamp) {
        lastTimestamp = lastTimestamp.max(timestamp);
    }

    /** Why this replica cannot be trusted and must be rebuilt from a peer, or null. */
    public @Nullable String damage() {
        return damage;
    }

    EntryRing ring() {
        return ring;
    }

    EntriesBehindDamage behindDamage() {
        return behindDamage;
    }

    /** The first entry at or after this index that can be read, behind damage too; null if there is none. */
    public @Nullable LogIndex readableFrom(LogIndex index) {
        EntryRing piece = pieceFrom(index.position());
        return piece == null ? null : new LogIndex(Math.max(piece.first(), index.position()));
    }

    /** The last entry that can be read, behind damage too. */
    public LogIndex lastReadable() {
        List<EntryRing> pieces = behindDamage.pieces();
        return pieces.isEmpty()
                ? lastIndex()
                : new LogIndex(pieces.get(pieces.size() - 1).end() - 1);
    }

    /** Where the first entry at or after this index is found; null if there is none. */
    @Nullable
    EntryRing pieceFrom(long index) {
        return index < ring.end() && ring.first() < ring.end() ? ring : behindDamage.pieceFrom(index);
    }

    /** An entry that follows damage. */
    void addBehindDamage(LogEntry entry, long location, int checksum) {
        ring.removeFrom(entry.index().position());
        behindDamage.add(entry.index().position(), location, checksum);
    }

    /** The same as {@link #discardAfter}, said behind damage. */
    void discardBehindDamage(LogIndex index) {
        ring.removeFrom(index.position() + 1);
        behindDamage.removeFrom(index.position() + 1);
    }

    void damaged(String reason) {
        if (damage == null) {
            damage = reason;
        }
    }

    void promise(Term term) {
        if (promised.isBefore(term)) {
            promised = term;
        }
    }

    void add(LogEntry entry, long location, int checksum, boolean cache) {
        long index = entry.index().position();
        if (index != ring.end()) {
            throw new IllegalStateException("entry " + entry.index() + " of " + partition + " does not follow "
                    + lastIndex() + ": a log has no gaps");
        }
        if (runs.isEmpty() || !runs.get(runs.size() - 1).term.equals(entry.term())) {
            runs.add(new TermRun(index, entry.term()));
        }
        lastTimestamp = lastTimestamp.max(entry.timestamp());
        ring.add(location, checksum, cache ? entry : null, cache ? LogRecords.heapBytes(entry) : 0);
    }

    void discardAfter(LogIndex index) {
        if (checkpointIndex.isAfter(index)) {
            throw new IllegalStateException("entries of " + partition + " after " + index
                    + " are to be discarded, but those up to " + checkpointIndex + " are applied");
        }
        if (index.position() + 1 < ring.first()) {
            ring.restartAt(index.position() + 1); // at replay, when the entries discarded are in segments deleted since
        } else {
            ring.removeFrom(index.position() + 1);
        }
        while (!runs.isEmpty() && runs.get(runs.size() - 1).first > index.position()) {
            runs.remove(runs.size() - 1);
        }
    }

    void checkpoint(LogIndex index, Term term) {
        if (index.isAfter(checkpointIndex)) {
            checkpointIndex = index;
            checkpointTerm = term;
        }
    }

    /** A snapshot was put in place; of an older index than the checkpoint, if what was applied here counts no more (ASYNC). */
    void snapshot(LogIndex index, Term term, Timestamp timestamp) {
        restartAfter(index, term);
        checkpointIndex = index;
        checkpointTerm = term;
        timestamp(timestamp);
    }

    /** The entries start after {@code index}, because older segments are gone. */
    void restartAfter(LogIndex index, Term term) {
        ring.restartAt(index.position() + 1);
        behindDamage.clear();
        runs.clear();
        if (index.position() > 0) {
            runs.add(new TermRun(index.position(), term));
        }
    }

    /** Forgets where the first entry was; its segment is about to be deleted. */
    void removeFirst() {
        ring.removeFirst();
        while (runs.size() > 1 && runs.get(1).first < ring.first()) {
            runs.remove(0);
        }
    }

    /** True the first time it is asked about a batch: the partition is to be added to the batch's table. */
    boolean entersBatch(long sequence) {
        boolean enters = lastBatch != sequence;
        lastBatch = sequence;
        return enters;
    }
}
