package org.deuterium.jdbc;

import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/** A statement the server knows by number: an execution sends the number and the parameters only. */
final class ClusterPreparedStatement extends ParameterizedStatement {

    /** A batch goes in messages of about this size, far below what a frame may have. */
    private static final int BATCH_BYTES = 4 << 20;

    private static final int BATCH_SETS = 10_000;
    private static final byte[] NO_BYTES = new byte[0];

    private final RememberedStatement prepared;
    private final KeysWanted keys;
    private final WireWriter scratch = new WireWriter();
    private final List<ParameterRows> batch = new ArrayList<>();
    private WireWriter batchValues = new WireWriter();
    private int batchSets;

    ClusterPreparedStatement(
            ClusterConnection connection, int resultSetType, RememberedStatement prepared, KeysWanted keys) {
        super(connection, resultSetType, prepared.parameters().size());
        this.prepared = prepared;
        this.keys = keys;
    }

    private boolean run() throws SQLException {
        checkOpen();
        return run(order(parameters()));
    }

    private StatementOrder order(ParameterRows parameters) {
        return order(prepared.sql(), prepared.kind(), prepared, parameters, keys);
    }

    private ParameterRows parameters() throws SQLException {
        if (parameterCount() == 0) {
            return ParameterRows.NONE;
        }
        writeParameters(scratch.clear());
        return new ParameterRows(1, parameterCount(), scratch.toByteArray());
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        checkOpen();
        checkGivesRows(prepared.query());
        return resultOf(run());
    }

    @Override
    public int executeUpdate() throws SQLException {
        return asInt(executeLargeUpdate());
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        checkOpen();
        checkGivesCount(prepared.query());
        checkGivesCount(run());
        return getLargeUpdateCount();
    }

    @Override
    public boolean execute() throws SQLException {
        return run();
    }

    // ---- batches

    @Override
    public void addBatch() throws SQLException {
        checkOpen();
        writeParameters(batchValues);
        batchSets++;
        if (batchValues.size() >= BATCH_BYTES || batchSets == BATCH_SETS) {
            endChunk();
        }
    }

    private void endChunk() {
        byte[] values = parameterCount() == 0 ? NO_BYTES : batchValues.toByteArray();
        batch.add(new ParameterRows(batchSets, parameterCount(), values));
        batchValues = new WireWriter();
        batchSets = 0;
    }

    @Override
    public void clearBatch() throws SQLException {
        checkOpen();
        batch.clear();
        batchValues.clear();
        batchSets = 0;
    }

    /** Every set is run, also after one that failed, unless the whole transaction or the connection is gone. */
    @Override
    public long[] executeLargeBatch() throws SQLException {
        checkOpen();
        closeResults();
        if (batchSets > 0) {
            endChunk();
        }
        List<ParameterRows> chunks = List.copyOf(batch);
        clearBatch();
        checkGivesCount(prepared.query() && !chunks.isEmpty());
        long[] counts = new long[chunks.stream().mapToInt(ParameterRows::sets).sum()];
        Arrays.fill(counts, Statement.EXECUTE_FAILED);
        List<SQLException> failures = new ArrayList<>();
        List<RowsPage> generated = new ArrayList<>();
        int done = 0;
        for (ParameterRows chunk : chunks) {
            try {
                collect(answer(order(chunk)), counts, done, failures, generated);
            } catch (SQLException e) {
                // The chunk failed as a whole: what was before it stands, and nothing after it is tried.
                failures.add(e);
                break;
            }
            done += chunk.sets();
        }
        keepKeys(joined(generated));
        return countsOf(counts, failures);
    }

    private static void collect(
            Message answer, long[] counts, int from, List<SQLException> failures, List<RowsPage> generated)
            throws SQLException {
        if (!(answer instanceof UpdateCounts chunk)) {
            throw SqlExceptions.h2(SqlExceptions.NOT_FOR_QUERY, "a statement that gives rows cannot be a batch", null);
        }
        System.arraycopy(chunk.counts(), 0, counts, from, chunk.counts().length);
        for (Failure failure : chunk.failures()) {
            failures.add(SqlExceptions.of(failure));
        }
        RowsPage keys = chunk.generatedKeys();
        if (keys != null) {
            generated.add(keys);
        }
    }

    private static @Nullable RowsPage joined(List<RowsPage> pages) {
        if (pages.size() <= 1) {
            return pages.isEmpty() ? null : pages.get(0);
        }
        WireWriter rows = new WireWriter();
        int count = 0;
        for (RowsPage page : pages) {
            rows.writeRaw(page.rows(), 0, page.rows().length);
            count += page.rowCount();
        }
        return new RowsPage(pages.get(0).columns(), count, rows.toByteArray(), RowsPage.NO_MORE);
    }

    // ---- descriptions

    @Override
    public @Nullable ResultSetMetaData getMetaData() throws SQLException {
        checkOpen();
        return prepared.query() ? new ColumnMetaData(prepared.columns(), connection()) : null;
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        checkOpen();
        return new ParameterDescriptions(prepared.parameters());
    }

    @Override
    public String toString() {
        return "prepared statement: " + prepared.sql();
    }
}
