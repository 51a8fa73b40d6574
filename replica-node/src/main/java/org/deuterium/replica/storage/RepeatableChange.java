package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.deuterium.replica.storage.StatementChanges.ChangedRow;
import org.h2.command.Command;
import org.h2.command.Prepared;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Update;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.mvstore.db.MVTable;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.util.HasSQL;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A parsed change that may be logged as text, or the reason why it may not. The text that is logged is not the client's:
 * it names its rows by their unique key, and holds the value that the leader's row got wherever the client's expression
 * need not have the same value on every replica.
 */
final class RepeatableChange {

    /** What is logged as text; everything else is a refusal. */
    enum Verb {
        INSERT,
        UPDATE,
        DELETE
    }

    private static final int FLAGS = HasSQL.QUOTE_ONLY_WHEN_REQUIRED;

    /** After so many transactions whose rows were smaller the text is tried only now and then. */
    private static final int LOSSES_IN_A_ROW = 4;

    private static final int TRANSACTIONS_LEFT_OUT = 63;

    private final Verb verb;
    private final @Nullable String refusal;
    private final @Nullable Table table;
    private final @Nullable NamedKeys keys;
    private final List<RepeatableAssignment> assignments;
    private final String tableSql;
    private int losses;
    private int leftOut;

    private RepeatableChange(
            Verb verb,
            @Nullable String refusal,
            @Nullable Table table,
            @Nullable NamedKeys keys,
            List<RepeatableAssignment> assignments,
            String tableSql) {
        this.verb = verb;
        this.refusal = refusal;
        this.table = table;
        this.keys = keys;
        this.assignments = assignments;
        this.tableSql = tableSql;
    }

    private static RepeatableChange refused(Verb verb, String refusal) {
        return new RepeatableChange(verb, refusal, null, null, List.of(), "");
    }

    /** Looks at a command that is no query. */
    static RepeatableChange of(Command command) {
        if (command.getClass() != org.h2.command.CommandContainer.class) {
            return refused(Verb.UPDATE, "it is more than one statement");
        }
        Prepared prepared = PrivateFields.read(command, "prepared", Prepared.class);
        if (prepared instanceof Update update) {
            return ofUpdate(update);
        } else if (prepared instanceof Delete delete) {
            return ofDelete(delete);
        } else if (prepared instanceof Insert insert) {
            return ofInsert(insert);
        }
        return refused(Verb.UPDATE, "only INSERT ... VALUES, and UPDATE and DELETE by a unique key, are");
    }

    private static RepeatableChange ofUpdate(Update update) {
        TableFilter filter = update.getTableFilter();
        Table table = filter.getTable();
        List<RepeatableAssignment> assignments = RepeatableAssignment.ofUpdate(update);
        Set<Column> changed = RepeatableTable.changed(
                table, assignments.stream().map(RepeatableAssignment::column).toList());
        String refusal = RepeatableTable.refusalToUpdate(table, changed);
        Expression condition = update.getCondition();
        Object fetch = PrivateFields.read(update, "fetchExpr");
        NamedKeys keys = keys(table, filter, condition, fetch, changed);
        if (refusal == null && keys == null) {
            NamedKeys changing = keys(table, filter, condition, fetch, Set.of());
            refusal = changing == null
                    ? notByKey(table)
                    : "it changes the key " + names(changing.columns()) + ", by which it names the rows";
        }
        for (Column column : changed) {
            if (refusal == null && column.getColumnId() == table.getMainIndexColumn()) {
                refusal = "it changes key column " + column.getName();
            }
        }
        if (refusal != null) {
            return refused(Verb.UPDATE, refusal);
        }
        String alias = filter.getTableAlias();
        String named = table.getSQL(FLAGS);
        if (alias != null && !alias.equals(table.getName())) {
            StringBuilder sql = new StringBuilder(named).append(' ');
            named = org.h2.util.ParserUtil.quoteIdentifier(sql, alias, FLAGS).toString();
        }
        return new RepeatableChange(Verb.UPDATE, null, table, keys, assignments, named);
    }

    private static RepeatableChange ofDelete(Delete delete) {
        TableFilter filter = delete.getTableFilter();
        Table table = filter.getTable();
        String refusal = RepeatableTable.refusalToDelete(table);
        NamedKeys keys = keys(table, filter, delete.getCondition(), PrivateFields.read(delete, "fetchExpr"), Set.of());
        if (refusal == null && keys == null) {
            refusal = notByKey(table);
        }
        return refusal != null
                ? refused(Verb.DELETE, refusal)
                : new RepeatableChange(Verb.DELETE, null, table, keys, List.of(), table.getSQL(FLAGS));
    }

    private static @Nullable NamedKeys keys(
            Table table,
            TableFilter filter,
            @Nullable Expression condition,
            @Nullable Object fetch,
            Set<Column> changed) {
        return fetch == null && table instanceof MVTable ? NamedKeys.of(table, filter, condition, changed) : null;
    }

    private static String names(List<Column> columns) {
        return columns.stream().map(Column::getName).collect(Collectors.joining(", "));
    }

    private static String notByKey(Table table) {
        return "its WHERE does not name the rows by = or IN on every column of a unique key of " + table.getName();
    }

