package org.deuterium.replica.storage;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/** One replica's H2 database: quiesced (it stores only at checkpoints), and always at a known index of the log. */
public final class H2Storage implements AutoCloseable {

    /** Its session runs no statement. */
    private static final SessionContext PREPARED_CONTEXT =
            new SessionContext("PUBLIC", "UTC", SessionContext.DEFAULT_LOCK_TIMEOUT_MILLIS);

    private final QuiescedDatabase database;
    private final SequenceBlocks sequences;
    private final SchemaChanges schemaChanges;
    private final HeldCursors cursors;
    private final BranchServices services;
    private final RowApplier rowApplier;
    private final StatementApplier statementApplier;
    /** Appliers only: see {@link #commitAhead}. */
    private final Set<TransactionId> ahead = new HashSet<>();

    private volatile boolean closed;

    private H2Storage(QuiescedDatabase database) {
        this.database = database;
        this.sequences = new SequenceBlocks(database.database(), database.store());
        this.schemaChanges = new SchemaChanges(database, sequences);
        RowPages pages = new RowPages(database.settings().pageBytes());
        this.cursors = new HeldCursors(pages);
        TableLocks locks = new TableLocks();
        this.services = new BranchServices(
                database,
                new SessionPool(database, locks),
                cursors,
                pages,
                sequences,
                locks,
                new RetainedStates(database));
        this.rowApplier = new RowApplier(database.admin());
        this.statementApplier = new StatementApplier(database.admin());
    }

    /**
     * Opens the database in {@code directory}, or makes an empty one.
     *
     * @throws StorageFailedException if the file is damaged
     */
    public static H2Storage open(Path directory, StorageSettings settings) {
        return new H2Storage(QuiescedDatabase.open(directory, settings));
    }

    /** The last entry that H2 shows; 0 in an empty database. */
    public LogIndex appliedIndex() {
        return database.position().applied().index();
    }

    /** The term of the entry at {@link #appliedIndex()}. */
    public Term appliedTerm() {
        return database.position().applied().term();
    }

    /** The version of the last schema change applied; 0 before the first. */
    public long schemaVersion() {
        return database.position().applied().schemaVersion();
    }

    /** The last entry that is stored and synced: the log is needed only after it. */
    public LogIndex checkpointedIndex() {
        return database.checkpointed().index();
    }

    /**
     * What H2 estimates that only memory holds, high rather than low: some 8 kB a small transaction, of which most is
     * garbage by then. The host asks for a checkpoint at some hundred megabytes, long before the limit.
     */
    public long unstoredBytes() {
        return database.unstoredBytes();
    }

    /** Stores and syncs everything committed so far, gives some space back; returns the checkpointed index. */
    public LogIndex checkpoint() {
        return database.checkpoint().index();
    }

    /** Which checkpoints pass alone. */
    CheckpointGate gate() {
        return database.gate();
    }

    /** What of the file was found different from what was written, or null; the replica is then to be rebuilt. */
    public @Nullable String damage() {
        return database.damage();
    }

    /**
     * Holds the next {@code count} blocks of 4 kB against their checksums.
     *
     * @param from a block, 0 to begin
     * @return the block to go on with, 0 at the end of the file
     * @throws StorageFailedException if one is damaged: the replica is to be rebuilt
     */
    public int verify(int from, int count) {
        return database.verify(from, count);
    }

    /** Begins a transaction (leader only) whose entry is its rows. */
    public Branch openBranch(TransactionId transaction, SessionContext session) {
        return openBranch(transaction, session, LogKind.ROW);
    }

    /**
     * Begins a transaction (leader only); nothing happens in H2 before its first statement.
     *
     * @param logKind what its entry may be
     */
    public Branch openBranch(TransactionId transaction, SessionContext session, LogKind logKind) {
        return new Branch(transaction, services, session, logKind);
    }

    /**
     * Keeps the state that H2 shows now, for branches AS OF this moment. Appliers only, at a cut.
     *
     * @return false if it could not be kept: transactions came and went too fast
     */
    public boolean retainState(Timestamp at) {
        return services.retained().retain(at);
    }

    /** How long a replica keeps a state of the past; 0: it keeps none. */
    public long retainedMillis() {
        return database.settings().retainedMillis();
    }

    /** The moments of the states that are kept, in order. */
    public List<Timestamp> retainedStates() {
        return services.retained().moments();
    }

