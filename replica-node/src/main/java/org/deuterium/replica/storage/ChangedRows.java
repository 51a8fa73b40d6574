package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.deuterium.wire.statement.Failure;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.schema.Domain;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;
import org.h2.util.HasSQL;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table as they will be with another type of one column, as a query: for what H2 looks at when it copies
 * them, the columns it computes from that one and the unique indexes. (CHECK and foreign keys it takes over unchecked.)
 */
final class ChangedRows {

    /** Whole numbers become these, or a failure, and two of them never become equal. */
    private static final Set<Integer> KEEP_WHOLE_NUMBERS_APART =
            Set.of(Value.TINYINT, Value.SMALLINT, Value.INTEGER, Value.BIGINT, Value.NUMERIC, Value.VARCHAR);

    private final SessionLocal session;
    private final Table table;
    private final Column before;
    private final Column after;
    private final List<Column> generated = new ArrayList<>();
    private final String stored;
    private final String rows;

    /** @param value of which the changed column gets the values; the column bears all of them */
    ChangedRows(SessionLocal session, Table table, Column before, Column after, String value) {
        this.session = session;
        this.table = table;
        this.before = before;
        this.after = after;
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (Column column : table.getColumns()) {
            Column present = column == before ? after : column;
            String name = SchemaChangeCheck.sql(present);
            if (present.isGenerated()) {
                generated.add(present);
            } else {
                names.add(name);
                values.add(column == before ? cast(value, after) : name);
            }
        }
        stored = "(SELECT " + String.join(", ", values) + " FROM " + SchemaChangeCheck.sql(table) + ")";
        generated.forEach(column -> names.add(cast(expressionOf(column), column)));
        rows = generated.isEmpty() ? stored : "(SELECT " + String.join(", ", names) + " FROM " + stored + ")";
    }

    private static String expressionOf(Column generated) {
        return SchemaChangeCheck.sql(generated.getEffectiveDefaultExpression());
    }

    private static String cast(String value, Column column) {
        String type = column.getType()
                .getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS)
                .toString();
        return "CAST(" + value + " AS " + type + ") AS " + SchemaChangeCheck.sql(column);
    }

    /**
     * What the table does not bear, or null.
     *
     * @param computed true if the values are no mere conversions
     * @throws DbException of the first value that a generated column does not bear
     */
    @Nullable
    Failure check(boolean computed) {
        checkGenerated();
        boolean stayApart = !computed && staysApart(before.getType(), after.getType());
        for (Index index : table.getIndexes()) {
            if (!index.getIndexType().isUnique()) {
                continue;
            }
            IndexColumn[] all = index.getIndexColumns();
            int count = index.getIndexType().isPrimaryKey() ? all.length : index.getUniqueColumnCount();
            List<IndexColumn> columns = Arrays.asList(all).subList(0, count);
            boolean mayCollide = columns.stream()
                    .anyMatch(column -> column.column.isGenerated() || (column.column == before && !stayApart));
            String names = columns.stream()
                    .map(column -> SchemaChangeCheck.sql(column.column))
                    .collect(Collectors.joining(", "));
            if (mayCollide
                    && new DuplicateSearch(session, index.getIndexType().getEffectiveNullsDistinct())
                            .finds(names, rows)) {
                return Failures.of(DbException.get(
                        ErrorCode.DUPLICATE_KEY_1,
                        SchemaChangeCheck.sql(table) + "(" + names + ") as " + SchemaChangeCheck.sql(after)
                                + " is to be"));
            }
        }
        return null;
    }

    private void checkGenerated() {
        if (generated.isEmpty()) {
            return;
        }
        String expressions = generated.stream().map(ChangedRows::expressionOf).collect(Collectors.joining(", "));
        String query = "SELECT " + expressions + " FROM " + stored;
        try (ResultInterface values = session.prepareLocal(query).executeQuery(0, 0, false)) {
            while (values.next()) {
                for (int i = 0; i < generated.size(); i++) {
                    checkAssigned(session, values.currentRow()[i], generated.get(i));
                }
            }
        }
    }

    /**
     * As H2 does it with the value of a row that it copies.
     *
     * @throws DbException if the column does not bear the value
     */
    static void checkAssigned(SessionLocal session, Value value, Column column) {
        if (value == ValueNull.INSTANCE && !column.isNullable()) {
            throw DbException.get(ErrorCode.NULL_NOT_ALLOWED, column.getName());
        }
        Value assigned = value.convertForAssignTo(column.getType(), session, column.getName());
        Domain domain = column.getDomain();
        if (domain != null) {
            domain.checkConstraints(session, assigned);
        }
    }

    private static boolean staysApart(TypeInfo from, TypeInfo to) {
        int type = from.getValueType();
        boolean whole =
                type == Value.TINYINT || type == Value.SMALLINT || type == Value.INTEGER || type == Value.BIGINT;
        return (whole && KEEP_WHOLE_NUMBERS_APART.contains(to.getValueType()) && to.getScale() >= 0)
                || (type == Value.VARCHAR && to.getValueType() == Value.VARCHAR);
    }
}