    private static RepeatableChange ofInsert(Insert insert) {
        Table table = insert.getTable();
        List<?> rows = PrivateFields.read(insert, "valuesExpressionList", List.class);
        String refusal = RepeatableTable.refusalToInsert(table);
        if (refusal == null && rows.isEmpty()) {
            refusal = "the rows it inserts come from a query";
        }
        if (refusal != null) {
            return refused(Verb.INSERT, refusal);
        }
        return new RepeatableChange(
                Verb.INSERT, null, table, null, RepeatableAssignment.ofInsert(table), table.getSQL(FLAGS));
    }

    /** Why it is not logged as text, as the end of a sentence; null if it may be. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /** MIXED: false if the rows are surely, or as was seen several times, smaller. */
    boolean isWorthTrying() {
        if (refusal != null || verb == Verb.INSERT) {
            return false;
        }
        if (losses >= LOSSES_IN_A_ROW) {
            if (leftOut < TRANSACTIONS_LEFT_OUT) {
                leftOut++;
                return false;
            }
            leftOut = 0;
        }
        return true;
    }

    /** MIXED: how the text compared with the rows. */
    void compared(boolean textWasSmaller) {
        losses = textWasSmaller ? 0 : losses + 1;
    }

    /** What came of a statement that ran: its texts, or why it has none. */
    record Outcome(
            List<LoggedStatement> statements, @Nullable String refusal) {

        static final Outcome NOTHING = new Outcome(List.of(), null);

        static Outcome of(LoggedStatement statement) {
            return new Outcome(List.of(statement), null);
        }

        static Outcome refused(String refusal) {
            return new Outcome(List.of(), refusal);
        }
    }

    /** The text of a change that has run just now, with the values it was bound to. */
    Outcome text(SessionLocal session, StatementChanges changes, long count, Value[] values) {
        Table changed = table;
        if (changed == null) {
            return Outcome.refused(String.valueOf(refusal));
        }
        if (changes.isEmpty()) {
            return Outcome.NOTHING;
        }
        List<ChangedRow> rows = changes.onlyOf(changed);
        if (rows == null) {
            return Outcome.refused("it changed rows of other tables as well");
        }
        NamedKeys named = keys;
        if (named == null) {
            return insertText(rows);
        }
        int wanted = named.count(session);
        if (rows.size() != wanted || count != wanted) {
            return Outcome.refused("it names " + wanted + " keys and met " + count + " rows");
        }
        List<Value> bound = new ArrayList<>();
        StringBuilder sql = new StringBuilder(96);
        if (verb == Verb.DELETE) {
            sql.append("DELETE FROM ").append(tableSql);
        } else {
            sql.append("UPDATE ").append(tableSql).append(" SET ");
            String refused = writeAssignments(rows, values, sql, bound);
            if (refused != null) {
                return Outcome.refused(refused);
            }
        }
        writeKeys(named, rows, sql, bound);
        return Outcome.of(new LoggedStatement(sql.toString(), bound));
    }

    private @Nullable String writeAssignments(
            List<ChangedRow> rows, Value[] values, StringBuilder sql, List<Value> bound) {
        for (int i = 0; i < assignments.size(); i++) {
            String refused = assignments.get(i).write(rows, values, sql.append(i == 0 ? "" : ", "), bound);
            if (refused != null) {
                return refused;
            }
        }
        return assignments.isEmpty() ? "it sets none but generated columns" : null;
    }

    private static void writeKeys(NamedKeys keys, List<ChangedRow> rows, StringBuilder sql, List<Value> bound) {
        String word = " WHERE ";
        for (Column column : keys.columns()) {
            column.getSQL(sql.append(word), FLAGS);
            word = " AND ";
            if (column == keys.listed() && rows.size() > 1) {
                sql.append(" IN(");
                for (int i = 0; i < rows.size(); i++) {
                    sql.append(i == 0 ? "?" : ",?");
                    bound.add(rows.get(i).key(column));
                }
                sql.append(')');
            } else {
                sql.append("=?");
                bound.add(rows.get(0).key(column));
            }
        }
    }

    /** One statement for every row: its text is then always the same, and parsed once. */
    private Outcome insertText(List<ChangedRow> rows) {
        StringBuilder sql = new StringBuilder("INSERT INTO ").append(tableSql).append('(');
        StringBuilder marks = new StringBuilder();
        for (int i = 0; i < assignments.size(); i++) {
            RepeatableAssignment assignment = assignments.get(i);
            String refused = assignment.refusalToInsert(rows);
            if (refused != null) {
                return Outcome.refused(refused);
            }
            assignment.column().getSQL(sql.append(i == 0 ? "" : ","), FLAGS);
            marks.append(i == 0 ? "?" : ",?");
        }
        String text = sql.append(") OVERRIDING SYSTEM VALUE VALUES(")
                .append(marks)
                .append(')')
                .toString();
        List<LoggedStatement> statements = new ArrayList<>(rows.size());
        for (ChangedRow row : rows) {
            statements.add(new LoggedStatement(
                    text,
                    assignments.stream().map(each -> row.now(each.column())).toList()));
        }
        return new Outcome(statements, null);
    }
}
