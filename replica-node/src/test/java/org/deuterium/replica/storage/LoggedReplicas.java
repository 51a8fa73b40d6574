package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;

/**
 * A leader that logs in one of the kinds, a follower, and the whole log in memory, so that both can be replayed from it
 * after a crash. What LOG STATEMENT refuses is run again with its rows logged, as after SET LOG ROW.
 */
final class LoggedReplicas implements AutoCloseable {

    static final Term TERM = new Term(1);

    final LogKind kind;
    final List<EntryKind> kinds = new ArrayList<>();
    final List<LoggedChanges> payloads = new ArrayList<>();
    int refused;
    private final Path directory;
    private final SessionContext session;
    private final List<Consumer<H2Storage>> log = new ArrayList<>();
    private H2Storage leader;
    private H2Storage follower;
    private long version;
    private long transactions;

    LoggedReplicas(Path directory, LogKind kind) {
        this(directory, kind, TwoReplicas.SESSION);
    }

    LoggedReplicas(Path directory, LogKind kind, SessionContext session) {
        this.directory = directory;
        this.kind = kind;
        this.session = session;
        leader = H2Storage.open(directory.resolve("leader"), StorageSettings.DEFAULT);
        follower = H2Storage.open(directory.resolve("follower"), StorageSettings.DEFAULT);
    }

    H2Storage follower() {
        return follower;
    }

    private LogIndex next() {
        return new LogIndex(log.size() + 1L);
    }

    void schema(String... changes) {
        for (String sql : changes) {
            LogIndex index = next();
            long number = ++version;
            append(replica -> assertEquals(null, replica.applySchemaChange(index, TERM, number, sql), sql), true);
        }
    }

    private void append(Consumer<H2Storage> entry, boolean atLeader) {
        log.add(entry);
        if (atLeader) {
            entry.accept(leader);
        }
        entry.accept(follower);
    }

    Branch branch() {
        return leader.openBranch(new TransactionId(1, ++transactions), session, kind);
    }

    Message run(Branch branch, String sql, Object... values) {
        StatementResult result =
                branch.execute(TwoReplicas.statement(sql, TwoReplicas.parameters(1, values), 0, KeysWanted.NONE), 0);
        while (result.kind() == StatementResult.Kind.NEEDS_SEQUENCE_BLOCK) {
            String sequence = result.sequence();
            int wanted = result.valuesWanted();
            LogIndex index = next();
            Message block = leader.applySequenceReservation(index, TERM, sequence, wanted);
            append(replica -> replica.applySequenceReservation(index, TERM, sequence, wanted), false);
            leader.grantSequence(sequence, (SequenceBlock) block, version);
            result = branch.resume(0);
        }
        return result.answer();
    }

    void commit(Branch branch) {
        LoggedChanges changes = branch.captureForLog();
        if (changes.isEmpty()) {
            branch.rollback();
            return;
        }
        LogIndex index = next();
        branch.commit(index, TERM);
        kinds.add(changes.kind());
        payloads.add(changes);
        append(entry(index, changes), false);
    }

    static Consumer<H2Storage> entry(LogIndex index, LoggedChanges changes) {
        return replica -> {
            if (changes.kind() == EntryKind.STATEMENT) {
                replica.applyStatements(new StatementsEntry(index, TERM, TransactionId.NONE, changes.payload()));
            } else {
                replica.applyRows(List.of(new RowsEntry(index, TERM, changes.payload())));
            }
        };
    }

    /** One statement in a transaction of its own; must not fail but for what LOG STATEMENT refuses. */
    void execute(String sql, Object... values) {
        Branch branch = branch();
        Message answer = run(branch, sql, values);
        if (answer instanceof Failure failure && failure.error() == ErrorCode.NOT_REPEATABLE) {
            assertEquals(LogKind.STATEMENT, kind);
            branch.rollback();
            refused++;
            branch = leader.openBranch(new TransactionId(1, ++transactions), session, LogKind.ROW);
            answer = run(branch, sql, values);
        }
        if (answer instanceof Failure failure) {
            fail(sql + ": " + failure);
        }
        commit(branch);
    }

    void executeAll(String... statements) {
        for (String sql : statements) {
            execute(sql);
        }
    }

    /** Every row of both is equal, hidden row keys included; now, and after a crash of both. */
    void assertEqual() {
        assertEquals(leader.appliedIndex(), follower.appliedIndex());
        List<TableDigest> expected = leader.digests();
        assertEquals(expected, follower.digests());
        crash();
        assertEquals(expected, leader.digests(), "the leader, replayed");
        assertEquals(expected, follower.digests(), "the follower, replayed");
    }

    /** Both lose what came after their last checkpoint, and get it back from the log. */
    private void crash() {
        leader.abandon();
        follower.abandon();
        leader = replayed("leader");
        follower = replayed("follower");
    }

    private H2Storage replayed(String name) {
        H2Storage storage = H2Storage.open(directory.resolve(name), StorageSettings.DEFAULT);
        for (long i = storage.appliedIndex().position(); i < log.size(); i++) {
            log.get((int) i).accept(storage);
        }
        return storage;
    }

    void checkpoint() {
        leader.checkpoint();
        follower.checkpoint();
    }

    String query(String sql) {
        return TwoReplicas.query(follower, sql);
    }

    @Override
    public void close() {
        leader.abandon();
        follower.abandon();
    }
}
