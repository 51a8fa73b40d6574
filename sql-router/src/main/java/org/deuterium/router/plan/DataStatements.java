package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUpdate;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.deuterium.router.catalog.MovableRow;
import org.deuterium.router.catalog.PartitionSetSpec;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.StatementFacts;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.plan.rule.KeyTuple;
import org.deuterium.router.plan.rule.ReplicatedChange;
import org.deuterium.router.plan.rule.StatementAnalysis;
import org.deuterium.router.plan.rule.StatementContext;
import org.deuterium.router.plan.rule.TableUse;
import org.deuterium.sql.parser.StatementParseException;
import org.deuterium.sql.parser.StatementParser;
import org.deuterium.wire.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Plans one query or data change that H2 has accepted. */
final class DataStatements {

    private final CatalogDatabase catalog;
    private final CatalogSnapshot snapshot;
    private final String schema;
    private final StatementFacts facts;
    private boolean writes;

    DataStatements(CatalogDatabase catalog, String schema, StatementFacts facts) {
        this.catalog = catalog;
        this.snapshot = facts.snapshot();
        this.schema = schema;
        this.facts = facts;
    }

    RoutedPlan plan(String sql, List<SqlToken> tokens) {
        boolean insertsQuery = !facts.query()
                && tokens.get(0).isWord("INSERT")
                && !tokens.stream()
                        .anyMatch(token -> token.depth() == 0 && (token.isWord("VALUES") || token.isWord("SET")));
        if (!insertsQuery) {
            return planAsWritten(sql, tokens);
        }
        RoutedPlan plan;
        try {
            plan = planAsWritten(sql, tokens);
        } catch (StatementRefusedException e) {
            if (e.failure().error() != ErrorCode.NOT_SUPPORTED) {
                throw e;
            }
            Merge transfer = new TransferPlanner(catalog, schema).plan(sql, tokens, true);
            return new DataPlan(shape(false), sql, KeyRouting.home(), transfer, "", null);
        }
        boolean onlyOne = plan instanceof DataPlan data
                && data.merge() == null
                && data.routing() instanceof KeyRouting keys
                && !keys.isSingle();
        if (!onlyOne) {
            return plan;
        }
        DataPlan one = (DataPlan) plan;
        Merge transfer = new TransferPlanner(catalog, schema).plan(sql, tokens, false);
        return new DataPlan(one.shape().notBrief(), sql, one.routing(), transfer, "", one.drawn());
    }

    private RoutedPlan planAsWritten(String sql, List<SqlToken> tokens) {
        writes = facts.query() ? readsChange(tokens) : !facts.readOnly();
        if (facts.catalogOnly()) {
            return new CatalogPlan(shape(false), sql);
        }
        SqlNode tree = null;
        boolean spread = snapshot.mayTouchPartitioned(tokens);
        if (spread || snapshot.mayTouchReplicated(tokens)) {
            tree = spread || writes ? parsePartitioned(sql) : parseOrNull(sql);
        }
        if (tree != null) {
            StatementContext context =
                    new StatementContext(snapshot, schema, expression -> catalog.evaluate(schema, expression));
            StatementAnalysis analysis =
                    StatementAnalysis.of(tree, context, facts.parameters().size());
            if (!analysis.uses().isEmpty() || !analysis.storedKeys().isEmpty() || analysis.target() != null) {
                refuseMixedWithCopies(analysis);
                return partitioned(sql, tokens, tree, analysis);
            }
            ReplicatedChange change = analysis.replicatedChange();
            if (change != null && snapshot.sets().size() > 1) {
                Merge.Copies copies = ReplicatedChanges.plan(sql, change, snapshot.sets());
                catalog.prepare(schema, copies.pushed().sql());
                catalog.prepare(schema, copies.elsewhere());
                return new DataPlan(shape(isBrief(sql, tree)), sql, KeyRouting.home(), copies, "", null);
            }
            boolean plainRead = facts.query() && facts.readOnly() && !writes && !facts.locks();
            if (plainRead
                    && analysis.plainTables().isEmpty()
                    && !analysis.replicatedTables().isEmpty()) {
                return new DataPlan(shape(isBrief(sql, tree)), sql, new CopyRouting(snapshot.sets()), null, "", null);
            }
        }
        // Only plain tables and copies: the home partition's H2 runs it, whether or not the router understands it.
        return new DataPlan(shape(isBrief(sql, tree)), sql, KeyRouting.home(), null, "", null);
    }

