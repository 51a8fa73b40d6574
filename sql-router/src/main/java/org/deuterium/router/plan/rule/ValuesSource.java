package org.deuterium.router.plan.rule;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.deuterium.router.catalog.CatalogTable;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.sql.parser.StatementOperators;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A source of MERGE that is a list of rows, {@code (VALUES (...), ...) name (columns)}: if ON pairs the target's partition
 * columns with some of its columns, each row concerns one partition.
 */
final class ValuesSource {

    private final List<SqlNode> rows;
    private final String name;
    private final List<String> columns;
    private final CatalogTable target;
    private final String targetName;

    private ValuesSource(SqlBasicCall as, CatalogTable target, String targetName) {
        this.rows = ((SqlCall) as.operand(0)).getOperandList();
        this.name = ((SqlIdentifier) as.operand(1)).getSimple();
        this.columns = as.getOperandList().subList(2, as.operandCount()).stream()
                .map(column -> ((SqlIdentifier) column).getSimple())
                .toList();
        this.target = target;
        this.targetName = targetName;
    }

    /**
     * The key of each row.
     *
     * @param merge the call of MERGE_USING
     * @return null if the source is something else, or its rows do not decide the partition
     */
    static @Nullable List<KeyTuple> keys(SqlCall merge, CatalogTable target, Function<String, Value> evaluator) {
        PartitionedTable partitioned = target.partitioned();
        if (partitioned == null
                || !(merge.operand(2) instanceof SqlBasicCall as)
                || as.getKind() != SqlKind.AS
                || as.operandCount() < 3
                || as.operand(0).getKind() != SqlKind.VALUES) {
            return null;
        }
        SqlIdentifier alias = merge.operand(1);
        ValuesSource source = new ValuesSource(as, target, alias == null ? target.name() : alias.getSimple());
        List<Integer> places = new ArrayList<>();
        for (PartitionColumn key : partitioned.key()) {
            int place = source.pairedWith(key.name(), merge.operand(3));
            if (place < 0 || !source.isInserted(key.name(), place, merge.operand(4))) {
                return null;
            }
            places.add(place);
        }
        return source.keys(partitioned, places, evaluator);
    }

    /** The place of the column that ON says equals the target's; -1 if there is none. */
    private int pairedWith(String key, SqlNode on) {
        for (SqlNode part : Expressions.conjuncts(on)) {
            if (part.getKind() == SqlKind.EQUALS) {
                SqlNode left = ((SqlCall) part).operand(0);
                SqlNode right = ((SqlCall) part).operand(1);
                if (isTargets(left, key) && place(right) >= 0) {
                    return place(right);
                }
                if (isTargets(right, key) && place(left) >= 0) {
                    return place(left);
                }
            }
        }
        return -1;
    }

    /** True if every new row gets this column of the source as its key. */
    private boolean isInserted(String key, int place, SqlNodeList clauses) {
        for (SqlNode node : clauses) {
            SqlCall clause = (SqlCall) node;
            if (clause.getOperator() == StatementOperators.WHEN_INSERT) {
                SqlNodeList listed = clause.operand(1);
                List<String> names = listed == null ? target.columns() : QueryAnalyzer.names(listed);
                List<SqlNode> values = elements(clause.operand(2));
                int at = names.indexOf(key);
                if (at < 0 || at >= values.size() || place(values.get(at)) != place) {
                    return false;
                }
            }
        }
        return true;
    }

    private List<KeyTuple> keys(PartitionedTable table, List<Integer> places, Function<String, Value> evaluator) {
        List<KeyTuple> keys = new ArrayList<>();
        for (SqlNode row : rows) {
            List<SqlNode> values = elements(row);
            List<List<KeyOperand>> operands = new ArrayList<>();
            for (int place : places) {
                KeyOperand operand = place < values.size() ? Expressions.operand(values.get(place), evaluator) : null;
                if (operand == null) {
                    throw notSupported("column " + columns.get(place) + " of a row of the source of MERGE INTO "
                            + table.qualifiedName() + " decides the partition, but is an expression that the router"
                            + " does not compute; give it as a literal or a parameter");
                }
                operands.add(List.of(operand));
            }
            keys.add(new KeyTuple(table.key(), operands, true));
        }
        return keys;
    }

    private boolean isTargets(SqlNode expression, String column) {
        if (!(expression instanceof SqlIdentifier identifier) || identifier.isStar()) {
            return false;
        }
        List<String> names = identifier.names;
        return names.get(names.size() - 1).equals(column)
                && (names.size() == 1
                        ? !columns.contains(column)
                        : names.get(names.size() - 2).equals(targetName));
    }

    private int place(SqlNode expression) {
        if (!(expression instanceof SqlIdentifier identifier) || identifier.isStar()) {
            return -1;
        }
        List<String> names = identifier.names;
        String column = names.get(names.size() - 1);
        boolean own = names.size() == 1
                ? !target.columns().contains(column)
                : names.size() == 2 && names.get(0).equals(name);
        return own ? columns.indexOf(column) : -1;
    }

    private static List<SqlNode> elements(SqlNode row) {
        return row.getKind() == SqlKind.ROW ? ((SqlCall) row).getOperandList() : List.of(row);
    }
}
