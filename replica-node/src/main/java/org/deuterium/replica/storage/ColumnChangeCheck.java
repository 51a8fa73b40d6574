package org.deuterium.replica.storage;

import java.util.List;
import org.deuterium.wire.statement.Failure;
import org.h2.api.ErrorCode;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/** Whether the rows of a table bear a new or changed column. */
final class ColumnChangeCheck {

    private final SessionLocal session;
    private final Table table;

    ColumnChangeCheck(SessionLocal session, Table table) {
        this.session = session;
        this.table = table;
    }

    @Nullable
    Failure check(Prepared change) {
        if (!hasRows()) {
            return null;
        }
        switch (change.getType()) {
            case CommandInterface.ALTER_TABLE_ADD_COLUMN:
                return checkNewColumns(change);
            case CommandInterface.ALTER_TABLE_ALTER_COLUMN_NOT_NULL:
                return checkNoNulls((Column) PrivateFields.read(change, "oldColumn"));
            case CommandInterface.ALTER_TABLE_ALTER_COLUMN_CHANGE_TYPE:
                return checkValues(
                        (Column) PrivateFields.read(change, "oldColumn"),
                        PrivateFields.read(change, "newColumn", Column.class),
                        (Expression) PrivateFields.read(change, "usingExpression"));
            default:
                return null;
        }
    }

    private boolean hasRows() {
        try (ResultInterface result = query("SELECT 1 FROM " + SchemaChangeCheck.sql(table), 1)) {
            return result.hasNext();
        }
    }

    private ResultInterface query(String sql, int maxRows) {
        return session.prepareLocal(sql).executeQuery(maxRows, 0, false);
    }

    @SuppressWarnings("unchecked") // as H2 declares the field that is read
    private @Nullable Failure checkNewColumns(Prepared change) {
        List<Column> columns = (List<Column>) PrivateFields.read(change, "columnsToAdd");
        List<?> constraints = (List<?>) PrivateFields.read(change, "constraintCommands");
        Expression using = (Expression) PrivateFields.read(change, "usingExpression");
        if (columns == null) {
            return null;
        }
        boolean mayExist = PrivateFields.read(change, "ifNotExists", Boolean.class);
        if (mayExist
                && columns.size() == 1
                && table.doesColumnExist(columns.get(0).getName())) {
            return null;
        }
        for (Column column : columns) {
            Failure failure = checkNewColumn(column, using, constraints != null && !constraints.isEmpty());
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    private @Nullable Failure checkNewColumn(Column column, @Nullable Expression using, boolean constrained) {
        String name = column.getName();
        if (column.hasIdentityOptions() || column.isIdentity()) {
            return refusal("identity column " + name + " cannot be added to a table that has rows; make a new table"
                    + " with it and insert the rows there");
        }
        boolean ofRow = column.isGenerated() || using != null;
        Expression given = column.isGenerated() || using == null ? column.getEffectiveDefaultExpression() : using;
        String value = given == null ? "NULL" : SchemaChangeCheck.sql(given);
        String ofRows = "SELECT " + value + " FROM " + SchemaChangeCheck.sql(table);
        if (!RepeatableColumn.isRepeatable(session, ofRows, column.getType())) {
            return refusal("column " + name + " cannot be added to a table that has rows with a value that may differ"
                    + " from replica to replica (random, of the present time, or of a time zone); add it without, UPDATE"
                    + " the rows, then ALTER COLUMN SET DEFAULT");
        }
        if (given != null && constrained) {
            return refusal("column " + name + " with a default and a constraint cannot be added to a table that has"
                    + " rows; add the column first, then the constraint");
        }
        checkAssigned(ofRow ? ofRows : "SELECT " + value, column);
        return null;
    }

    private static Failure refusal(String message) {
        return Failure.of(org.deuterium.wire.ErrorCode.NOT_SUPPORTED, message);
    }

    private @Nullable Failure checkNoNulls(@Nullable Column column) {
        if (column == null) {
            // ALTER COLUMN IF EXISTS
            return null;
        }
        String name = SchemaChangeCheck.sql(column);
        String nulls = "SELECT 1 FROM " + SchemaChangeCheck.sql(table) + " WHERE " + name + " IS NULL";
        try (ResultInterface result = query(nulls, 1)) {
            return result.hasNext()
                    ? Failures.of(DbException.get(ErrorCode.COLUMN_CONTAINS_NULL_VALUES_1, column.getTraceSQL()))
                    : null;
        }
    }

    /** Does with every value what the change will; H2's exception of the first that does not bear it is the answer. */
    private @Nullable Failure checkValues(@Nullable Column before, Column after, @Nullable Expression using) {
        if (before == null || (using == null && before.isWideningConversion(after))) {
            return null; // IF EXISTS, or H2 leaves the values as they are
        }
        if (before.isNullable() && !after.isNullable()) {
            Failure nulls = checkNoNulls(before);
            if (nulls != null) {
                return nulls;
            }
        }
        String value = using == null ? SchemaChangeCheck.sql(before) : SchemaChangeCheck.sql(using);
        String values = "SELECT " + value + " FROM " + SchemaChangeCheck.sql(table);
        if (!RepeatableColumn.isRepeatable(session, values, after.getType())) {
            return refusal("column " + before.getName() + " cannot become "
                    + after.getType().getTraceSQL()
                    + " by ALTER TABLE while the table has rows, since the values may differ from replica to replica (random,"
                    + " of the present time, or of a time zone); add another column, UPDATE it, then drop this one");
        }
        checkAssigned(values, after);
        return new ChangedRows(session, table, before, after, value).check(using != null);
    }

    /** @throws DbException of the first value that the column does not bear */
    private void checkAssigned(String query, Column column) {
        try (ResultInterface values = query(query, 0)) {
            while (values.next()) {
                ChangedRows.checkAssigned(session, values.currentRow()[0], column);
            }
        }
    }
}
