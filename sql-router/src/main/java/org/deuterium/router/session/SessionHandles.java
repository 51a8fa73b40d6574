package org.deuterium.router.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.router.execute.OpenRows;
import org.deuterium.router.execute.StatementFailedException;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.ColumnDescription;
import org.jspecify.annotations.Nullable;

/** The prepared statements and cursors of one session, under the numbers its client knows. */
final class SessionHandles {

    private final SessionLimits limits;
    private final Map<Long, PreparedText> prepared = new HashMap<>();
    private final Map<Long, OpenRows> cursors = new HashMap<>();
    private long lastHandle;

    SessionHandles(SessionLimits limits) {
        this.limits = limits;
    }

    /** A statement the client prepared, with its latest plan and the schema that was current for it. */
    static final class PreparedText {

        private final String sql;
        private @Nullable RoutedPlan plan;
        private @Nullable String schema;
        private final List<ColumnDescription> columns;
        private boolean columnsChanged;

        /** @param columns those the client was told of */
        PreparedText(String sql, List<ColumnDescription> columns) {
            this.sql = sql;
            this.columns = columns;
        }

        /** True if the client must be told of the columns anew: the schema changed since it was. */
        boolean columnsChanged() {
            return columnsChanged;
        }

        String sql() {
            return sql;
        }

        /** The remembered plan if it is good for this version and schema. */
        @Nullable
        RoutedPlan plan(long version, String currentSchema) {
            RoutedPlan known = plan;
            return known != null && known.shape().schemaVersion() == version && currentSchema.equals(schema)
                    ? known
                    : null;
        }

        void remember(RoutedPlan newPlan, String currentSchema) {
            plan = newPlan;
            schema = currentSchema;
            columnsChanged |= !columns.equals(newPlan.shape().columns());
        }
    }

    long add(PreparedText statement) {
        if (prepared.size() >= limits.preparedStatements()) {
            throw new StatementFailedException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "This connection has " + prepared.size() + " prepared statements open; close those no longer used");
        }
        lastHandle++;
        prepared.put(lastHandle, statement);
        return lastHandle;
    }

    PreparedText statement(long handle) {
        PreparedText statement = prepared.get(handle);
        if (statement == null) {
            throw new StatementFailedException(
                    ErrorCode.NO_SUCH_HANDLE,
                    "Prepared statement " + handle + " is closed or never was; prepare it again");
        }
        return statement;
    }

    /** Keeps rows under a new number; closes them if there are too many. */
    long add(OpenRows rows) {
        if (cursors.size() >= limits.cursors()) {
            rows.close();
            throw new StatementFailedException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "This connection has " + cursors.size() + " results open; close or read those no longer used");
        }
        lastHandle++;
        cursors.put(lastHandle, rows);
        return lastHandle;
    }

    OpenRows cursor(long handle) {
        OpenRows rows = cursors.get(handle);
        if (rows == null) {
            throw new StatementFailedException(
                    ErrorCode.NO_SUCH_HANDLE,
                    "Result " + handle + " is closed or was read to its end; run the query again");
        }
        return rows;
    }

    void closeStatement(long handle) {
        prepared.remove(handle);
    }

    /** Forgets a cursor of which nothing is left. */
    void forgetCursor(long handle) {
        cursors.remove(handle);
    }

    void closeCursor(long handle) {
        OpenRows rows = cursors.remove(handle);
        if (rows != null) {
            rows.close();
        }
    }

    void closeAll() {
        List<OpenRows> open = new ArrayList<>(cursors.values());
        cursors.clear();
        prepared.clear();
        open.forEach(OpenRows::close);
    }
}
