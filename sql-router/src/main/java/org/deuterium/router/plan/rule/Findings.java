package org.deuterium.router.plan.rule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** What the analysis of one statement collects. */
final class Findings {

    private final Function<String, Value> evaluator;
    private final Map<TableUse, Island> uses = new IdentityHashMap<>();
    private final List<TableUse> inOrder = new ArrayList<>();
    private final Set<String> plainTables = new TreeSet<>();
    private final Set<String> replicatedTables = new TreeSet<>();
    private final Set<Island> limited = new HashSet<>();
    private final Set<Island> unspread = new HashSet<>();
    private @Nullable String gatherObstacle;
    private boolean groupsLocal;
    private boolean distinctLocal;

    Findings(Function<String, Value> evaluator) {
        this.evaluator = evaluator;
    }

    Function<String, Value> evaluator() {
        return evaluator;
    }

    void uses(TableUse use, Island island) {
        uses.put(use, island);
        inOrder.add(use);
    }

    void reads(String plainTable) {
        plainTables.add(plainTable);
    }

    /** Whatever partition the statement goes to has all its rows. */
    void readsCopy(String replicatedTable) {
        replicatedTables.add(replicatedTable);
    }

    /** The island's rows depend on which others there are (LIMIT): no condition may be moved into it. */
    void limited(Island island) {
        limited.add(island);
    }

    boolean isLimited(Island island) {
        return limited.contains(island);
    }

    /** The rows of the SELECT of this island come from no partitioned table, but a sub-query in it reads one. */
    void unspread(Island island) {
        unspread.add(island);
    }

    boolean isUnspread(Island island) {
        return unspread.contains(island);
    }

    /** Something that gives a wrong answer when several partitions run it, each for itself. */
    void gatherBlocked(String obstacle) {
        if (gatherObstacle == null) {
            gatherObstacle = obstacle;
        }
    }

    boolean hasUses(Island island) {
        return !usesIn(island).isEmpty();
    }

    /** The uses of tables in this island and those inside it. */
    List<TableUse> usesIn(Island island) {
        return inOrder.stream().filter(use -> isWithin(use, island)).toList();
    }

    private boolean isWithin(TableUse use, Island island) {
        Island home = uses.get(use);
        return home != null && home.isWithin(island);
    }

    List<TableUse> all() {
        return inOrder;
    }

    Set<String> plainTables() {
        return plainTables;
    }

    Set<String> replicatedTables() {
        return replicatedTables;
    }

    /** What holds of the outermost SELECT: no group, or no distinct row, has rows of two partitions. */
    void outermost(boolean groups, boolean distinct) {
        groupsLocal = groups;
        distinctLocal = distinct;
    }

    boolean groupsLocal() {
        return groupsLocal;
    }

    boolean distinctLocal() {
        return distinctLocal;
    }

    @Nullable
    String gatherObstacle() {
        return gatherObstacle;
    }
}