    /** Gives up the states of before this moment; who looks at one goes on doing so. */
    public void forgetStatesBefore(Timestamp moment) {
        services.retained().forgetBefore(moment);
    }

    /** Gives up all states of the past. */
    public void forgetStates() {
        services.retained().forgetAll();
    }

    /** The next rows of a cursor: a RowsPage, or a Failure if it is closed. Cursors outlive their transaction. */
    public Message fetch(long cursor, int count) {
        return cursors.fetch(cursor, count);
    }

    /** Closes a cursor; nothing happens if it is closed. */
    public void closeCursor(long cursor) {
        cursors.close(cursor);
    }

    /** Closes the cursors of the transactions named (their client or router is gone). */
    public void closeCursors(Predicate<TransactionId> ofTransaction) {
        cursors.closeIf(ofTransaction);
    }

    /** True if a write would not have to wait for a checkpoint, as far as can be seen now. */
    public boolean takesWritesAtOnce() {
        return database.gate().isOpen();
    }

    /** Applies write sets in log order and commits them together in H2. Appliers only, one at a time. */
    public void applyRows(List<RowsEntry> entries) {
        AppliedPosition position = database.position();
        long stamp = database.gate().enter();
        try {
            position.check(entries.get(0).index());
            long[] counts = rowApplier.apply(entries);
            for (int i = 0; i < counts.length; i++) {
                RowsEntry entry = entries.get(i);
                position.advance(entry.index(), entry.term());
                database.ledger().committed(entry.transaction(), entry.index(), counts[i]);
            }
        } finally {
            database.gate().leave(stamp);
        }
    }

    /**
     * Runs the statements of an entry, and commits them in H2 if they changed the leader's rows. Appliers only.
     *
     * @throws StorageFailedException if they did not
     */
    public void applyStatements(StatementsEntry entry) {
        AppliedPosition position = database.position();
        long stamp = database.gate().enter();
        try {
            position.check(entry.index());
            long count = statementApplier.apply(entry, position.applied().schemaVersion());
            position.advance(entry.index(), entry.term());
            database.ledger().committed(entry.transaction(), entry.index(), count);
        } finally {
            database.gate().leave(stamp);
        }
    }

    /** Counts an entry that changes no data (a term's start) as applied. */
    public void applyNothing(LogIndex index, Term term) {
        note(index, term, () -> {});
    }

    /** Something that changes no row, as the entry at {@code index}. */
    private void note(LogIndex index, Term term, Runnable work) {
        long stamp = database.gate().enter();
        try {
            database.position().check(index);
            work.run();
            database.position().advance(index, term);
        } finally {
            database.gate().leave(stamp);
        }
    }

    /** Notes that a branch is prepared. Its rows come with the decision; a leader holds them in its open branch. */
    public void applyPrepare(LogIndex index, Term term, PreparedTransaction prepared) {
        note(index, term, () -> database.ledger().prepared(prepared));
    }

    /** Ends a prepared branch that is not open here: brings its rows in, or forgets them; nothing if it was decided. */
    public void applyDecision(
            LogIndex index, Term term, TransactionId transaction, boolean commit, Timestamp timestamp) {
        note(index, term, () -> {
            PreparedTransaction decided = database.ledger().decided(transaction, commit, timestamp, index);
            if (ahead.remove(transaction)) {
                database.aheadOfLog().decrementAndGet();
            } else if (commit && decided != null) {
                bringIn(index, term, decided);
            }
        });
    }

    private void bringIn(LogIndex index, Term term, PreparedTransaction decided) {
        if (decided.writeSet().length > 0) {
            rowApplier.apply(List.of(new RowsEntry(index, term, decided.transaction(), decided.writeSet())));
        }
    }

    /**
     * Shows a prepared branch that is not open here as committed before its DECISION's turn has come: a cut holds that back,
     * and is to show it. {@link #applyDecision} follows; until then nothing is stored. Appliers only.
     *
     * @param index that of the DECISION
     * @return false if no such branch is prepared, which then was decided before
     */
    public boolean commitAhead(LogIndex index, Term term, TransactionId transaction) {
        long stamp = database.gate().enter();
        try {
            PreparedTransaction prepared = database.ledger().preparedAs(transaction);
            if (prepared == null || !ahead.add(transaction)) {
                return false;
            }
            database.aheadOfLog().incrementAndGet();
            bringIn(index, term, prepared);
            return true;
        } finally {
            database.gate().leave(stamp);
        }
    }