    /** What would be right of one copy only, or wrong of all. */
    private void refuseMixedWithCopies(StatementAnalysis analysis) {
        ReplicatedChange change = analysis.replicatedChange();
        if (change != null) {
            throw notSupported("a change of REPLICATED table " + change.table().qualifiedName()
                    + " that reads partitioned tables is not supported yet: the home partition, which computes it, does not"
                    + " have their rows; read them first, then change the table with their values");
        }
        if (facts.locks() && !analysis.replicatedTables().isEmpty()) {
            throw notSupported("SELECT ... FOR UPDATE over partitioned and REPLICATED tables "
                    + analysis.replicatedTables()
                    + " is not supported: another partition would not see that the copy is"
                    + " locked; lock the rows of each table by a statement of its own");
        }
    }

    /**
     * True for a query over FINAL TABLE (INSERT ...) and the like, which H2 calls read-only. What it calls writing, drawing
     * from a sequence, is no change here: no transaction undoes it.
     */
    private static boolean readsChange(List<SqlToken> tokens) {
        for (int i = 2; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (tokens.get(i - 1).isSymbol('(')
                    && tokens.get(i - 2).isWord("TABLE")
                    && (token.isWord("INSERT")
                            || token.isWord("UPDATE")
                            || token.isWord("DELETE")
                            || token.isWord("MERGE"))) {
                return true;
            }
        }
        return false;
    }

    private StatementShape shape(boolean brief) {
        return new StatementShape(
                snapshot.version(), facts.query(), writes, facts.locks(), brief, facts.parameters(), facts.columns());
    }

    private boolean isBrief(String sql, @Nullable SqlNode tree) {
        try {
            return new BriefRule(snapshot, schema).isBrief(tree == null ? StatementParser.parse(sql) : tree);
        } catch (StatementParseException e) {
            return false;
        }
    }

    /** Null for syntax the router does not know: the home partition has a copy, and H2 knows it. */
    private static @Nullable SqlNode parseOrNull(String sql) {
        try {
            return StatementParser.parse(sql);
        } catch (StatementParseException e) {
            return null;
        }
    }

    private static SqlNode parsePartitioned(String sql) {
        try {
            return StatementParser.parse(sql);
        } catch (StatementParseException e) {
            throw notSupported("the router does not know this syntax of H2 yet, which it must for partitioned tables: "
                    + e.getMessage() + "; write it in another way, or keep the rows in a plain table");
        }
    }

    private DataPlan partitioned(String sql, List<SqlToken> tokens, SqlNode tree, StatementAnalysis analysis) {
        PartitionSetSpec set = commonSet(analysis);
        boolean changes = !facts.query();
        List<KeyTuple> keys = new ArrayList<>(analysis.storedKeys());
        List<TableUse> groups = new ArrayList<>();
        List<TableUse> unfixed = new ArrayList<>();
        boolean splitsSource = analysis.splitsSource() && analysis.uses().size() == 1;
        for (TableUse use : splitsSource ? List.<TableUse>of() : analysis.uses()) {
            if (groups.stream().anyMatch(use::isColocatedWith)) {
                continue;
            }
            groups.add(use);
            KeyTuple fixed = use.fixedKey();
            if (fixed == null) {
                unfixed.add(use);
            } else {
                keys.add(fixed);
            }
        }
        if (analysis.moving() != null) {
            return moved(sql, tokens, tree, analysis, groups, unfixed, keys);
        }
        refuseOverridden(tokens, analysis.target());
        DrawnKeys drawn = drawn(sql, tokens, analysis);
        Merge merge = changes
                ? changes(drawn == null ? new BoundSql(sql, null) : drawn.sql(), tokens, analysis, groups)
                : null;
        if (!unfixed.isEmpty() && merge == null) {
            refuseUnfixed(analysis, groups, unfixed, changes);
        }
        Routing routing = unfixed.isEmpty() ? KeyRouting.of(set.name(), keys) : KeyRouting.everywhere(set.name());
        boolean single = routing instanceof KeyRouting key && key.isSingle();
        merge = single ? null : merge;
        String refusal = severalRefusal(analysis, changes);
        if (!changes && !single && groups.size() == 1) {
            try {
                merge = new GatherPlanner(catalog, schema, sql, facts).plan(tree, analysis);
            } catch (StatementRefusedException e) {
                if (!unfixed.isEmpty()) {
                    throw e;
                }
                refusal = e.failure().message();
            }
        }
        boolean brief = (merge == null || merge instanceof Merge.Changes) && isBrief(sql, tree);
        return new DataPlan(shape(brief), sql, routing, merge, refusal, drawn);
    }

