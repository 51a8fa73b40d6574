package org.deuterium.router.plan.rule;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDelete;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlInsert;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlUpdate;
import org.deuterium.router.catalog.CatalogTable;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.router.catalog.ReplicatedTable;
import org.deuterium.sql.parser.StatementOperators;
import org.jspecify.annotations.Nullable;

/** Analyses a statement of any kind; data changes are walked here, queries by {@link QueryAnalyzer}. */
final class ChangeAnalyzer {

    private final StatementContext context;
    private final Findings findings;
    private final StatementAnalysis analysis;
    private final QueryAnalyzer queries;
    private final StoredRows storedRows;

    ChangeAnalyzer(StatementContext context, Findings findings, StatementAnalysis analysis, int parameterCount) {
        this.context = context;
        this.findings = findings;
        this.analysis = analysis;
        this.queries = new QueryAnalyzer(context, findings);
        this.storedRows = new StoredRows(findings, analysis, queries, parameterCount);
    }

    void analyze(SqlNode statement) {
        if (statement instanceof SqlInsert insert) {
            insert(
                    (SqlIdentifier) insert.getTargetTable(),
                    insert.getTargetColumnList(),
                    insert.getSource(),
                    ReplicatedChange.Kind.INSERT);
        } else if (statement instanceof SqlUpdate update) {
            refuseKeyUpdateOfCopies(update);
            copies(update.getTargetTable(), ReplicatedChange.Kind.UPDATE);
            change((SqlIdentifier) update.getTargetTable(), update.getAlias(), update.getCondition(), update);
            move(update);
        } else if (statement instanceof SqlDelete delete) {
            copies(delete.getTargetTable(), ReplicatedChange.Kind.DELETE);
            change((SqlIdentifier) delete.getTargetTable(), delete.getAlias(), delete.getCondition(), null);
        } else if (statement instanceof SqlCall call && isOwn(call.getOperator())) {
            own(call);
        } else {
            queries.analyze(statement, null, new Island(null));
        }
    }

    private void copies(SqlNode target, ReplicatedChange.Kind kind) {
        CatalogTable table = table((SqlIdentifier) target);
        if (table.replicated() != null) {
            analysis.changesCopies(table.replicated(), kind);
        }
    }

    private static boolean isOwn(SqlOperator operator) {
        return operator == StatementOperators.FOR_UPDATE
                || operator == StatementOperators.MERGE_KEY
                || operator == StatementOperators.MERGE_USING;
    }

    private void own(SqlCall call) {
        if (call.getOperator() == StatementOperators.FOR_UPDATE) {
            queries.analyze(call.operand(0), null, new Island(null));
        } else if (call.getOperator() == StatementOperators.MERGE_KEY) {
            mergeByKey(call);
        } else {
            mergeUsing(call);
        }
    }

    private void insert(SqlIdentifier name, @Nullable SqlNodeList columns, SqlNode source, ReplicatedChange.Kind kind) {
        CatalogTable table = table(name);
        PartitionedTable target = table.partitioned();
        if (table.replicated() != null) {
            analysis.changesCopies(table.replicated(), kind);
            queries.analyze(source, null, new Island(null));
            return;
        }
        if (target == null) {
            findings.reads(table.qualifiedName());
            queries.analyze(source, null, new Island(null));
            return;
        }
        analysis.changes(target);
        storedRows.read(
                target, columns == null ? table.columns() : QueryAnalyzer.names(columns), columns != null, source);
    }

    private void change(
            SqlIdentifier name, @Nullable SqlIdentifier alias, @Nullable SqlNode where, @Nullable SqlUpdate set) {
        Island island = new Island(null);
        Scope scope = new Scope(null);
        scope.relations.add(target(name, alias, island));
        Conditions conditions = new Conditions(findings.evaluator());
        conditions.add(where, scope, island);
        conditions.learn();
        queries.condition(where, scope, island);
        if (set != null) {
            queries.subqueries(set.getSourceExpressionList(), scope, island);
        }
    }

    private Relation target(SqlIdentifier name, @Nullable SqlIdentifier alias, Island island) {
        CatalogTable table = table(name);
        if (table.partitioned() != null) {
            analysis.changes(table.partitioned());
        }
        Relation relation = new RelationReader(context, findings, queries).table(table, island);
        return alias == null ? relation : relation.withAlias(alias.getSimple());
    }

    private CatalogTable table(SqlIdentifier name) {
        List<String> names = name.names;
        String schema = names.size() == 1 ? context.schema() : names.get(names.size() - 2);
        CatalogTable table = context.snapshot().table(schema, names.get(names.size() - 1));
        if (table == null || table.viewSql() != null) {
            throw notSupported(schema + "." + names.get(names.size() - 1)
                    + " is no table whose rows can be changed; name the table itself");
        }
        return table;
    }

    private void refuseKeyUpdateOfCopies(SqlUpdate update) {
        ReplicatedTable copied = table((SqlIdentifier) update.getTargetTable()).replicated();
        if (copied != null) {
            refuseKeyUpdate(copied, QueryAnalyzer.names(update.getTargetColumnList()));
        }
    }

    /** Notes an UPDATE of partition columns, and the one key that all its rows get, if there is one. */
    private void move(SqlUpdate update) {
        PartitionedTable target = table((SqlIdentifier) update.getTargetTable()).partitioned();
        List<String> names = QueryAnalyzer.names(update.getTargetColumnList());
        if (target == null || target.key().stream().noneMatch(column -> names.contains(column.name()))) {
            return;
        }
        KeyTuple before = findings.all().get(0).fixedKey();
        List<List<KeyOperand>> after = new ArrayList<>();
        for (int i = 0; i < target.key().size(); i++) {
            int set = names.indexOf(target.key().get(i).name());
            KeyOperand to = set < 0
                    ? null
                    : Expressions.operand(update.getSourceExpressionList().get(set), findings.evaluator());
            if (to != null) {
                after.add(List.of(to));
            } else if (set < 0 && before != null) {
                after.add(before.alternatives().get(i));
            }
        }
        boolean known = after.size() == target.key().size();
        analysis.moves(update, known ? new KeyTuple(target.key(), after, true) : null);
    }