    /** Notes that nobody will ask for these transactions any more. */
    public void applyFinish(LogIndex index, Term term, List<TransactionId> transactions) {
        note(index, term, () -> database.ledger().finished(transactions));
    }

    /** Notes that a transaction will never be committed. */
    public void applyAbort(LogIndex index, Term term, TransactionId transaction) {
        note(index, term, () -> database.ledger().aborted(transaction, index));
    }

    /** The branches that are prepared and not decided. */
    public List<PreparedTransaction> preparedTransactions() {
        return database.ledger().allPrepared();
    }

    /** A prepared branch, or null if it is none (any more). */
    public @Nullable PreparedTransaction preparedTransaction(TransactionId transaction) {
        return database.ledger().preparedAs(transaction);
    }

    /** Commits over several partitions that a participant may still ask for. */
    public Map<TransactionId, CommittedTransaction> unfinishedTransactions() {
        return database.ledger().allUnfinished();
    }

    /** What the log says of the transactions of a session from one to another; ABORTED also if it says nothing. */
    public TransactionOutcome outcome(TransactionId from, TransactionId through) {
        return database.ledger().outcome(from, through);
    }

    /** True if the log says that no more work may be done for this transaction. */
    public boolean isRefused(TransactionId transaction) {
        return database.ledger().isRefused(transaction);
    }

    /** Opens a prepared branch again (new leaders, before they serve): its rows are locked when this returns. */
    public Branch reopen(PreparedTransaction prepared) {
        Branch branch = new Branch(prepared.transaction(), services, PREPARED_CONTEXT, LogKind.ROW);
        branch.reopen(prepared);
        return branch;
    }

    /** Runs a schema change at its place in the log. A failure is the same on every replica, and counts as applied. */
    public @Nullable Failure applySchemaChange(LogIndex index, Term term, long version, String sql) {
        services.retained().forgetAll(); // H2 shows no table as it was before
        return schemaChanges.apply(index, term, version, sql);
    }

    /** Reserves values at the entry's place in the home partition's log: a SequenceBlock or a Failure. */
    public Message applySequenceReservation(LogIndex index, Term term, String sequence, int count) {
        long stamp = database.gate().enter();
        try {
            database.position().check(index);
            Message answer = sequences.reserve(sequence, count);
            database.position().advance(index, term);
            return answer;
        } finally {
            database.gate().leave(stamp);
        }
    }

    /** Checks schema and data against a change without changing anything: why it would fail, or null. */
    public @Nullable Failure validateSchemaChange(String sql) {
        return SchemaChangeCheck.check(database, sql);
    }

    /**
     * Gives reserved values to the leader's sequence; statements that need more than these answer so again. Values that
     * were asked for at another version of the schema are not given: the change may have altered the sequence.
     */
    public void grantSequence(String sequence, SequenceBlock block, long schemaVersion) {
        sequences.lock().lock();
        try {
            if (schemaVersion == schemaVersion()) {
                sequences.grant(sequence, block);
            }
        } finally {
            sequences.lock().unlock();
        }
    }

    /** Forgets all granted values: at the start of a leadership. */
    public void forgetGrantedSequences() {
        sequences.forgetGranted();
    }

    /** Writes a snapshot of the state at some applied index, while work goes on. */
    public SnapshotPosition writeSnapshot(OutputStream out) {
        return StorageSnapshot.write(database, out);
    }

    /** Fills {@code directory} (emptied first) from what {@link #writeSnapshot} wrote; open it afterwards. */
    public static SnapshotPosition restoreSnapshot(InputStream in, Path directory) {
        return StorageSnapshot.restore(in, directory);
    }

    /** One digest a table of its columns and rows, and one of all sequences; the same on replicas that are equal. */
    public List<TableDigest> digests() {
        SessionLocal session = database.newClientSession();
        try {
            return TableDigests.of(session, sequences.states());
        } finally {
            session.close();
        }
    }

    /** True from the moment it begins to be closed: statements fail then. */
    public boolean isClosed() {
        return closed;
    }

    /** Closes the database after a last checkpoint; what is not committed is gone, as after a crash. */
    @Override
    public void close() {
        closed = true;
        if (database.aheadOfLog().get() == 0) { // else the log brings back what came after the last checkpoint
            database.checkpoint();
        }
        database.close();
    }

    /** Closes the database as a crash would: the log brings back what came after the last checkpoint. */
    public void abandon() {
        closed = true;
        database.close();
    }
}
