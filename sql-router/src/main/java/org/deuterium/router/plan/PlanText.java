package org.deuterium.router.plan;

import java.util.ArrayList;
import java.util.List;

/** Tells a plan in lines of text, for EXPLAIN and for tests. */
final class PlanText {

    private PlanText() {}

    static List<String> lines(RoutedPlan plan) {
        List<String> lines = new ArrayList<>();
        switch (plan.kind()) {
            case ONE_PARTITION, GATHER -> data((DataPlan) plan, lines);
            case CATALOG -> lines.add("answered by the router's catalog");
            case SCHEMA_CHANGE -> change((SchemaChangePlan) plan, lines);
            case TRANSACTION -> lines.add("transaction: " + ((TransactionPlan) plan).action());
            case SESSION -> {
                SessionPlan session = (SessionPlan) plan;
                lines.add("session: " + session.property() + " = " + session.value());
            }
            case SHOW -> lines.add("show: " + ((ShowPlan) plan).subject());
            case CLUSTER_CHANGE -> cluster((ClusterChangePlan) plan, lines);
            case KILL -> lines.add("kill transaction " + ((KillPlan) plan).transaction());
            case EXPLAIN -> lines.addAll(((ExplainPlan) plan).lines());
        }
        return lines;
    }

    private static void data(DataPlan plan, List<String> lines) {
        lines.add((plan.merge() == null ? "one partition: " : "partitions: ")
                + plan.routing()
                + (plan.shape().brief() ? ", brief" : ""));
        if (plan.drawn() != null) {
            lines.add("draws " + plan.drawn().count() + " of " + plan.drawn().sequence() + ": "
                    + plan.drawn().sql());
        }
        Merge merge = plan.merge();
        if (merge == null) {
            return;
        }
        if (merge instanceof Merge.Changes changes) {
            if (changes.limit() != null) {
                lines.add(
                        "one after another in one transaction, " + changes.limit() + " rows in all: " + merge.pushed());
                return;
            }
            lines.add(
                    changes.rows() == null
                            ? "each in one transaction: " + merge.pushed()
                            : "its rows to each in one transaction: " + merge.pushed());
            return;
        }
        if (merge instanceof Merge.Copies copies) {
            lines.add("home, in one transaction with all others: "
                    + copies.pushed().toString().replace("\n", ""));
            lines.add("its rows to each of " + copies.sets() + ": " + copies.elsewhere());
            return;
        }
        if (merge instanceof Merge.Transfer transfer) {
            lines.add(transfer.always() ? "through the router, from:" : "through the router if it is not one, from:");
            lines(transfer.read()).forEach(line -> lines.add("  " + line));
            lines.add("to:");
            lines(transfer.insert()).forEach(line -> lines.add("  " + line));
            return;
        }
        if (merge instanceof Merge.Moves moves) {
            lines.add("as written if it is one, else rows from: " + moves.found());
            lines.add("each locks: " + moves.probe());
            lines.add("stays: " + moves.update());
            lines.add("moves: " + moves.delete() + ", then to " + moves.stored() + ": " + moves.insert());
            return;
        }
        lines.add("each: " + merge.pushed());
        if (merge instanceof Merge.Concatenation concatenation) {
            lines.add("concatenate" + limit(concatenation.limit()));
        } else if (merge instanceof Merge.OrderedMerge ordered) {
            lines.add("merge by " + SortKeys.text(ordered.keys()) + ", show " + ordered.visibleColumns() + " columns"
                    + limit(ordered.limit()));
        } else if (merge instanceof Merge.Combination combination) {
            lines.add("combine: " + combination.combine());
        }
    }

    private static String limit(RowLimit limit) {
        return (limit.offset() == null ? "" : ", offset " + limit.offset())
                + (limit.fetch() == null ? "" : ", fetch " + limit.fetch());
    }

    private static void cluster(ClusterChangePlan plan, List<String> lines) {
        lines.add("cluster change: " + plan.change());
        if (!plan.tables().isEmpty()) {
            lines.add("concerns " + String.join(", ", plan.tables()));
        }
    }

    private static void change(SchemaChangePlan plan, List<String> lines) {
        lines.add("schema change: " + plan.partitionSql());
        if (plan.newSet() != null) {
            lines.add("in partition set " + plan.newSet().spec().name());
        }
    }
}
