package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.constraint.ConstraintDomain;
import org.h2.engine.DbObject;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.schema.Domain;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.util.HasSQL;
import org.jspecify.annotations.Nullable;

/**
 * Sub-queries in DEFAULT, ON UPDATE and CHECK of a table: each partition computes them from the rows it has, and these
 * must be all the rows there are.
 */
final class TableExpressions {

    private final Map<String, PartitionedTable> partitioned;
    private final Set<String> replicated;

    TableExpressions(Map<String, PartitionedTable> partitioned, Set<String> replicated) {
        this.partitioned = partitioned;
        this.replicated = replicated;
    }

    /**
     * Looks at every expression of a table and of its columns' domains.
     *
     * @throws StatementRefusedException naming the expression and the table whose rows it would miss
     */
    void check(Table table) {
        for (Column column : table.getColumns()) {
            check(table, "DEFAULT of " + column.getName(), column.getEffectiveDefaultExpression());
            check(table, "ON UPDATE of " + column.getName(), column.getEffectiveOnUpdateExpression());
            for (Domain domain = column.getDomain(); domain != null; domain = domain.getDomain()) {
                checkDomain(table, domain);
            }
        }
        Iterable<Constraint> constraints = table.getConstraints();
        if (constraints == null) {
            return;
        }
        for (Constraint constraint : constraints) {
            if (constraint instanceof ConstraintCheck) {
                check(table, "CHECK " + constraint.getName(), constraint.getExpression());
            }
        }
    }

    private void checkDomain(Table table, Domain domain) {
        Iterable<ConstraintDomain> constraints = domain.getConstraints();
        if (constraints == null) {
            return;
        }
        for (ConstraintDomain constraint : constraints) {
            check(table, "CHECK of domain " + domain.getName(), constraint.getExpression());
        }
    }

    private void check(Table table, String where, @Nullable Expression expression) {
        if (expression == null
                || SqlTokens.of(expression.getSQL(HasSQL.DEFAULT_SQL_FLAGS)).stream()
                        .noneMatch(token -> token.isWord("SELECT"))) {
            return;
        }
        HashSet<DbObject> reached = new HashSet<>();
        expression.isEverything(ExpressionVisitor.getDependenciesVisitor(reached));
        for (DbObject object : reached) {
            if (object instanceof Table read && misses(table, read)) {
                throw notSupported("a sub-query in " + where + " of " + nameOf(table)
                        + " would see only those rows of " + nameOf(read)
                        + " that are in the same partition; make both tables plain, or " + nameOf(read)
                        + " REPLICATED, or leave it to the application");
            }
        }
    }

    /** True if a partition that holds rows of the one may lack rows of the other. */
    private boolean misses(Table holder, Table read) {
        String name = nameOf(read);
        if (replicated.contains(name)) {
            return false;
        }
        boolean spread = partitioned.containsKey(nameOf(holder)) || replicated.contains(nameOf(holder));
        return spread || partitioned.containsKey(name);
    }

    private static String nameOf(Table table) {
        return table.getSchema().getName() + "." + table.getName();
    }
}
