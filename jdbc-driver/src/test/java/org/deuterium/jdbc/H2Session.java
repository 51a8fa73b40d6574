package org.deuterium.jdbc;

import java.io.Closeable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.ChangeSession;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.FetchRows;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.PrepareStatement;
import org.deuterium.wire.client.StatementPrepared;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.jdbc.JdbcResultSet;
import org.h2.value.Value;

/** One client's session of {@link H2Server}: each message becomes calls of H2's own driver. */
final class H2Session implements Closeable {

    private static final int DEFAULT_PAGE = 100;

    private final String h2Url;
    private final long number;
    private final Map<Long, String> prepared = new HashMap<>();
    private final Map<Long, List<ColumnDescription>> described = new HashMap<>();
    private final Map<Long, ResultSet> cursors = new HashMap<>();
    private Connection h2;
    private volatile Statement running;
    private long lastHandle;

    H2Session(String h2Url, long number) {
        this.h2Url = h2Url;
        this.number = number;
    }

    long cancelKey() {
        return number * 31 + 7;
    }

    Message begin(Hello hello, String homeLeader) {
        try {
            h2 = DriverManager.getConnection(h2Url, hello.user(), hello.password());
            for (Map.Entry<String, String> property : hello.properties().entrySet()) {
                change(property.getKey(), property.getValue());
            }
            String version = h2.getMetaData().getDatabaseProductVersion();
            return new Welcome(1, number, cancelKey(), "n1", version, homeLeader, 0);
        } catch (SQLException e) {
            return failure(e);
        }
    }

    Message answer(Message message) {
        try {
            if (message instanceof ExecuteStatement execute) {
                return execute(execute);
            } else if (message instanceof PrepareStatement prepare) {
                return prepare(prepare.sql());
            } else if (message instanceof FetchRows fetch) {
                return page(fetch.cursor(), cursors.get(fetch.cursor()), fetch.count(), null);
            } else if (message instanceof EndTransaction end) {
                cursors.clear();
                if (!h2.getAutoCommit()) {
                    if (end.commit()) {
                        h2.commit();
                    } else {
                        h2.rollback();
                    }
                }
            } else if (message instanceof CloseHandle close) {
                if (close.cursor()) {
                    cursors.remove(close.handle());
                } else {
                    prepared.remove(close.handle());
                }
            } else if (message instanceof ChangeSession change) {
                change(change.property(), change.value());
            } else if (message instanceof DescribeCatalog describe) {
                return describe(describe);
            }
            return new Done();
        } catch (SQLException e) {
            return failure(e);
        }
    }

    private void change(String property, String value) throws SQLException {
        try (Statement statement = h2.createStatement()) {
            switch (property) {
                case "schema" -> h2.setSchema(value);
                case "isolation" -> h2.setTransactionIsolation(Integer.parseInt(value));
                case "timeZone" -> statement.execute("SET TIME ZONE '" + value + "'");
                case "lockTimeoutMillis" -> statement.execute("SET LOCK_TIMEOUT " + value);
                default -> {
                    // hints only
                }
            }
        }
    }