    /**
     * UPDATE of partition columns. If all rows are in one partition, before and after, it runs there as written; else they
     * move.
     */
    private DataPlan moved(
            String sql,
            List<SqlToken> tokens,
            SqlNode tree,
            StatementAnalysis analysis,
            List<TableUse> groups,
            List<TableUse> unfixed,
            List<KeyTuple> found) {
        SqlUpdate update = Objects.requireNonNull(analysis.moving());
        PartitionedTable target = Objects.requireNonNull(analysis.target());
        KeyTuple movedTo = analysis.movedTo();
        String set = target.set().name();
        Routing before = unfixed.isEmpty() ? KeyRouting.of(set, found) : KeyRouting.everywhere(set);
        Routing routing = KeyRouting.everywhere(set);
        if (unfixed.isEmpty() && movedTo != null) {
            List<KeyTuple> all = new ArrayList<>(found);
            all.add(movedTo);
            routing = KeyRouting.of(set, all);
        }
        MovableRow row = Objects.requireNonNull(snapshot.tables().get(target.qualifiedName()))
                .movable();
        Merge.Moves merge = null;
        if (row != null
                && groups.size() == 1
                && analysis.gatherObstacle() == null
                && !LimitedChange.countsRows(tokens)) {
            merge = MovePlanner.plan(sql, update, target, row, before);
            catalog.prepare(schema, merge.probe().sql());
            catalog.prepare(schema, merge.insert());
            catalog.prepare(schema, merge.update());
        }
        String refusal = "this UPDATE of partition columns of " + target.qualifiedName() + " (" + target.keyNames()
                + ") moves rows to other partitions, which is not supported for UPDATE with LIMIT, or that reads tables"
                + " that are not co-located; give the rows by a condition of their own; nothing was changed";
        return new DataPlan(shape(isBrief(sql, tree)), sql, routing, merge, refusal, null);
    }

    /** How several partitions make a change together: by its rows, or each the same text; null if they cannot. */
    private static @Nullable Merge changes(
            BoundSql text, List<SqlToken> tokens, StatementAnalysis analysis, List<TableUse> groups) {
        PartitionedTable target = analysis.target();
        if (!analysis.storedKeys().isEmpty()) {
            RowSplit split = target == null || !groups.isEmpty()
                    ? null
                    : RowSplit.of(text, target.set().name(), analysis.storedKeys(), analysis.splitsSource());
            return split == null ? null : new Merge.Changes(text, split, null);
        }
        if (groups.size() != 1 || analysis.gatherObstacle() != null) {
            return null;
        }
        return LimitedChange.countsRows(tokens)
                ? LimitedChange.of(text.sql(), tokens)
                : new Merge.Changes(text, null, null);
    }

