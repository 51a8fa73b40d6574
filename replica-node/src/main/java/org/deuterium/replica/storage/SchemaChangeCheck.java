package org.deuterium.replica.storage;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.deuterium.wire.statement.Failure;
import org.h2.api.ErrorCode;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterDomainAddConstraint;
import org.h2.command.ddl.AlterTableAddConstraint;
import org.h2.command.ddl.AlterTableAlterColumn;
import org.h2.command.ddl.CreateIndex;
import org.h2.constraint.ConstraintDomain;
import org.h2.engine.NullsDistinct;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;
import org.h2.util.HasSQL;
import org.h2.util.TimeZoneProvider;
import org.jspecify.annotations.Nullable;

/**
 * Looks ahead whether a schema change will fail, while the fence keeps schema and data as they are. The router's
 * catalog has refused what is wrong in any database; here are the failures that only the data knows: they would come
 * in one partition and not in another.
 */
final class SchemaChangeCheck {

    private final SessionLocal session;

    private SchemaChangeCheck(SessionLocal session) {
        this.session = session;
    }

    /** Why the change would fail, or null. */
    static @Nullable Failure check(QuiescedDatabase database, String sql) {
        SessionLocal session = database.newClientSession();
        try {
            ChangeInSchema change = ChangeInSchema.of(sql);
            change.enter(session);
            session.setTimeZone(TimeZoneProvider.UTC); // as where it is applied
            return new SchemaChangeCheck(session).check(session.prepare(change.sql()));
        } catch (DbException e) {
            return Failures.of(e);
        } finally {
            session.close();
        }
    }

    private @Nullable Failure check(Prepared change) {
        if (change instanceof AlterTableAddConstraint) {
            Table table = table(change, "tableName");
            return table == null ? null : checkConstraint(change, table);
        }
        if (change instanceof CreateIndex) {
            Table table = table(change, "tableName");
            int unique = PrivateFields.read(change, "uniqueColumnCount", Integer.class);
            boolean primaryKey = PrivateFields.read(change, "primaryKey", Boolean.class);
            IndexColumn[] columns = PrivateFields.read(change, "indexColumns", IndexColumn[].class);
            int counted = primaryKey ? columns.length : unique;
            return table == null || counted == 0
                    ? null
                    : checkUnique(change, table, Arrays.asList(columns).subList(0, counted));
        }
        if (change instanceof AlterTableAlterColumn) {
            Table table = table(change, "tableName");
            return table == null ? null : new ColumnChangeCheck(session, table).check(change);
        }
        if (change instanceof AlterDomainAddConstraint) {
            checkDomain(change);
        }
        return null;
    }

    /** @throws DbException of the first value in any column of the domain that breaks its new constraint */
    private void checkDomain(Prepared change) {
        Schema schema = PrivateFields.read(change, "schema", Schema.class);
        Domain domain = schema.findDomain(PrivateFields.read(change, "domainName", String.class));
        if (domain != null && checksExisting(change)) {
            ConstraintDomain constraint = new ConstraintDomain(schema, 0, "TRIED", domain); // made for this look only
            constraint.setExpression(session, PrivateFields.read(change, "checkExpression", Expression.class));
            constraint.checkExistingData(session);
        }
    }

    /** The table as it is, or null if the change says it need not exist. */
    private @Nullable Table table(Prepared change, String field) {
        Schema schema = PrivateFields.read(change, "schema", Schema.class);
        return schema.findTableOrView(session, PrivateFields.read(change, field, String.class));
    }

    private @Nullable Failure checkConstraint(Prepared change, Table table) {
        IndexColumn[] columns = (IndexColumn[]) PrivateFields.read(change, "indexColumns");
        switch (change.getType()) {
            case org.h2.command.CommandInterface.ALTER_TABLE_ADD_CONSTRAINT_PRIMARY_KEY,
                    org.h2.command.CommandInterface.ALTER_TABLE_ADD_CONSTRAINT_UNIQUE -> {
                List<IndexColumn> unique =
                        columns == null ? List.of(IndexColumn.wrap(table.getColumns())) : List.of(columns);
                return checkUnique(change, table, unique);
            }
            case org.h2.command.CommandInterface.ALTER_TABLE_ADD_CONSTRAINT_CHECK -> {
                if (!checksExisting(change)) {
                    return null;
                }
                String condition = sql(PrivateFields.read(change, "checkExpression", Expression.class));
                return any("SELECT 1 FROM " + sql(table) + " WHERE NOT (" + condition + ")")
                        ? failure(ErrorCode.CHECK_CONSTRAINT_VIOLATED_1, condition)
                        : null;
            }
            case org.h2.command.CommandInterface.ALTER_TABLE_ADD_CONSTRAINT_REFERENTIAL -> {
                return columns == null || !checksExisting(change)
                        ? null
                        : checkForeignKey(change, table, List.of(columns));
            }
            default -> {
                return null;
            }
        }
    }

    private static boolean checksExisting(Prepared change) {
        return PrivateFields.read(change, "checkExisting", Boolean.class);
    }

    private @Nullable Failure checkUnique(Prepared change, Table table, List<IndexColumn> columns) {
        String names = join(columns, table, ", ", Function.identity());
        NullsDistinct nulls = (NullsDistinct) PrivateFields.read(change, "nullsDistinct");
        return new DuplicateSearch(session, nulls).finds(names, sql(table))
                ? failure(ErrorCode.DUPLICATE_KEY_1, sql(table) + "(" + names + ")")
                : null;
    }

    private @Nullable Failure checkForeignKey(Prepared change, Table table, List<IndexColumn> columns) {
        Schema schema = PrivateFields.read(change, "refSchema", Schema.class);
        Table parent = schema.findTableOrView(session, PrivateFields.read(change, "refTableName", String.class));
        if (parent == null) {
            return null;
        }
        IndexColumn[] named = (IndexColumn[]) PrivateFields.read(change, "refIndexColumns");
        IndexColumn[] keys = named == null ? parent.getPrimaryKey().getIndexColumns() : named;
        StringBuilder lonely = new StringBuilder("SELECT 1 FROM " + sql(table) + " C WHERE ");
        lonely.append(join(columns, table, " AND ", column -> "C." + column + " IS NOT NULL"));
        lonely.append(" AND NOT EXISTS (SELECT 1 FROM ").append(sql(parent)).append(" P WHERE ");
        for (int i = 0; i < columns.size(); i++) {
            lonely.append(i == 0 ? "" : " AND ").append("P.").append(name(keys[i], parent));
            lonely.append(" = C.").append(name(columns.get(i), table));
        }
        return any(lonely.append(") FETCH FIRST ROW ONLY").toString())
                ? failure(ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_PARENT_MISSING_1, sql(table) + " -> " + sql(parent))
                : null;
    }

    private boolean any(String sql) {
        try (ResultInterface result = session.prepareLocal(sql).executeQuery(1, 1, false)) {
            return result.hasNext();
        }
    }

    private static Failure failure(int code, String what) {
        return Failures.of(DbException.get(code, what));
    }

    private static String join(
            List<IndexColumn> columns, Table table, String separator, Function<String, String> each) {
        return columns.stream().map(column -> each.apply(name(column, table))).collect(Collectors.joining(separator));
    }

    /** A parsed change knows its columns by name, an existing index by the column. */
    private static String name(IndexColumn column, Table table) {
        Column known = column.column != null ? column.column : table.getColumn(column.columnName);
        return sql(known);
    }

    static String sql(HasSQL object) {
        return object.getSQL(new StringBuilder(), HasSQL.DEFAULT_SQL_FLAGS).toString();
    }
}