    private static void refuseKeyUpdate(CatalogTable changed, SqlNodeList columns) {
        if (changed.replicated() != null) {
            refuseKeyUpdate(changed.replicated(), QueryAnalyzer.names(columns));
        }
        PartitionedTable table = changed.partitioned();
        if (table == null) {
            return;
        }
        for (String column : QueryAnalyzer.names(columns)) {
            if (table.keyPosition(column) >= 0) {
                throw notSupported(
                        "UPDATE of partition column " + column + " of " + table.qualifiedName()
                                + " by MERGE is not supported: the row would move to another partition; UPDATE it by a statement of its own");
            }
        }
    }

    private static void refuseKeyUpdate(ReplicatedTable table, List<String> columns) {
        for (ReplicatedTable.StoredColumn column : table.columns()) {
            if (column.key() && columns.contains(column.name())) {
                throw notSupported("UPDATE of primary key column " + column.name() + " of REPLICATED table "
                        + table.qualifiedName() + " is not supported: its copies find a row by it; DELETE the row and"
                        + " INSERT it with the new value");
            }
        }
    }

    private void mergeByKey(SqlCall merge) {
        SqlIdentifier name = merge.operand(0);
        CatalogTable table = table(name);
        PartitionedTable target = table.partitioned();
        SqlNodeList keys = merge.operand(2);
        if (target != null && keys != null) {
            List<String> names = QueryAnalyzer.names(keys);
            for (PartitionColumn column : target.key()) {
                if (!names.contains(column.name())) {
                    throw notSupported("MERGE INTO " + target.qualifiedName() + " KEY " + names
                            + " must name its partition columns (" + target.keyNames() + "): the row it looks for may "
                            + "be in any partition otherwise");
                }
            }
        }
        insert(name, merge.operand(1), merge.operand(3), ReplicatedChange.Kind.MERGE);
        if (analysis.drawnColumn() != null) {
            throw notSupported("MERGE INTO " + name + " must give its partition column a value");
        }
    }

    /**
     * True if a new row goes to the partition where the source's row is that it is made of: its key is the key of one of the
     * source's tables.
     */
    private boolean isBesideSource(
            PartitionedTable target, List<String> names, SqlNode row, Scope scope, Island source) {
        List<SqlNode> values = row.getKind() == SqlKind.ROW ? ((SqlCall) row).getOperandList() : List.of(row);
        // The first use is the target's own, whose columns are NULL where nothing matches.
        return findings.all().stream()
                .skip(1)
                .filter(use -> use.table().set().equals(target.set())
                        && use.table().key().size() == target.key().size())
                .anyMatch(use -> {
                    for (int i = 0; i < target.key().size(); i++) {
                        int position = names.indexOf(target.key().get(i).name());
                        KeyColumn from = position < 0 || position >= values.size()
                                ? null
                                : scope.keyColumn(values.get(position));
                        if (from == null || from != use.key(i) || !isStoredAsIs(from, target, i, source)) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    /** False if the value can be NULL where the source's table has no row, or is rounded when it is stored. */
    private static boolean isStoredAsIs(KeyColumn from, PartitionedTable target, int position, Island source) {
        PartitionColumn to = target.key().get(position);
        return !from.home.isNullableIn(source)
                && from.column.hashType() == to.hashType()
                && from.column.type().getScale() == to.type().getScale();
    }

    private void mergeUsing(SqlCall merge) {
        Island island = new Island(null);
        // Rows of the source that match nothing are inserted: what ON says of the source alone must not narrow it.
        Island matched = new Island(island);
        Scope scope = new Scope(null);
        SqlIdentifier name = merge.operand(0);
        Relation target = target(name, merge.operand(1), matched);
        Conditions conditions = new Conditions(findings.evaluator());
        queries.from(merge.operand(2), scope, island, conditions);
        scope.relations.add(target);
        conditions.add(merge.operand(3), scope, matched);
        conditions.learn();
        queries.condition(merge.operand(3), scope, island);
        CatalogTable table = table(name);
        copies(name, ReplicatedChange.Kind.MERGE);
        List<KeyTuple> rows = ValuesSource.keys(merge, table, findings.evaluator());
        if (rows != null) {
            analysis.splitsSource(rows);
        }
        for (SqlNode node : (SqlNodeList) merge.operand(4)) {
            SqlCall clause = (SqlCall) node;
            queries.subqueries(clause.operand(0), scope, island);
            if (clause.getOperator() == StatementOperators.WHEN_DELETE && table.replicated() != null) {
                throw notSupported("MERGE ... WHEN MATCHED THEN DELETE of REPLICATED table " + table.qualifiedName()
                        + " is not supported; DELETE the rows by a statement of its own");
            }
            if (clause.getOperator() == StatementOperators.WHEN_UPDATE) {
                refuseKeyUpdate(table, clause.operand(1));
                queries.subqueries(clause.operand(2), scope, island);
            } else if (clause.getOperator() == StatementOperators.WHEN_INSERT
                    && table.partitioned() != null
                    && rows == null) {
                SqlNodeList columns = clause.operand(1);
                List<String> names = columns == null ? table.columns() : QueryAnalyzer.names(columns);
                if (!isBesideSource(table.partitioned(), names, clause.operand(2), scope, island)) {
                    storedRows.readRow(table.partitioned(), names, clause.operand(2), scope);
                }
            }
        }
    }
}