    private static PartitionSetSpec commonSet(StatementAnalysis analysis) {
        TreeSet<String> tables = new TreeSet<>();
        TreeSet<String> sets = new TreeSet<>();
        List<PartitionedTable> all = new ArrayList<>();
        analysis.uses().forEach(use -> all.add(use.table()));
        if (analysis.target() != null) {
            all.add(analysis.target());
        }
        all.forEach(table -> tables.add(table.qualifiedName()));
        all.forEach(table -> sets.add(table.set().name()));
        if (!analysis.plainTables().isEmpty()) {
            throw notSupported("one statement over plain " + analysis.plainTables() + " and partitioned " + tables
                    + " is not supported yet, they live in different partitions; read them one after the other");
        }
        if (sets.size() > 1) {
            throw notSupported("one statement over tables of different sets of partitions " + sets + " (" + tables
                    + ") is not supported yet; read them one after the other, or create them with equal settings");
        }
        return all.get(0).set();
    }

    private static void refuseUnfixed(
            StatementAnalysis analysis, List<TableUse> groups, List<TableUse> unfixed, boolean changes) {
        TableUse first = unfixed.get(0);
        String key = first.table().qualifiedName() + " (" + first.table().keyNames() + ")";
        if (changes) {
            throw notSupported(
                    "this change of rows that may be in several partitions is not supported yet (it counts rows,"
                            + " or reads others than its partition has): fix the partition columns of " + key
                            + " with = in WHERE; nothing was changed");
        }
        if (groups.size() > 1 && analysis.gatherObstacle() != null) {
            throw notSupported(analysis.gatherObstacle() + " is not supported yet; fix the partition columns of " + key
                    + " with =");
        }
        if (groups.size() > 1) {
            TreeSet<String> names = new TreeSet<>();
            groups.forEach(use ->
                    names.add(use.table().qualifiedName() + " (" + use.table().keyNames() + ")"));
            String what = names.size() == 1
                    ? "a join or sub-query of " + key + " with itself"
                    : "a join or sub-query over tables that are not co-located " + names;
            throw notSupported(what + " is not supported yet; add = between their partition columns, or fix them all");
        }
        if (analysis.drawnColumn() != null) {
            throw new IllegalStateException("a query that draws keys: " + key);
        }
    }

    private static String severalRefusal(StatementAnalysis analysis, boolean changes) {
        PartitionedTable table =
                analysis.target() == null ? analysis.uses().get(0).table() : analysis.target();
        String key = table.qualifiedName() + " (" + table.keyNames() + ")";
        return changes
                ? "the rows of this statement are in several partitions by the partition columns of " + key
                        + ", which is not supported yet for this form; use INSERT ... VALUES, or send one statement for "
                        + "each key; nothing was changed"
                : "the keys of this statement are in several partitions, which is not supported yet for this query over "
                        + key + "; send one query for each key";
    }

    /** H2 would draw another value than the one the row was sent by. */
    private static void refuseOverridden(List<SqlToken> tokens, @Nullable PartitionedTable target) {
        for (int i = 0; i + 1 < tokens.size() && target != null; i++) {
            if (tokens.get(i).isWord("OVERRIDING") && tokens.get(i + 1).isWord("USER")) {
                for (PartitionColumn column : target.key()) {
                    if (column.sequence() != null) {
                        throw notSupported(
                                "OVERRIDING USER VALUE for " + target.qualifiedName() + ", whose partition column "
                                        + column.name() + " is drawn; leave the column and the clause out");
                    }
                }
            }
        }
    }

    private @Nullable DrawnKeys drawn(String sql, List<SqlToken> tokens, StatementAnalysis analysis) {
        PartitionColumn column = analysis.drawnColumn();
        PartitionedTable table = analysis.target();
        if (column == null || table == null || column.sequence() == null) {
            return null;
        }
        String sequence = column.sequence();
        boolean identity = sequence.equals(table.qualifiedName() + "." + column.name());
        BoundSql rewritten = new InsertRewrite(
                        sql,
                        tokens,
                        column.name(),
                        analysis.drawnPosition(),
                        identity,
                        facts.parameters().size())
                .rewrite();
        catalog.prepare(schema, rewritten.sql());
        return new DrawnKeys(sequence, analysis.drawnCount(), rewritten);
    }
}
