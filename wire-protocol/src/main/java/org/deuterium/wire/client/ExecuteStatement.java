package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/**
 * Runs a statement; answered by a RowsPage, UpdateCounts or a Failure.
 *
 * <p>Several sets of parameters are a batch. A set that fails does not stop the others (as in H2): its count is -3 and
 * its reason is in the UpdateCounts; when {@code autoCommit} is true each set is a transaction of its own. A batch is
 * answered by a Failure only if nothing of it was done, or if the transaction has ended.
 *
 * <p>BEGIN, COMMIT, ROLLBACK and SET AUTOCOMMIT are never sent as text: the driver holds the mode and says
 * {@link EndTransaction}.
 *
 * @param statement the number a {@link StatementPrepared} gave, or 0 to run {@code sql}
 * @param sql the text when {@code statement} is 0, else null
 * @param autoCommit true: the statement is a transaction of its own; false: it belongs to the session's transaction
 *     and begins one if there is none
 * @param fetchSize rows wanted in the first page and those fetched later; 0 lets the server choose. A cursor outlives
 *     the statement's own transaction (autoCommit) but not the end of the session's transaction
 * @param maxRows rows wanted at most, 0 all
 * @param timeoutMillis when to stop the statement, 0 never
 * @param wantColumns true if the answer must describe its columns; when false the answer describes them only if they are
 *     no longer those of {@link StatementPrepared} (the schema changed since)
 */
public record ExecuteStatement(
        long statement,
        @Nullable String sql,
        ParameterRows parameters,
        boolean autoCommit,
        int fetchSize,
        long maxRows,
        int timeoutMillis,
        KeysWanted keys,
        boolean wantColumns)
        implements Message {

    @Override
    public int code() {
        return ClientMessages.EXECUTE_STATEMENT;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(statement).writeNullableString(sql);
        parameters.encode(out);
        out.writeBoolean(autoCommit).writeVInt(fetchSize).writeVLong(maxRows).writeVInt(timeoutMillis);
        keys.encode(out);
        out.writeBoolean(wantColumns);
    }

    static ExecuteStatement decode(WireReader in) {
        return new ExecuteStatement(
                in.readVLong(),
                in.readNullableString(),
                ParameterRows.decode(in),
                in.readBoolean(),
                in.readVInt(),
                in.readVLong(),
                in.readVInt(),
                KeysWanted.decode(in),
                in.readBoolean());
    }
}
