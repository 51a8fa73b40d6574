package org.deuterium.router.plan.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUpdate;
import org.deuterium.router.catalog.PartitionedTable;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.router.catalog.ReplicatedTable;
import org.jspecify.annotations.Nullable;

/** What is known of the partitions one statement needs. */
public final class StatementAnalysis {

    private final Findings findings;
    private final List<KeyTuple> storedKeys = new ArrayList<>();
    private @Nullable PartitionedTable target;
    private @Nullable ReplicatedChange replicatedChange;
    private @Nullable PartitionColumn drawnColumn;
    private int drawnPosition = -1;
    private int drawnCount;
    private boolean splitsSource;
    private @Nullable SqlUpdate moving;
    private @Nullable KeyTuple movedTo;

    StatementAnalysis(Findings findings) {
        this.findings = findings;
    }

    /**
     * Analyses a statement.
     *
     * @throws org.deuterium.router.catalog.StatementRefusedException if it can never be routed
     */
    public static StatementAnalysis of(SqlNode statement, StatementContext context, int parameterCount) {
        Findings findings = new Findings(context.evaluator());
        StatementAnalysis analysis = new StatementAnalysis(findings);
        new ChangeAnalyzer(context, findings, analysis, parameterCount).analyze(statement);
        return analysis;
    }

    /** Every place where a partitioned table is read or changed; the rows an INSERT stores are in storedKeys. */
    public List<TableUse> uses() {
        return findings.all();
    }

    /** The plain tables and INFORMATION_SCHEMA's that are read or changed. */
    public Set<String> plainTables() {
        return findings.plainTables();
    }

    /** The REPLICATED tables that are read. */
    public Set<String> replicatedTables() {
        return findings.replicatedTables();
    }

    /** What a statement does to a REPLICATED table; null for queries and for all other targets. */
    public @Nullable ReplicatedChange replicatedChange() {
        return replicatedChange;
    }

    /** The keys of the rows an INSERT or MERGE stores. */
    public List<KeyTuple> storedKeys() {
        return storedKeys;
    }

    /** The partitioned table a statement changes; null for queries and for plain targets. */
    public @Nullable PartitionedTable target() {
        return target;
    }

    /** The partition column whose values the router must draw from its sequence; null in most statements. */
    public @Nullable PartitionColumn drawnColumn() {
        return drawnColumn;
    }

    /** Where the drawn column stands in the INSERT's rows, from 0; -1 if the INSERT leaves it out. */
    public int drawnPosition() {
        return drawnPosition;
    }

    /** How many values must be drawn: they count as parameters behind the client's. */
    public int drawnCount() {
        return drawnCount;
    }

    /** True if {@link #storedKeys} are those of the rows in the VALUES of a MERGE's source, which decide the partition. */
    public boolean splitsSource() {
        return splitsSource;
    }

    /** The UPDATE, if it sets partition columns: its rows may have to leave their partitions. */
    public @Nullable SqlUpdate moving() {
        return moving;
    }

    /** The key that all rows of {@link #moving} get; null if it is not the same for all, or not known. */
    public @Nullable KeyTuple movedTo() {
        return movedTo;
    }

    /** What gives a wrong answer when several partitions run the statement, each for itself; null if nothing does. */
    public @Nullable String gatherObstacle() {
        return findings.gatherObstacle();
    }

    /** True if the outermost SELECT groups by whole partition keys: no group has rows of two partitions. */
    public boolean groupsLocal() {
        return findings.groupsLocal();
    }

    /** True if the outermost SELECT's list has whole partition keys: no two partitions give equal rows. */
    public boolean distinctLocal() {
        return findings.distinctLocal();
    }

    void changes(PartitionedTable table) {
        target = table;
    }

    void changesCopies(ReplicatedTable table, ReplicatedChange.Kind kind) {
        replicatedChange = new ReplicatedChange(table, kind);
    }

    void splitsSource(List<KeyTuple> rows) {
        splitsSource = true;
        storedKeys.addAll(rows);
    }

    void moves(SqlUpdate update, @Nullable KeyTuple key) {
        moving = update;
        movedTo = key;
    }

    void stores(KeyTuple key) {
        storedKeys.add(key);
    }

    void draws(PartitionColumn column, int position) {
        drawnColumn = column;
        drawnPosition = position;
        drawnCount++;
    }
}
