package org.deuterium.router.plan.rule;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/** Finds the partition keys of rows that INSERT and MERGE store. */
final class StoredRows {

    private final Findings findings;
    private final StatementAnalysis analysis;
    private final QueryAnalyzer queries;
    private final int parameterCount;

    StoredRows(Findings findings, StatementAnalysis analysis, QueryAnalyzer queries, int parameterCount) {
        this.findings = findings;
        this.analysis = analysis;
        this.queries = queries;
        this.parameterCount = parameterCount;
    }

    /**
     * Reads the source of an INSERT.
     *
     * @param columns the columns its rows give, in order
     * @param listed true if the statement lists them (else a row may be shorter than the table)
     */
    void read(PartitionedTable target, List<String> columns, boolean listed, SqlNode source) {
        Island island = new Island(null);
        if (source.getKind() == SqlKind.VALUES) {
            for (SqlNode row : ((SqlCall) source).getOperandList()) {
                readRow(target, columns, row, new Scope(null));
                queries.subqueries(row, null, island);
            }
            return;
        }
        Relation result = queries.analyze(source, null, island);
        // Of a result with unknown columns no column's place is known.
        List<@Nullable KeyColumn> values =
                result.known() ? new ArrayList<>(result.columns().values()) : List.of();
        List<List<KeyOperand>> alternatives = new ArrayList<>();
        for (PartitionColumn column : target.key()) {
            int position = columns.indexOf(column.name());
            KeyOperand constant = selected(source, position);
            KeyColumn from = position >= 0 && position < values.size() ? values.get(position) : null;
            if (constant != null) {
                alternatives.add(List.of(constant));
            } else if (from != null && from.column.hashType() == column.hashType() && from.values() != null) {
                alternatives.add(from.values());
            } else {
                throw notSupported("INSERT INTO " + target.qualifiedName()
                        + " ... SELECT over several partitions is not "
                        + "supported yet: partition column " + column.name() + " must be a literal, a parameter or a "
                        + "partition column of the source that WHERE fixes with =");
            }
        }
        analysis.stores(new KeyTuple(target.key(), alternatives, true));
    }

    private @Nullable KeyOperand selected(SqlNode source, int position) {
        if (!(source instanceof org.apache.calcite.sql.SqlSelect select) || position < 0) {
            return null;
        }
        boolean stars = Expressions.contains(
                select.getSelectList(),
                node -> node instanceof org.apache.calcite.sql.SqlIdentifier identifier && identifier.isStar());
        if (stars || position >= select.getSelectList().size()) {
            return null;
        }
        SqlNode item = select.getSelectList().get(position);
        SqlNode expression = Expressions.withoutAlias(item);
        return Expressions.operand(expression, findings.evaluator());
    }

    /** Reads one row; columns of other relations in it are looked up in the scope. */
    void readRow(PartitionedTable target, List<String> columns, SqlNode row, Scope scope) {
        List<SqlNode> values = row.getKind() == SqlKind.ROW ? ((SqlCall) row).getOperandList() : List.of(row);
        List<List<KeyOperand>> alternatives = new ArrayList<>();
        for (PartitionColumn column : target.key()) {
            int position = columns.indexOf(column.name());
            boolean given = position >= 0 && position < values.size();
            SqlNode value = given ? values.get(position) : null;
            if (value == null || value.getKind() == SqlKind.DEFAULT) {
                alternatives.add(List.of(defaultOf(target, column, given ? position : -1)));
                continue;
            }
            KeyOperand operand = Expressions.operand(value, findings.evaluator());
            KeyColumn from = scope.keyColumn(value);
            if (operand != null) {
                alternatives.add(List.of(operand));
            } else if (from != null && from.column.hashType() == column.hashType() && from.values() != null) {
                alternatives.add(from.values());
            } else {
                throw notSupported("the value of partition column " + column.name() + " of " + target.qualifiedName()
                        + " is an expression, " + SqlTexts.text(value) + ", that the router does not compute yet; give "
                        + "it as a literal or a parameter, or in MERGE ... USING as the partition column of a source that "
                        + "is partitioned alike (INSERT ... SELECT brings rows from anywhere into such a table)");
            }
        }
        analysis.stores(new KeyTuple(target.key(), alternatives, true));
    }

    private KeyOperand defaultOf(PartitionedTable target, PartitionColumn column, int position) {
        if (column.sequence() != null) {
            PartitionColumn other = analysis.drawnColumn();
            if (other != null && other != column) {
                throw notSupported("two partition columns of " + target.qualifiedName() + " (" + other.name() + ", "
                        + column.name() + ") would be drawn from sequences; give one of them a value");
            }
            analysis.draws(column, position);
            return KeyOperand.ofParameter(parameterCount + analysis.drawnCount() - 1);
        }
        if (column.defaultValue() != null) {
            return KeyOperand.of(column.defaultValue());
        }
        if (column.computedDefault()) {
            throw notSupported("partition column " + column.name() + " of " + target.qualifiedName()
                    + " has a default that the router does not compute; give it a value");
        }
        return KeyOperand.of(ValueNull.INSTANCE);
    }
}
