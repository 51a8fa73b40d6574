package org.deuterium.wire.partition;

import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;

/**
 * Runs a statement in a transaction's branch at a partition's leader; answered by a RowsPage, UpdateCounts or a
 * Failure, the first two inside a {@link PositionedAnswer} if the bound wants it. The first one of a transaction opens
 * the branch. A read that begins and ends may go to a follower too, if its bound says so.
 *
 * @param schemaVersion the version the statement was planned for; a leader with another answers STALE_SCHEMA
 * @param begins true for the first request to this branch; false to a leader that has no such branch answers
 *     TRANSACTION_ROLLED_BACK (the branch went with an earlier leader)
 * @param ends true to commit as well (autocommit): the answer then comes after the commit is acknowledged
 * @param brief true if it touches a few rows by a unique key: it may run on the thread that received it
 * @param lockMillisUsed how long the statement has been under way in other partitions: its lock timeout, and that of FOR
 *     UPDATE WAIT, count from its beginning
 * @param momentMicros what CURRENT_TIMESTAMP and its like say, in microseconds since 1970: the same everywhere in a
 *     transaction; 0 for the moment at which the leader comes to it
 * @param bound what the client's session asks of the replica
 * @param asRows true for a text of the router's own, of which LOG STATEMENT asks nothing: its rows are logged
 */
public record ExecuteInBranch(
        PartitionId partition,
        long schemaVersion,
        TransactionId transaction,
        boolean begins,
        boolean ends,
        boolean brief,
        SessionContext session,
        String sql,
        ParameterRows parameters,
        int fetchSize,
        long maxRows,
        int timeoutMillis,
        KeysWanted keys,
        boolean wantColumns,
        int lockMillisUsed,
        long momentMicros,
        ReadBound bound,
        boolean asRows)
        implements PartitionRequest {

    private static final int BEGINS = 1;
    private static final int ENDS = 2;
    private static final int BRIEF = 4;
    private static final int WANT_COLUMNS = 8;
    private static final int AS_ROWS = 16;

    /** What a client wrote, or a part of it. */
    public ExecuteInBranch(
            PartitionId partition,
            long schemaVersion,
            TransactionId transaction,
            boolean begins,
            boolean ends,
            boolean brief,
            SessionContext session,
            String sql,
            ParameterRows parameters,
            int fetchSize,
            long maxRows,
            int timeoutMillis,
            KeysWanted keys,
            boolean wantColumns,
            int lockMillisUsed,
            long momentMicros,
            ReadBound bound) {
        this(
                partition,
                schemaVersion,
                transaction,
                begins,
                ends,
                brief,
                session,
                sql,
                parameters,
                fetchSize,
                maxRows,
                timeoutMillis,
                keys,
                wantColumns,
                lockMillisUsed,
                momentMicros,
                bound,
                false);
    }

    /** Of no client's session. */
    public ExecuteInBranch(
            PartitionId partition,
            long schemaVersion,
            TransactionId transaction,
            boolean begins,
            boolean ends,
            boolean brief,
            SessionContext session,
            String sql,
            ParameterRows parameters,
            int fetchSize,
            long maxRows,
            int timeoutMillis,
            KeysWanted keys,
            boolean wantColumns) {
        this(
                partition,
                schemaVersion,
                transaction,
                begins,
                ends,
                brief,
                session,
                sql,
                parameters,
                fetchSize,
                maxRows,
                timeoutMillis,
                keys,
                wantColumns,
                0,
                0,
                ReadBound.NONE);
    }

    /** The same statement as a transaction of another identity. */
    public ExecuteInBranch as(TransactionId other) {
        return new ExecuteInBranch(
                partition,
                schemaVersion,
                other,
                begins,
                ends,
                brief,
                session,
                sql,
                parameters,
                fetchSize,
                maxRows,
                timeoutMillis,
                keys,
                wantColumns,
                lockMillisUsed,
                momentMicros,
                bound,
                asRows);
    }

    /** The same statement with another bound. */
    public ExecuteInBranch at(ReadBound other) {
        return new ExecuteInBranch(
                partition,
                schemaVersion,
                transaction,
                begins,
                ends,
                brief,
                session,
                sql,
                parameters,
                fetchSize,
                maxRows,
                timeoutMillis,
                keys,
                wantColumns,
                lockMillisUsed,
                momentMicros,
                other,
                asRows);
    }

    /** The same statement as one of the router's own. */
    public ExecuteInBranch loggedAsRows() {
        return new ExecuteInBranch(
                partition,
                schemaVersion,
                transaction,
                begins,
                ends,
                brief,
                session,
                sql,
                parameters,
                fetchSize,
                maxRows,
                timeoutMillis,
                keys,
                wantColumns,
                lockMillisUsed,
                momentMicros,
                bound,
                true);
    }

    @Override
    public int code() {
        return PartitionMessages.EXECUTE_IN_BRANCH;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeVLong(schemaVersion);
        out.writeLong(transaction.origin()).writeVLong(transaction.sequence());
        out.writeByte((begins ? BEGINS : 0)
                | (ends ? ENDS : 0)
                | (brief ? BRIEF : 0)
                | (wantColumns ? WANT_COLUMNS : 0)
                | (asRows ? AS_ROWS : 0));
        session.encode(out);
        out.writeString(sql);
        parameters.encode(out);
        out.writeVInt(fetchSize).writeVLong(maxRows).writeVInt(timeoutMillis);
        keys.encode(out);
        out.writeVInt(lockMillisUsed).writeVLong(momentMicros);
        bound.encode(out);
    }

    static ExecuteInBranch decode(WireReader in) {
        PartitionId partition = new PartitionId(in.readVInt());
        long schemaVersion = in.readVLong();
        TransactionId transaction = new TransactionId(in.readLong(), in.readVLong());
        int flags = in.readByte();
        return new ExecuteInBranch(
                partition,
                schemaVersion,
                transaction,
                (flags & BEGINS) != 0,
                (flags & ENDS) != 0,
                (flags & BRIEF) != 0,
                SessionContext.decode(in),
                in.readString(),
                ParameterRows.decode(in),
                in.readVInt(),
                in.readVLong(),
                in.readVInt(),
                KeysWanted.decode(in),
                (flags & WANT_COLUMNS) != 0,
                in.readVInt(),
                in.readVLong(),
                ReadBound.decode(in),
                (flags & AS_ROWS) != 0);
    }
}
