package org.deuterium.replica.storage;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.h2.constraint.Constraint;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.expression.ExpressionVisitor;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.DataType;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Whether a table lets a change of some of its columns be run again on another replica, whatever runs beside it there:
 * nothing else may be read or written by it. Says why not, as the end of the sentence "..., because".
 */
final class RepeatableTable {

    /** Their values know labels or element types that H2 does not keep with each row. */
    private static final Set<Integer> TYPED_BY_COLUMN = Set.of(Value.ENUM, Value.ARRAY, Value.ROW);

    private RepeatableTable() {}

    /** What an UPDATE that sets these columns changes: they, and what is generated from them. */
    static Set<Column> changed(Table table, Collection<Column> assigned) {
        Set<Column> changed = new HashSet<>(assigned);
        for (Column column : table.getColumns()) {
            Expression generated = column.isGenerated() ? column.getDefaultExpression() : null;
            if (generated != null && readsAny(generated, assigned)) {
                changed.add(column);
            }
        }
        return changed;
    }

    private static boolean readsAny(Expression expression, Collection<Column> columns) {
        if (expression instanceof ExpressionColumn column) {
            return columns.contains(column.getColumn());
        }
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            if (readsAny(expression.getSubexpression(i), columns)) {
                return true;
            }
        }
        return false;
    }

    /** @param changed as {@link #changed} says */
    static @Nullable String refusalToUpdate(Table table, Collection<Column> changed) {
        String refusal = refusal(table);
        if (refusal != null) {
            return refusal;
        }
        for (Constraint constraint : table.getConstraints()) {
            if (isForeignKey(constraint)) {
                for (Column column : constraint.getReferencedColumns(table)) {
                    if (changed.contains(column)) {
                        return "column " + column.getName() + " is part of a foreign key";
                    }
                }
            }
        }
        return null;
    }

    static @Nullable String refusalToDelete(Table table) {
        String refusal = refusal(table);
        if (refusal != null) {
            return refusal;
        }
        for (Constraint constraint : table.getConstraints()) {
            if (isForeignKey(constraint) && constraint.getRefTable() == table) {
                return "rows of " + constraint.getTable().getName() + " may refer to the deleted ones";
            }
        }
        return null;
    }

    static @Nullable String refusalToInsert(Table table) {
        String refusal = refusal(table);
        if (refusal != null) {
            return refusal;
        }
        if (table.getMainIndexColumn() == SearchRow.ROWID_INDEX) {
            return table.getName() + " has no integer primary key, so each replica would draw row keys of its own";
        }
        for (Constraint constraint : table.getConstraints()) {
            if (isForeignKey(constraint) && constraint.getTable() == table) {
                return table.getName() + " has a foreign key, so the row another table holds counts too";
            }
        }
        return null;
    }

    private static boolean isForeignKey(Constraint constraint) {
        return constraint.getConstraintType() == Constraint.Type.REFERENTIAL;
    }

    private static @Nullable String refusal(Table table) {
        if (!(table instanceof MVTable) || table.isTemporary() || !table.isPersistData()) {
            return table.getName() + " is no table with rows of its own";
        }
        List<?> triggers = (List<?>) PrivateFields.read(table, "triggers");
        if (triggers != null && !triggers.isEmpty()) {
            return table.getName() + " has a trigger";
        }
        for (Column column : table.getColumns()) {
            String refusal = refusal(column);
            if (refusal != null) {
                return refusal;
            }
        }
        for (Constraint constraint : table.getConstraints()) {
            Expression check =
                    constraint.getConstraintType() == Constraint.Type.CHECK ? constraint.getExpression() : null;
            if (check != null && !looksOnlyAt(table, check)) {
                return "the CHECK constraint " + constraint.getName() + " looks at more than the row";
            }
            if (check != null && asksForTheTimeZone(check)) {
                return "the CHECK constraint " + constraint.getName() + " may depend on the session's time zone";
            }
        }
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isSpatial()) {
                return table.getName() + " has a spatial index";
            }
        }
        return null;
    }

    private static boolean looksOnlyAt(Table table, Expression check) {
        HashSet<DbObject> dependencies = new HashSet<>();
        check.isEverything(ExpressionVisitor.getDependenciesVisitor(dependencies));
        dependencies.remove(table);
        return dependencies.isEmpty() && check.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR);
    }

    /** If H2 makes one kind of date or time of another, or of text or text of it, or knows a time zone at all. */
    private static boolean asksForTheTimeZone(Expression expression) {
        int type = expression.getType().getValueType();
        if (type == Value.TIME_TZ || type == Value.TIMESTAMP_TZ) {
            return true;
        }
        int moment = DataType.isDateTimeType(type) ? type : Value.UNKNOWN;
        boolean text = DataType.isCharacterStringType(type);
        for (int i = 0; i < expression.getSubexpressionCount(); i++) {
            Expression part = expression.getSubexpression(i);
            int partType = part.getType().getValueType();
            if (asksForTheTimeZone(part)) {
                return true;
            }
            text |= DataType.isCharacterStringType(partType);
            if (DataType.isDateTimeType(partType)) {
                if (moment != Value.UNKNOWN && moment != partType) {
                    return true;
                }
                moment = partType;
            }
        }
        return text && moment != Value.UNKNOWN;
    }

    private static @Nullable String refusal(Column column) {
        if (TYPED_BY_COLUMN.contains(column.getType().getValueType())) {
            return "column " + column.getName() + " is an ENUM, ARRAY or ROW";
        }
        if (column.getDomain() != null) {
            return "column " + column.getName() + " is of a domain";
        }
        Expression generated = column.isGenerated() ? column.getDefaultExpression() : null;
        if (generated != null
                && (KeptExpression.of(generated) == null
                        || !KeptExpression.isPlain(column.getType().getValueType()))) {
            return "generated column " + column.getName() + " may be computed differently elsewhere";
        }
        return null;
    }
}
