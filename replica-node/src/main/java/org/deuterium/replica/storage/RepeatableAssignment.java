package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.deuterium.replica.storage.StatementChanges.ChangedRow;
import org.h2.command.Prepared;
import org.h2.command.dml.SetClauseList;
import org.h2.command.dml.Update;
import org.h2.expression.Expression;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.util.HasSQL;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * A column that a logged statement sets, and to what.
 *
 * @param column the column; one that H2 lets a statement set by a value
 * @param kept the expression that may stand in the log; null if the value that the row got stands for it
 */
record RepeatableAssignment(Column column, @Nullable KeptExpression kept) {

    private static final int FLAGS = HasSQL.QUOTE_ONLY_WHEN_REQUIRED;

    /** One parameter in several places: H2 gives all of them the type that one place suggests. */
    private static final Pattern NUMBERED_PARAMETER = Pattern.compile("\\?\\d");

    /** All columns an INSERT sets, by the values the row got. */
    static List<RepeatableAssignment> ofInsert(Table table) {
        List<RepeatableAssignment> columns = new ArrayList<>();
        for (Column column : table.getColumns()) {
            if (!column.isGenerated()) {
                columns.add(new RepeatableAssignment(column, null));
            }
        }
        return columns;
    }

    /** Those of an UPDATE. */
    static List<RepeatableAssignment> ofUpdate(Update update) {
        Table table = update.getTable();
        SetClauseList clauses = PrivateFields.read(update, "setClauseList", SetClauseList.class);
        Object[] actions = PrivateFields.read(clauses, "actions", Object[].class);
        boolean parametersHaveOneType = parametersHaveOneType(update);
        List<RepeatableAssignment> assignments = new ArrayList<>();
        for (int i = 0; i < actions.length; i++) {
            Column column = table.getColumn(i);
            // SET column = DEFAULT may stand there: generated again from the row, or an identity that stays as it is.
            if (actions[i] != null && !column.isGeneratedAlways()) {
                assignments.add(new RepeatableAssignment(column, kept(column, actions[i], parametersHaveOneType)));
            }
        }
        return assignments;
    }

    private static @Nullable KeptExpression kept(Column column, Object action, boolean parametersHaveOneType) {
        if (!action.getClass().getSimpleName().equals("SetSimple")
                || PrivateFields.read(action, "arrayIndexes") != null
                || column.isDefaultOnNull() // else each replica would draw the default for a NULL
                || !KeptExpression.isPlain(column.getType().getValueType())) {
            return null;
        }
        KeptExpression kept = KeptExpression.of(PrivateFields.read(action, "expression", Expression.class));
        return kept == null || parametersHaveOneType || !kept.computesWithParameters() ? kept : null;
    }

    /**
     * Whether H2 decides about the types of expressions as if it knew nothing of their parameters, as where the logged
     * text is prepared. A statement with LIKE, for one, is prepared again with the values of each execution.
     */
    private static boolean parametersHaveOneType(Prepared update) {
        return !PrivateFields.read(update, "prepareAlways", Boolean.class)
                && !NUMBERED_PARAMETER.matcher(update.getSQL()).find();
    }

    /** Appends {@code column=...}, and the values bound to it; or says why there is no such text. */
    @Nullable
    String write(List<ChangedRow> rows, Value[] values, StringBuilder sql, List<Value> bound) {
        column.getSQL(sql, FLAGS).append('=');
        KeptExpression expression = kept;
        if (expression != null && expression.fits(values)) {
            expression.write(sql, values, bound);
            return null;
        }
        Value value = rows.get(0).now(column);
        for (ChangedRow row : rows) {
            if (!WriteSetFormat.isSame(value, row.now(column))) {
                return "column " + column.getName() + " gets another value in each row";
            }
        }
        sql.append('?');
        bound.add(value);
        return drawsDefault(value);
    }

    /** H2 puts the default of the moment in place of a NULL here, which each replica would compute. */
    private @Nullable String drawsDefault(Value value) {
        return value == ValueNull.INSTANCE && column.isDefaultOnNull()
                ? "the default of column " + column.getName() + ", DEFAULT ON NULL, is NULL itself"
                : null;
    }

    /** Why the rows' values of this column cannot be inserted as they are, or null. */
    @Nullable
    String refusalToInsert(List<ChangedRow> rows) {
        for (ChangedRow row : rows) {
            String refusal = drawsDefault(row.now(column));
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }
}
