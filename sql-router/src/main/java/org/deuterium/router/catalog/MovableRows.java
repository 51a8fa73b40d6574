package org.deuterium.router.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.expression.Expression;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;
import org.h2.util.HasSQL;

/** Reads from H2 what the rows of its tables are made of. */
final class MovableRows {

    private MovableRows() {}

    /** @param uniqueKeys the columns of its unique indexes */
    static MovableRow of(Table table, Collection<Set<String>> uniqueKeys) {
        Set<String> referenced = new HashSet<>();
        boolean followed = false;
        Iterable<Constraint> constraints = table.getConstraints();
        if (constraints != null) {
            for (Constraint constraint : constraints) {
                if (constraint instanceof ConstraintReferential reference && reference.getRefTable() == table) {
                    for (IndexColumn column : reference.getRefColumns()) {
                        referenced.add(column.column.getName());
                    }
                    followed |= !reference.getDeleteAction().isNoActionOrRestrict()
                            || !reference.getUpdateAction().isNoActionOrRestrict();
                }
            }
        }
        List<MovableRow.Column> columns = new ArrayList<>();
        for (Column column : table.getColumns()) {
            if (!column.isGenerated()) {
                Expression onUpdate = column.getEffectiveOnUpdateExpression();
                String name = column.getName();
                columns.add(new MovableRow.Column(
                        name,
                        onUpdate == null ? null : onUpdate.getSQL(HasSQL.DEFAULT_SQL_FLAGS),
                        uniqueKeys.stream().anyMatch(key -> key.contains(name)),
                        referenced.contains(name)));
            }
        }
        return new MovableRow(columns, !referenced.isEmpty(), followed);
    }
}