    void cancel() {
        Statement current = running;
        try {
            if (current != null) {
                current.cancel();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Message prepare(String sql) throws SQLException {
        try (PreparedStatement statement = h2.prepareStatement(sql)) {
            ResultSetMetaData columns = statement.getMetaData();
            var parameters = statement.getParameterMetaData();
            List<ColumnDescription> described = new ArrayList<>();
            for (int i = 1; i <= parameters.getParameterCount(); i++) {
                described.add(new ColumnDescription(
                        "",
                        "",
                        "",
                        "",
                        valueType(parameters.getParameterType(i)),
                        parameters.getParameterTypeName(i),
                        parameters.getParameterType(i),
                        parameters.getPrecision(i),
                        parameters.getScale(i),
                        0,
                        parameters.isNullable(i),
                        false,
                        parameters.getParameterClassName(i)));
            }
            prepared.put(++lastHandle, sql);
            List<ColumnDescription> shape = columns == null ? List.of() : columns(columns);
            this.described.put(lastHandle, shape);
            return new StatementPrepared(lastHandle, columns != null, described, shape);
        }
    }

    private Message execute(ExecuteStatement order) throws SQLException {
        String sql = order.statement() == 0 ? order.sql() : prepared.get(order.statement());
        if (sql == null) {
            return Failure.of(ErrorCode.NO_SUCH_HANDLE, "no statement " + order.statement());
        }
        if (h2.getAutoCommit() != order.autoCommit()) {
            h2.setAutoCommit(order.autoCommit());
        }
        PreparedStatement statement = prepareWithKeys(sql, order.keys());
        statement.setLargeMaxRows(order.maxRows());
        statement.setQueryTimeout((order.timeoutMillis() + 999) / 1000);
        running = statement;
        try {
            ParameterRows parameters = order.parameters();
            WireReader values = new WireReader(parameters.values());
            if (parameters.sets() > 1) {
                return batch(statement, parameters, values);
            }
            setParameters(statement, parameters.perSet(), values);
            if (statement.execute()) {
                List<ColumnDescription> now = columns(statement.getMetaData());
                boolean describe = order.wantColumns() || !now.equals(described.get(order.statement()));
                return page(++lastHandle, statement.getResultSet(), order.fetchSize(), describe ? now : null);
            }
            long count = statement.getLargeUpdateCount();
            return new UpdateCounts(new long[] {count}, List.of(), generated(statement, order.keys()));
        } finally {
            running = null;
        }
    }

    private PreparedStatement prepareWithKeys(String sql, KeysWanted keys) throws SQLException {
        return switch (keys.kind()) {
            case NONE -> h2.prepareStatement(sql);
            case ALL -> h2.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
            case NAMES -> h2.prepareStatement(sql, keys.columns().toArray(new String[0]));
            case INDEXES ->
                h2.prepareStatement(
                        sql, keys.columns().stream().mapToInt(Integer::parseInt).toArray());
        };
    }

    private static void setParameters(PreparedStatement statement, int count, WireReader values) throws SQLException {
        for (int i = 1; i <= count; i++) {
            statement.setObject(i, ValueCodec.read(values));
        }
    }

    private Message batch(PreparedStatement statement, ParameterRows parameters, WireReader values)
            throws SQLException {
        long[] counts = new long[parameters.sets()];
        List<Failure> failures = new ArrayList<>();
        WireWriter keys = new WireWriter();
        List<ColumnDescription> keyColumns = null;
        int keyRows = 0;
        for (int i = 0; i < counts.length; i++) {
            setParameters(statement, parameters.perSet(), values);
            try {
                counts[i] = statement.executeLargeUpdate();
                ResultSet generated = statement.getGeneratedKeys();
                keyColumns = columns(generated.getMetaData());
                keyRows += write(generated, Integer.MAX_VALUE, keys);
            } catch (SQLException e) {
                counts[i] = Statement.EXECUTE_FAILED;
                failures.add(failure(e));
            }
        }
        RowsPage page = keyRows == 0 ? null : new RowsPage(keyColumns, keyRows, keys.toByteArray(), 0);
        return new UpdateCounts(counts, failures, page);
    }

    private RowsPage generated(PreparedStatement statement, KeysWanted keys) throws SQLException {
        if (keys.kind() == KeysWanted.Kind.NONE) {
            return null;
        }
        ResultSet generated = statement.getGeneratedKeys();
        WireWriter rows = new WireWriter();
        int count = write(generated, Integer.MAX_VALUE, rows);
        return new RowsPage(columns(generated.getMetaData()), count, rows.toByteArray(), 0);
    }

    private Message page(long cursor, ResultSet rows, int wanted, List<ColumnDescription> columns) throws SQLException {
        if (rows == null) {
            return Failure.of(ErrorCode.NO_SUCH_HANDLE, "no cursor " + cursor);
        }
        WireWriter out = new WireWriter();
        int most = wanted == 0 ? DEFAULT_PAGE : wanted;
        int count = write(rows, most, out);
        boolean more = count == most;
        if (more) {
            cursors.put(cursor, rows);
        } else {
            cursors.remove(cursor);
        }
        return new RowsPage(columns, count, out.toByteArray(), more ? cursor : RowsPage.NO_MORE);
    }

    private static int write(ResultSet rows, int most, WireWriter out) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        int count = 0;
        while (count < most && rows.next()) {
            for (int i = 1; i <= columns; i++) {
                Value value = ((JdbcResultSet) rows).getInternal(i);
                ValueCodec.write(value, out);
            }
            count++;
        }
        return count;
    }

    private static List<ColumnDescription> columns(ResultSetMetaData data) throws SQLException {
        List<ColumnDescription> columns = new ArrayList<>();
        for (int i = 1; i <= data.getColumnCount(); i++) {
            columns.add(new ColumnDescription(
                    data.getColumnLabel(i),
                    data.getColumnName(i),
                    data.getSchemaName(i),
                    data.getTableName(i),
                    valueType(data.getColumnType(i)),
                    data.getColumnTypeName(i),
                    data.getColumnType(i),
                    data.getPrecision(i),
                    data.getScale(i),
                    data.getColumnDisplaySize(i),
                    data.isNullable(i),
                    data.isAutoIncrement(i),
                    data.getColumnClassName(i)));
        }
        return columns;
    }

    private static ValueType valueType(int sqlType) {
        return switch (sqlType) {
            case Types.TINYINT -> ValueType.TINYINT;
            case Types.SMALLINT -> ValueType.SMALLINT;
            case Types.INTEGER -> ValueType.INTEGER;
            case Types.BIGINT -> ValueType.BIGINT;
            case Types.NUMERIC, Types.DECIMAL -> ValueType.NUMERIC;
            case Types.REAL -> ValueType.REAL;
            case Types.DOUBLE, Types.FLOAT -> ValueType.DOUBLE;
            default -> ValueType.VARCHAR;
        };
    }

    private Message describe(DescribeCatalog question) throws SQLException {
        DatabaseMetaData data = h2.getMetaData();
        WireReader in = new WireReader(question.arguments().values());
        for (Method method : DatabaseMetaData.class.getMethods()) {
            if (method.getName().equals(question.method())
                    && method.getParameterCount() == question.arguments().perSet()) {
                Object[] arguments = new Object[method.getParameterCount()];
                for (int i = 0; i < arguments.length; i++) {
                    SqlValue value = WireValues.read(in);
                    Class<?> type = method.getParameterTypes()[i];
                    arguments[i] = value == null ? null : argument(value, type);
                }
                return called(method, data, arguments);
            }
        }
        return Failure.of(ErrorCode.NOT_SUPPORTED, "no method " + question.method());
    }

    private static Object argument(SqlValue value, Class<?> type) throws SQLException {
        if (type == int.class) {
            return value.asInt();
        } else if (type == boolean.class) {
            return value.asBoolean();
        }
        return JavaObjects.as(value, type);
    }

    private static Message called(Method method, DatabaseMetaData data, Object[] arguments) throws SQLException {
        Object answer;
        try {
            answer = method.invoke(data, arguments);
        } catch (InvocationTargetException e) {
            throw (SQLException) e.getCause();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
        WireWriter rows = new WireWriter();
        if (answer instanceof ResultSet result) {
            int count = write(result, Integer.MAX_VALUE, rows);
            return new RowsPage(columns(result.getMetaData()), count, rows.toByteArray(), 0);
        }
        WireValues.write(ParameterValue.of(answer), rows);
        ColumnDescription column =
                new ColumnDescription("A", "A", "", "", ValueType.VARCHAR, "", 0, 0, 0, 0, 0, false, "");
        return new RowsPage(List.of(column), 1, rows.toByteArray(), 0);
    }

    private static Failure failure(SQLException e) {
        return new Failure(
                ErrorCode.SQL_ERROR,
                e.getSQLState() == null ? "HY000" : e.getSQLState(),
                e.getErrorCode(),
                String.valueOf(e.getMessage()),
                e.getErrorCode() == 40001);
    }

    /** As a router does: what is open is rolled back. */
    @Override
    public void close() {
        try {
            if (h2 != null) {
                h2.close();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
