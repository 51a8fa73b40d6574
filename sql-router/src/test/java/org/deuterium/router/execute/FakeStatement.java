package org.deuterium.router.execute;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.result.ResultWithGeneratedKeys;
import org.jspecify.annotations.Nullable;

/** Runs one ExecuteInBranch with H2. */
final class FakeStatement {

    private FakeStatement() {}

    static Message run(
            JdbcConnection connection, ExecuteInBranch request, AtomicLong cursors, Map<Long, FakeResult> open)
            throws SQLException {
        SessionLocal session = (SessionLocal) connection.getSession();
        try (CommandInterface command = session.prepareCommand(request.sql())) {
            WireReader values = new WireReader(request.parameters().values());
            if (command.isQuery()) {
                setParameters(command, request, values);
                ResultInterface result = command.executeQuery(request.maxRows(), 0, false);
                return new FakeResult(result)
                        .page(request.fetchSize(), request.wantColumns(), cursors.incrementAndGet(), open);
            }
            return update(command, request, values);
        } catch (DbException e) {
            throw e.getSQLException();
        }
    }

    private static void setParameters(CommandInterface command, ExecuteInBranch request, WireReader values) {
        List<? extends ParameterInterface> wanted = command.getParameters();
        for (int i = 0; i < request.parameters().perSet(); i++) {
            wanted.get(i).setValue(ValueCodec.read(values), true);
        }
    }

    private static Message update(CommandInterface command, ExecuteInBranch request, WireReader values)
            throws SQLException {
        int sets = request.parameters().sets();
        long[] counts = new long[sets];
        List<Failure> failures = new ArrayList<>();
        WireWriter keys = new WireWriter();
        List<ColumnDescription> keyColumns = null;
        int keyRows = 0;
        for (int set = 0; set < sets; set++) {
            setParameters(command, request, values);
            try {
                Object wanted = request.keys().kind() == KeysWanted.Kind.NAMES
                        ? request.keys().columns().toArray(new String[0])
                        : (Object) (request.keys().kind() == KeysWanted.Kind.ALL);
                ResultWithGeneratedKeys result = command.executeUpdate(wanted);
                counts[set] = result.getUpdateCount();
                ResultInterface generated = result.getGeneratedKeys();
                if (generated != null) {
                    RowsPage page = new FakeResult(generated).page(Integer.MAX_VALUE, true, 0, new HashMap<>());
                    keyColumns = page.columns();
                    keyRows += page.rowCount();
                    keys.writeRaw(page.rows(), 0, page.rows().length);
                }
            } catch (DbException e) {
                SQLException failure = e.getSQLException();
                if (sets == 1) {
                    throw failure;
                }
                counts[set] = java.sql.Statement.EXECUTE_FAILED;
                failures.add(new Failure(
                        ErrorCode.SQL_ERROR,
                        failure.getSQLState(),
                        failure.getErrorCode(),
                        String.valueOf(failure.getMessage()),
                        false));
            }
        }
        return new UpdateCounts(counts, failures, page(keyColumns, keyRows, keys));
    }

    private static @Nullable RowsPage page(@Nullable List<ColumnDescription> columns, int rows, WireWriter keys) {
        return columns == null ? null : new RowsPage(columns, rows, keys.toByteArray(), RowsPage.NO_MORE);
    }
}
