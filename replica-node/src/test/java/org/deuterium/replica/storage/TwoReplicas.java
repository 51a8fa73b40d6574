package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.util.DateTimeUtils;
import org.h2.value.Value;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;

/** A leader and a follower with a log that is a list: what the leader captures, the follower applies. */
final class TwoReplicas implements AutoCloseable {

    static final SessionContext SESSION = new SessionContext("PUBLIC", "UTC", 200);
    static final Term TERM = new Term(1);

    final H2Storage leader;
    final H2Storage follower;
    final List<RowsEntry> notApplied = new ArrayList<>();
    LogIndex last = LogIndex.NONE;
    private long version;
    private long transactions;

    TwoReplicas(Path directory) {
        leader = H2Storage.open(directory.resolve("leader"), StorageSettings.DEFAULT);
        follower = H2Storage.open(directory.resolve("follower"), StorageSettings.DEFAULT);
    }

    /** On machines with these time zones. */
    TwoReplicas(Path directory, String leaderZone, String followerZone) {
        leader = openIn(leaderZone, directory.resolve("leader"));
        follower = openIn(followerZone, directory.resolve("follower"));
    }

    private static H2Storage openIn(String zone, Path directory) {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        DateTimeUtils.resetCalendar();
        try {
            return H2Storage.open(directory, StorageSettings.DEFAULT);
        } finally {
            TimeZone.setDefault(before);
            DateTimeUtils.resetCalendar();
        }
    }

    void schema(String... changes) {
        for (String sql : changes) {
            drain();
            last = last.next();
            version++;
            assertEquals(null, leader.applySchemaChange(last, TERM, version, sql), sql);
            assertEquals(null, follower.applySchemaChange(last, TERM, version, sql), sql);
        }
    }

    Branch branch() {
        return leader.openBranch(new TransactionId(1, ++transactions), SESSION);
    }

    static ExecuteInBranch statement(String sql, ParameterRows parameters, int fetchSize, KeysWanted keys) {
        return new ExecuteInBranch(
                PartitionId.HOME,
                0,
                new TransactionId(1, 1),
                true,
                false,
                true,
                SESSION,
                sql,
                parameters,
                fetchSize,
                0,
                0,
                keys,
                true);
    }

    static ParameterRows parameters(int sets, Object... values) {
        WireWriter out = new WireWriter();
        for (Object value : values) {
            ValueCodec.write(value(value), out);
        }
        return new ParameterRows(sets, values.length / sets, out.toByteArray());
    }

    private static Value value(Object value) {
        if (value == null) {
            return ValueNull.INSTANCE;
        }
        if (value instanceof Value) {
            return (Value) value;
        }
        return value instanceof Integer ? ValueInteger.get((Integer) value) : ValueVarchar.get(value.toString());
    }

    /** Reserves values of a sequence through the log. */
    Message reserve(String sequence, int count) {
        drain();
        last = last.next();
        Message block = leader.applySequenceReservation(last, TERM, sequence, count);
        assertEquals(block, follower.applySequenceReservation(last, TERM, sequence, count));
        return block;
    }

    /** Runs a statement to its end, getting the sequence values it asks for. */
    Message run(Branch branch, String sql, Object... values) {
        return finish(branch, branch.execute(statement(sql, parameters(1, values), 0, KeysWanted.NONE), 0));
    }

    Message finish(Branch branch, StatementResult result) {
        while (result.kind() == StatementResult.Kind.NEEDS_SEQUENCE_BLOCK) {
            Message block = reserve(result.sequence(), result.valuesWanted());
            if (block instanceof SequenceBlock granted) {
                leader.grantSequence(result.sequence(), granted, leader.schemaVersion());
                result = branch.resume(0);
            } else {
                result = branch.giveUp((Failure) block, 0);
            }
        }
        assertTrue(result.isAnswered(), () -> "not answered");
        return result.answer();
    }

    /** Commits through the log; the follower gets it with the next {@link #drain}. */
    byte[] commit(Branch branch) {
        byte[] writeSet = branch.capture();
        if (writeSet.length == 0) {
            branch.rollback();
            return writeSet;
        }
        last = last.next();
        branch.commit(last, TERM);
        notApplied.add(new RowsEntry(last, TERM, writeSet));
        return writeSet;
    }

    void drain() {
        if (!notApplied.isEmpty()) {
            follower.applyRows(notApplied);
            notApplied.clear();
        }
    }

    /** Each statement in a transaction of its own; none may fail. */
    void execute(String... statements) {
        for (String sql : statements) {
            Branch branch = branch();
            Message answer = run(branch, sql);
            if (answer instanceof Failure failure) {
                fail(sql + ": " + failure);
            }
            commit(branch);
        }
    }

    Failure failing(String sql, Object... values) {
        Branch branch = branch();
        Message answer = run(branch, sql, values);
        branch.rollback();
        if (answer instanceof Failure failure) {
            return failure;
        }
        return fail(sql + " did not fail: " + answer);
    }

    /** The rows of a query at the leader, as text. */
    String query(String sql) {
        return query(leader, sql);
    }

    static String query(H2Storage storage, String sql) {
        Branch branch = storage.openBranch(new TransactionId(2, 1), SESSION);
        Message answer = branch.execute(statement(sql, ParameterRows.NONE, 0, KeysWanted.NONE), 0)
                .answer();
        branch.rollback();
        if (answer instanceof RowsPage page) {
            return text(page, page.columns().size());
        }
        return answer.toString();
    }

    static String text(RowsPage page, int columns) {
        StringBuilder text = new StringBuilder();
        WireReader in = new WireReader(page.rows());
        for (int row = 0; row < page.rowCount(); row++) {
            text.append(row == 0 ? "" : "; ");
            for (int i = 0; i < columns; i++) {
                text.append(i == 0 ? "" : ",").append(text(ValueCodec.read(in)));
            }
        }
        return text.toString();
    }

    private static String text(Value value) {
        return value.getValueType() == Value.JAVA_OBJECT ? "object" : value.getString();
    }

    static long count(Message answer) {
        return ((UpdateCounts) answer).counts()[0];
    }

    void assertEqual() {
        drain();
        assertEquals(leader.appliedIndex(), follower.appliedIndex());
        assertEquals(leader.digests(), follower.digests());
    }

    @Override
    public void close() {
        leader.abandon();
        follower.abandon();
    }
}
