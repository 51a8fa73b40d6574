package org.deuterium.replica.storage;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** One replica's H2 database: quiesced (it stores only at checkpoints), and always at a known index of the log. */
public final class H2Storage implements AutoCloseable {

    /**
     * Opens the database in {@code directory}, or makes an empty one.
     *
     * @throws StorageFailedException if the file is damaged
     */
    public static H2Storage open(Path directory, StorageSettings settings) {
        throw new UnsupportedOperationException();
    }

    /** The last entry that H2 shows; 0 in an empty database. */
    public LogIndex appliedIndex() {
        throw new UnsupportedOperationException();
    }

    /** The term of the entry at {@link #appliedIndex()}. */
    public Term appliedTerm() {
        throw new UnsupportedOperationException();
    }

    /** The version of the last schema change applied; 0 before the first. */
    public long schemaVersion() {
        throw new UnsupportedOperationException();
    }

    /** The last entry that is stored and synced: the log is needed only after it. */
    public LogIndex checkpointedIndex() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of changes that only memory holds; the host asks for a checkpoint long before the limit is reached. */
    public long unstoredBytes() {
        throw new UnsupportedOperationException();
    }

    /** Stores and syncs everything committed so far, gives some space back; returns the checkpointed index. */
    public LogIndex checkpoint() {
        throw new UnsupportedOperationException();
    }

    /** Begins a transaction (leader only); nothing happens in H2 before its first statement. */
    public Branch openBranch(TransactionId transaction, SessionContext session) {
        throw new UnsupportedOperationException();
    }

    /** The next rows of a cursor: a RowsPage, or a Failure if it is closed. Cursors outlive their transaction. */
    public Message fetch(long cursor, int count) {
        throw new UnsupportedOperationException();
    }

    public void closeCursor(long cursor) {
        throw new UnsupportedOperationException();
    }

    /** Closes the cursors of the transactions named (their client or router is gone). */
    public void closeCursors(Predicate<TransactionId> ofTransaction) {
        throw new UnsupportedOperationException();
    }

    /** Applies write sets in log order and commits them together in H2. Appliers only, one at a time. */
    public void applyRows(List<RowsEntry> entries) {
        throw new UnsupportedOperationException();
    }

    /** Counts an entry that changes no data (a term's start) as applied. */
    public void applyNothing(LogIndex index, Term term) {
        throw new UnsupportedOperationException();
    }

    /** Runs a schema change at its place in the log. A failure is the same on every replica, and counts as applied. */
    public @Nullable Failure applySchemaChange(LogIndex index, Term term, long version, String sql) {
        throw new UnsupportedOperationException();
    }

    /** Reserves values at the entry's place in the home partition's log: a SequenceBlock or a Failure. */
    public Message applySequenceReservation(LogIndex index, Term term, String sequence, int count) {
        throw new UnsupportedOperationException();
    }

    /** Checks schema and data against a change without changing anything: why it would fail, or null. */
    public @Nullable Failure validateSchemaChange(String sql) {
        throw new UnsupportedOperationException();
    }

    /** Gives reserved values to the leader's sequence; statements that need more than these answer so again. */
    public void grantSequence(String sequence, SequenceBlock block) {
        throw new UnsupportedOperationException();
    }

    /** Forgets all granted values: at the start of a leadership. */
    public void forgetGrantedSequences() {
        throw new UnsupportedOperationException();
    }

    /** Writes a snapshot of the state at some applied index, while work goes on. */
    public SnapshotPosition writeSnapshot(OutputStream out) {
        throw new UnsupportedOperationException();
    }

    /** Fills {@code directory} (emptied first) from what {@link #writeSnapshot} wrote; open it afterwards. */
    public static SnapshotPosition restoreSnapshot(InputStream in, Path directory) {
        throw new UnsupportedOperationException();
    }

    /** One digest a table of all its rows, the same on replicas whose rows are equal. */
    public List<TableDigest> digests() {
        throw new UnsupportedOperationException();
    }

    /** Rolls back what is open and closes the database after a last checkpoint. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
